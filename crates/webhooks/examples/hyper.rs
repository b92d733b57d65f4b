//! A receiver on plain hyper: `cargo run -p upvest-webhooks --example hyper`.
//!
//! It reads the keys from the file that `UPVEST_WEBHOOK_KEYS` names, a JSON Web Key Set, and listens on
//! port 8080. TLS is for whatever stands in front of it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use upvest_models::WebhookEvent;
use upvest_webhooks::{Event, HandlerError, Receiver, StaticKeys, Verifier};

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
        Receiver::new(Verifier::new(keys), handle).observe(|report| eprintln!("{report}"));

    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on {}", listener.local_addr()?);
    // Limits: 64 connections at a time, and heads of 16 KiB that take no longer than 10 seconds. The
    // receiver limits bodies.
    let connections = Arc::new(Semaphore::new(64));
    loop {
        let permit = Arc::clone(&connections).acquire_owned().await?;
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(receiver.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(10))
                .max_buf_size(16 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            let _ = connection.await;
        });
    }
}
