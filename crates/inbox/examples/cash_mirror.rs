//! Cash balances that stay true, whatever happens on the way.
//!
//! ```sh
//! cargo run -p upvest-inbox --features axum --example cash_mirror
//! ```
//!
//! A sandbox stands for Upvest and moves money. A separate process (this program once more, see
//! `process`) receives what is delivered, stores it in SQLite, and keeps a mirror of the balances by two
//! workers. Deliveries come twice and overtake each other, the process is killed and started again, and the
//! subscription is disabled for a while. Whenever something changes, a table shows mirror and truth side by
//! side, until both are equal at the end.

use std::error::Error;
use std::time::Duration;

use upvest::Client;
use upvest::models::{
    CreateWebhookRequest, Currency, UpdateWebhookRequest, WebhookConfig, WebhookEventKind,
    WebhookId, decimal,
};
use upvest_sandbox::{DeliveryFault, Sandbox};

use process::Process;
use table::Table;

#[path = "cash_mirror/process.rs"]
mod process;
#[path = "cash_mirror/table.rs"]
mod table;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    match process::database() {
        Some(file) => process::run(&file).await,
        None => show().await,
    }
}

async fn show() -> Result<()> {
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

    let mut process = Process::start(&sandbox, &file).await?;
    let webhook = subscribe(&client, process.url()).await?;
    let mut table = Table::open(&file, &sandbox).await?;

    table.title("money moves");
    set(&sandbox, Currency::Eur, "250.00")?;
    set(&sandbox, Currency::Gbp, "75.50")?;
    table.until_equal().await?;

    table.title("a delivery comes twice");
    sandbox.fail_delivery(DeliveryFault::duplicated());
    set(&sandbox, Currency::Eur, "260.10")?;
    table.until_equal().await?;

    table.title("deliveries overtake each other");
    sandbox.fail_delivery(DeliveryFault::reordered());
    set(&sandbox, Currency::Gbp, "80.00")?;
    set(&sandbox, Currency::Gbp, "90.25")?;
    table.until_equal().await?;

    table.title(format!("process {} is killed", process.id()));
    process.kill().await?;
    set(&sandbox, Currency::Eur, "270.00")?;
    set(&sandbox, Currency::Gbp, "95.00")?;
    table.for_a_while().await?;

    process = process.start_again(&sandbox, &file).await?;
    table.title(format!("process {} takes its place", process.id()));
    table.until_equal().await?;

    table.title("the subscription is disabled");
    enable(&client, webhook, false).await?;
    set(&sandbox, Currency::Eur, "999.99")?;
    table.for_a_while().await?;

    table.title("it is enabled, and the process asks for all balances");
    enable(&client, webhook, true).await?;
    table.until_equal().await?;

    process.kill().await?;
    println!("equal");
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
