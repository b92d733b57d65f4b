//! Cash balances that stay true, whatever happens on the way.
//!
//! ```sh
//! cargo run -p upvest-inbox --features axum --example cash_mirror
//! ```
//!
//! A sandbox stands for Upvest and moves money. A receiver stores its deliveries in SQLite, two workers
//! keep a mirror of the balances. Deliveries come twice, late and in the wrong order, the subscription is
//! disabled for a while, and the receiving process "restarts": everything but the file is thrown away.
//! After each step a table shows mirror and truth side by side.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use upvest::Client;
use upvest::models::{
    CashBalanceEvent, CreateWebhookRequest, Currency, UpdateWebhookRequest, Uuid, WebhookConfig,
    WebhookEventKind, WebhookId, decimal,
};
use upvest_inbox::sqlx::Sqlite;
use upvest_inbox::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use upvest_inbox::webhooks::{FetchedKeys, Verifier};
use upvest_inbox::{BalanceMirror, BalanceSource, BoxError, Inbox, Snapshot};
use upvest_sandbox::{DeliveryFault, Sandbox};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let sandbox = Sandbox::builder()
        .webhook_pauses(|_| Duration::from_millis(20))
        .start()
        .await?;
    let client = upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .build()?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("inbox.db");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();

    let process = Process::start(&client, &file, listener).await?;
    let webhook = subscribe(&client, format!("http://{address}/hooks/upvest")).await?;
    println!("{:<34} {:>3} {:>10} {:>10}", "", "", "mirror", "truth");

    set(&sandbox, Currency::Eur, "250.00")?;
    set(&sandbox, Currency::Gbp, "75.50")?;
    process.show("money moves", &sandbox).await?;

    sandbox.fail_delivery(DeliveryFault::duplicated());
    set(&sandbox, Currency::Eur, "260.10")?;
    process.show("a delivery comes twice", &sandbox).await?;

    sandbox.fail_delivery(DeliveryFault::reordered());
    set(&sandbox, Currency::Gbp, "80.00")?;
    set(&sandbox, Currency::Gbp, "90.25")?;
    process
        .show("deliveries overtake each other", &sandbox)
        .await?;

    process.kill().await;
    set(&sandbox, Currency::Eur, "270.00")?;
    let listener = TcpListener::bind(&address).await?;
    let process = Process::start(&client, &file, listener).await?;
    process.show("the process was away", &sandbox).await?;

    enable(&client, webhook, false).await?;
    set(&sandbox, Currency::Eur, "999.99")?;
    process
        .show("the subscription was disabled", &sandbox)
        .await?;

    enable(&client, webhook, true).await?;
    heal(&process.mirror, &source(&client)).await?;
    let is_equal = process
        .show("enabled again, and reconciled", &sandbox)
        .await?;
    process.kill().await;
    if !is_equal {
        return Err("the mirror does not show the truth".into());
    }
    println!("equal");
    Ok(())
}

/// What receives and works.
struct Process {
    inbox: Inbox<Sqlite>,
    mirror: BalanceMirror<Sqlite>,
    tasks: Vec<JoinHandle<()>>,
}

impl Process {
    async fn start(client: &Client, file: &Path, listener: TcpListener) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let inbox = Inbox::new(SqlitePoolOptions::new().connect_with(options).await?);
        inbox.migrate().await?;

        let keys = client.clone();
        let keys = FetchedKeys::new(move || {
            let client = keys.clone();
            async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
        });
        let app: axum::Router = inbox.receiver(Verifier::new(keys)).router("/hooks/upvest");
        let receiving =
            tokio::spawn(async { axum::serve(listener, app).await.expect("it serves") });

        let mirror = inbox.balances();
        let balances = mirror.clone();
        let handlers = inbox
            .handlers()
            .on::<CashBalanceEvent>(move |event, _, transaction| {
                let (balances, event) = (balances.clone(), event.clone());
                Box::pin(async move {
                    balances.apply(transaction, &event).await?;
                    Ok(())
                })
            });
        let workers = inbox.worker_with(handlers).concurrency(2);
        let working = tokio::spawn(async {
            workers.run(std::future::pending()).await;
        });
        Ok(Self {
            inbox,
            mirror,
            tasks: vec![receiving, working],
        })
    }

    /// Ends it wherever it is.
    async fn kill(self) {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        self.inbox.pool().close().await;
    }

    /// Waits until everything is worked off, and returns whether the mirror shows the truth.
    async fn show(&self, what: &str, sandbox: &Sandbox) -> Result<bool> {
        sandbox.deliveries_done().await;
        while self.inbox.stats().await?.depth > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut is_equal = true;
        for truth in sandbox.balances(sandbox.account_group_id()) {
            let group = truth.account_group_id.into();
            let shown = self.mirror.get(group, &truth.currency).await?;
            let shown = shown.map(|shown| shown.balance.balance);
            is_equal &= shown == Some(truth.balance);
            let shown = shown.map_or("-".to_owned(), |shown| shown.to_string());
            let truth_is = truth.balance.to_string();
            println!(
                "{what:<34} {:>3} {shown:>10} {truth_is:>10}",
                truth.currency.as_str()
            );
        }
        Ok(is_equal)
    }
}

/// Asks the API for balances.
fn source(client: &Client) -> impl BalanceSource + use<> {
    let client = client.clone();
    move |group: Uuid| {
        let client = client.clone();
        async move {
            let sent = Instant::now();
            let answer = client.list_cash_balances(group).await?;
            let date = answer.date().ok_or("the answer has no date")?;
            let balances = answer.into_inner().data;
            Ok::<_, BoxError>(Snapshot::new(balances, date, sent.elapsed()))
        }
    }
}

/// Asks for all balances. What has changed within the last few seconds is in doubt at first, and asked for
/// again. In a program that runs on, `BalanceMirror::keep` does that.
async fn heal(mirror: &BalanceMirror<Sqlite>, source: &impl BalanceSource) -> Result<()> {
    let mut report = mirror.reconcile(source, 10).await?;
    while report.asked > 0 {
        for healed in &report.healed {
            println!("healed: {:?}", healed.reason);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        report = mirror.settle_doubts(source, 10).await?;
    }
    Ok(())
}

/// What happens at Upvest.
fn set(sandbox: &Sandbox, currency: Currency, amount: &str) -> Result<()> {
    let amount = decimal::parse(amount)?;
    let before = sandbox
        .balance(sandbox.account_group_id())
        .ok_or("the account group is there")?;
    let balance = before.currency(currency).balance(amount);
    sandbox.set_balance(
        balance
            .available_for_trading(amount)
            .available_for_withdrawal(amount),
    );
    Ok(())
}

async fn subscribe(client: &Client, url: String) -> Result<WebhookId> {
    // A delivery for each event, so that there are two that can overtake each other.
    let alone = WebhookConfig::new().max_package_size(100);
    let request = CreateWebhookRequest::new("Cash balances", url)
        .type_([WebhookEventKind::CashBalance])
        .config(alone);
    let webhook = client.create_webhook(request).await?;
    enable(client, webhook.id, true).await?;
    Ok(webhook.id)
}

async fn enable(client: &Client, webhook: WebhookId, enabled: bool) -> Result<()> {
    let change = UpdateWebhookRequest::new().enabled(enabled);
    client.update_webhook(webhook, change).await?;
    Ok(())
}
