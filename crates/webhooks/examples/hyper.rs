//! A receiver on plain hyper: `cargo run -p upvest-webhooks --example hyper`.
//!
//! It reads the keys from the file that `UPVEST_WEBHOOK_KEYS` names, a JSON Web Key Set, and listens on
//! port 8080. TLS is for whatever stands in front of it.

mod limits;

use std::error::Error;

use tokio::net::TcpListener;
use upvest_models::WebhookEvent;
use upvest_webhooks::{DeliveryVerifier, Event, HandlerError, Receiver, StaticKeys};

async fn handle(event: Event) -> Result<(), HandlerError> {
    match event.content() {
        Ok(WebhookEvent::CashBalance(event)) => {
            let balance = &event.object;
            println!("{} {}", balance.balance, balance.currency);
        }
        Ok(other) => println!("nothing to do for {}", other.event_type()),
        Err(malformed) => eprintln!("{malformed}: {}", event.raw()),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::var("UPVEST_WEBHOOK_KEYS")
        .map_err(|_| "set UPVEST_WEBHOOK_KEYS to a file with a JSON Web Key Set")?;
    let keys = StaticKeys::from_json(&std::fs::read_to_string(file)?)?;
    let receiver =
        Receiver::new(DeliveryVerifier::new(keys), handle).observe(|report| eprintln!("{report}"));

    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(limits::serve(listener, receiver).await?)
}
