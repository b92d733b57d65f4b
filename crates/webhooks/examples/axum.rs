//! A receiver in axum: `cargo run -p upvest-webhooks --features axum --example axum`.
//!
//! It fetches the keys from the API, as the client that the environment describes
//! (`upvest::Client::from_env`), and listens on port 8080. TLS is for whatever stands in front of it.

mod limits;

use std::error::Error;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use upvest_models::WebhookEvent;
use upvest_webhooks::{DeliveryVerifier, Event, FetchedKeys, Receiver};

/// What takes time, after the delivery was acknowledged. In production the queue is a table, which
/// outlives the process.
async fn work(mut queue: mpsc::Receiver<Event>) {
    while let Some(event) = queue.recv().await {
        match event.content() {
            Ok(WebhookEvent::CashBalance(event)) => {
                let balance = &event.object;
                println!("{} {}", balance.balance, balance.currency);
            }
            Ok(other) => println!("nothing to do for {}", other.event_type()),
            Err(malformed) => eprintln!("{malformed}: {}", event.raw()),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = upvest::Client::from_env()?;
    let keys = FetchedKeys::new(move || {
        let client = client.clone();
        async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
    });

    let (sender, queue) = mpsc::channel(1000);
    tokio::spawn(work(queue));
    let receiver = Receiver::new(DeliveryVerifier::new(keys), move |event| {
        let sender = sender.clone();
        // A full queue must not keep Upvest waiting: the event is sent again.
        async move { Ok(sender.try_send(event)?) }
    })
    .observe(|report| eprintln!("{report}"));

    let app = axum::Router::new().nest("/hooks", receiver.router("/upvest"));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on {}/hooks/upvest", listener.local_addr()?);
    Ok(limits::serve(listener, app).await?)
}
