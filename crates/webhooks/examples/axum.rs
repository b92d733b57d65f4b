//! A receiver in axum: `cargo run -p upvest-webhooks --features axum --example axum`.
//!
//! It fetches the keys from the API, as the client that the environment describes
//! (`upvest::Client::from_env`), and listens on port 8080. TLS is for whatever stands in front of it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use upvest_models::WebhookEvent;
use upvest_webhooks::{Event, FetchedKeys, Receiver, Verifier};

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
    let receiver = Receiver::new(Verifier::new(keys), move |event| {
        let sender = sender.clone();
        // A full queue is no reason to keep Upvest waiting: the event comes again.
        async move { Ok(sender.try_send(event)?) }
    })
    .observe(|report| eprintln!("{report}"));

    let app = axum::Router::new().nest("/hooks", receiver.router("/upvest"));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on {}/hooks/upvest", listener.local_addr()?);
    serve(listener, app).await
}

/// Serves with limits, which `axum::serve` has none of: 64 connections at a time, and heads of 16 KiB
/// that take no longer than 10 seconds. The receiver limits bodies.
async fn serve(listener: TcpListener, app: axum::Router) -> Result<(), Box<dyn Error>> {
    let connections = Arc::new(Semaphore::new(64));
    loop {
        let permit = Arc::clone(&connections).acquire_owned().await?;
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(app.clone());
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
