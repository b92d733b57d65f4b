use std::time::{Duration, Instant};
use upvest_inbox::models::{CashBalanceEvent, Uuid};
use upvest_inbox::sqlx::SqlitePool;
use upvest_inbox::webhooks::{DeliveryVerifier, FetchedKeys};
use upvest_inbox::{BoxError, Inbox, Snapshot};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let client = upvest::Client::from_env()?;
    let inbox = Inbox::new(SqlitePool::connect("sqlite://inbox.db?mode=rwc").await?);
    inbox.migrate().await?;
    let (keys, api) = (client.clone(), client);
    let keys = FetchedKeys::new(move || {
        let client = keys.clone();
        async move { Ok(client.retrieve_webhook_keys().await?.into_inner()) }
    });
    let app: axum::Router = inbox.receiver(DeliveryVerifier::new(keys)).router("/hooks/upvest");
    let listener = tokio::net::TcpListener::bind(std::env::var("LISTEN")?).await?;
    tokio::spawn(async { axum::serve(listener, app).await });

    let balances = inbox.balances();
    let handlers = inbox.handlers().on::<CashBalanceEvent>(move |event, _, transaction| {
        let (balances, event) = (balances.clone(), event.clone());
        Box::pin(async move { Ok(balances.apply(transaction, &event).await.map(drop)?) })
    });
    tokio::spawn(inbox.worker_with(handlers).run(std::future::pending()));

    let source = |group: Uuid| {
        let (sent, call) = (Instant::now(), api.list_cash_balances(group));
        async move {
            let answer = call.await?;
            let date = answer.date().ok_or("the answer has no date")?;
            Ok::<_, BoxError>(Snapshot::new(answer.into_inner().data, date, sent.elapsed()))
        }
    };
    let hour = Duration::from_secs(60 * 60);
    let tell = |report: upvest_inbox::Reconciled| println!("{:?}", report.corrections);
    inbox.balances().keep(&source, hour, 5, tell, std::future::pending()).await;
    Ok(())
}
