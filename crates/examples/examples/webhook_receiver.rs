//! Receives webhooks, and shows what happens to deliveries that come twice, late or broken.
//!
//! ```sh
//! # a table, line by line as events come in; with `-- --json`, a JSON object for each event
//! cargo run -p upvest-examples --features webhooks --example webhook_receiver
//! ```
//!
//! It needs no other program: sandbox, client and receiver run in this process.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use upvest::Client;
use upvest::models::{
    CashBalance, CreateWebhookRequest, Currency, Decimal, UpdateWebhookRequest, WebhookConfig,
    WebhookEvent, WebhookEventKind, decimal,
};
use upvest_sandbox::{DeliveryFault, Sandbox};
use upvest_webhooks::{DeliveryVerifier, Event, FetchedKeys, LatestBalances, Receiver, Report};

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().any(|argument| argument == "--json")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(json: bool) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder()
        .webhook_pauses(|_| Duration::ZERO)
        .start()
        .await?;
    let client = upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .build()?;

    let table = Arc::new(Mutex::new(Table::new(json)));
    let url = receive(&client, &table).await?;
    subscribe(&client, url).await?;
    move_money(&sandbox).await?;

    let table = table.lock().expect("nobody has panicked");
    let balances = sandbox.balances(sandbox.account_group_id());
    if !json {
        table.print_summary(&balances);
    }
    if balances.iter().any(|balance| !table.has(balance)) {
        return Err("the balances that were received are not those that there are".into());
    }
    Ok(())
}

/// Starts a receiver, and returns its address.
async fn receive(client: &Client, table: &Arc<Mutex<Table>>) -> Result<String, Box<dyn Error>> {
    let client = client.clone();
    let keys = FetchedKeys::new(move || {
        let client = client.clone();
        async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
    })
    // The sandbox changes its key a moment after the first one was fetched. Elsewhere, leave it at
    // once a minute.
    .interval(Duration::ZERO);

    let (taken, repeated) = (Arc::clone(table), Arc::clone(table));
    let receiver = Receiver::new(DeliveryVerifier::new(keys), move |event: Event| {
        let table = Arc::clone(&taken);
        async move {
            table.lock().expect("nobody has panicked").take(&event);
            Ok(())
        }
    })
    .observe(move |report| match report {
        Report::Repeated(event) => {
            let mut table = repeated.lock().expect("nobody has panicked");
            table.skip(event);
        }
        Report::Taken(_) => {}
        other => eprintln!("{other}"),
    });

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hooks/upvest", listener.local_addr()?);
    let app: axum::Router = receiver.router("/hooks/upvest");
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok(url)
}

/// Subscribes to cash balances, with a delivery for each event: no two fit into 100 bytes.
async fn subscribe(client: &Client, url: String) -> Result<(), upvest::Error> {
    let request = CreateWebhookRequest::new("Cash balances", url)
        .type_([WebhookEventKind::CashBalance])
        .config(WebhookConfig::new().max_package_size(100));
    let webhook = client.create_webhook(request).send().await?;
    // It does not start by itself.
    let change = UpdateWebhookRequest::new().enabled(true);
    let call = client.update_webhook(webhook.id, change);
    call.send().await.map(drop)
}

/// What happens at Upvest.
async fn move_money(sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    let set = |currency: Currency, amount: &str| {
        let amount = decimal::parse(amount)?;
        let balance = sandbox.balance(sandbox.account_group_id());
        let balance = balance.ok_or("the account group has a balance")?;
        sandbox.set_balance(
            balance
                .currency(currency)
                .balance(amount)
                .locked_for_trading(Decimal::ZERO)
                .pending_settlement(Decimal::ZERO)
                .available_for_withdrawal(amount)
                .available_for_trading(amount),
        );
        Ok::<_, Box<dyn Error>>(())
    };

    set(Currency::Eur, "250.00")?;
    set(Currency::Gbp, "75.50")?;
    sandbox.deliveries_done().await;

    // It was accepted, but Upvest did not get the answer.
    sandbox.fail_delivery(DeliveryFault::duplicated());
    set(Currency::Eur, "260.10")?;
    sandbox.deliveries_done().await;

    // The later one comes first.
    sandbox.fail_delivery(DeliveryFault::reordered());
    set(Currency::Gbp, "80.00")?;
    set(Currency::Gbp, "90.25")?;
    sandbox.deliveries_done().await;

    sandbox.rotate_webhook_key();
    sandbox.retire_webhook_keys();
    set(Currency::Eur, "300.00")?;
    sandbox.deliveries_done().await;

    sandbox.fail_delivery(DeliveryFault::malformed_event());
    set(Currency::Eur, "299.99")?;
    sandbox.deliveries_done().await;
    Ok(())
}

/// What was received, printed as it comes.
struct Table {
    json: bool,
    latest: LatestBalances,
    /// How many events there were of each kind.
    counts: BTreeMap<&'static str, usize>,
}

impl Table {
    fn new(json: bool) -> Self {
        if !json {
            print_row(["time", "event", "group", "", "balance", "note"]);
        }
        Self {
            json,
            latest: LatestBalances::default(),
            counts: BTreeMap::new(),
        }
    }

    /// An event that has not been seen before.
    fn take(&mut self, event: &Event) {
        let note = match event.content() {
            Ok(WebhookEvent::CashBalance(event)) if self.latest.apply(event) => "taken",
            Ok(WebhookEvent::CashBalance(_)) => "older: ignored",
            Ok(_) => "unknown: put aside",
            Err(_) => "malformed: put aside",
        };
        self.add(event, note);
    }

    /// An event that has.
    fn skip(&mut self, event: &Event) {
        self.add(event, "repeated: skipped");
    }

    fn add(&mut self, event: &Event, note: &'static str) {
        *self.counts.entry(note).or_default() += 1;
        let balance = match event.content() {
            Ok(WebhookEvent::CashBalance(event)) => Some(&event.object),
            _ => None,
        };
        if self.json {
            let row = json!({
                "id": event.id(),
                "created_at": event.created_at(),
                "type": event.event_type(),
                "account_group_id": balance.map(|balance| balance.account_group_id),
                "currency": balance.map(|balance| &balance.currency),
                "balance": balance.map(|balance| balance.balance.to_string()),
                "note": note,
            });
            println!("{row}");
            return;
        }
        let time = event
            .created_at()
            .map(|at| at.format("%H:%M:%S%.3f").to_string());
        let group = balance.map(|balance| balance.account_group_id.to_string());
        print_row([
            time.as_deref().unwrap_or("-"),
            event.event_type().unwrap_or("-"),
            group.as_deref().map_or("-", |group| &group[..8]),
            balance.map_or("-", |balance| balance.currency.as_str()),
            &balance.map_or("-".to_owned(), |balance| balance.balance.to_string()),
            note,
        ]);
    }

    /// Whether this is the latest balance that was received.
    fn has(&self, balance: &CashBalance) -> bool {
        let latest = self
            .latest
            .get(balance.account_group_id, balance.currency.clone());
        latest.is_some_and(|(latest, _)| latest == balance)
    }

    fn print_summary(&self, balances: &[CashBalance]) {
        println!();
        for (note, count) in &self.counts {
            println!("{count:>3} {note}");
        }
        println!();
        for balance in balances {
            println!("{:>12} {}", balance.balance.to_string(), balance.currency);
        }
    }
}

fn print_row([time, event, group, currency, balance, note]: [&str; 6]) {
    println!("{time:<12}  {event:<20}  {group:<8}  {currency:<3}  {balance:>10}  {note}");
}
