//! The process that receives and works, and how it is started and killed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use upvest::Client;
use upvest::models::{CashBalanceEvent, Uuid};
use upvest_inbox::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use upvest_inbox::webhooks::{DeliveryVerifier, FetchedKeys};
use upvest_inbox::{BalanceSource, BoxError, Inbox, Reconciled, Snapshot};
use upvest_sandbox::Sandbox;

use crate::Result;

/// The file of the database, and that this process is the one that works on it.
const DATABASE: &str = "CASH_MIRROR_DATABASE";
/// Where it listens.
const LISTEN: &str = "CASH_MIRROR_LISTEN";

/// How often all balances are asked for. In production, that is hours.
const RECONCILE: Duration = Duration::from_secs(2);

/// Unless this is the program that shows the table.
pub(crate) fn database() -> Option<PathBuf> {
    std::env::var_os(DATABASE).map(PathBuf::from)
}

/// Receives and works until it is killed.
pub(crate) async fn run(file: &Path) -> Result<()> {
    let client = Client::from_env()?;
    let inbox = Inbox::new(SqlitePoolOptions::new().connect_with(options(file)).await?);
    inbox.migrate().await?;

    let keys = client.clone();
    let keys = FetchedKeys::new(move || {
        let client = keys.clone();
        async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
    });
    let app: axum::Router = inbox
        .receiver(DeliveryVerifier::new(keys))
        .router("/hooks/upvest");
    let listener = TcpListener::bind(std::env::var(LISTEN)?).await?;
    println!("{}", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app).await });

    let mirror = inbox.balances();
    let balances = mirror.clone();
    let handlers = inbox
        .handlers()
        .on::<CashBalanceEvent>(move |event, _, transaction| {
            let (balances, event) = (balances.clone(), event.clone());
            Box::pin(async move { Ok(balances.apply(transaction, &event).await.map(drop)?) })
        });
    // A process that was killed has left a claim, which ends with its lease.
    let workers = inbox.worker_with(handlers).concurrency(2);
    let workers = workers.lease(Duration::from_secs(2));
    tokio::spawn(workers.run(std::future::pending()));

    let ignore = |_: Reconciled| {};
    let never = std::future::pending();
    mirror
        .keep(&source(client), RECONCILE, 10, ignore, never)
        .await;
    Ok(())
}

pub(crate) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(10))
}

/// Asks the API for balances.
fn source(client: Client) -> impl BalanceSource {
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

/// The process, from outside.
pub(crate) struct Process {
    child: Child,
    address: String,
}

impl Process {
    pub(crate) async fn start(sandbox: &Sandbox, file: &Path) -> Result<Self> {
        Self::start_at(sandbox, file, "127.0.0.1:0").await
    }

    /// After it was killed.
    pub(crate) async fn start_again(self, sandbox: &Sandbox, file: &Path) -> Result<Self> {
        Self::start_at(sandbox, file, &self.address).await
    }

    async fn start_at(sandbox: &Sandbox, file: &Path, address: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .env(DATABASE, file)
            .env(LISTEN, address)
            .env("UPVEST_BASE_URL", sandbox.base_url())
            .env("UPVEST_CLIENT_ID", sandbox.client_id())
            .env("UPVEST_CLIENT_SECRET", sandbox.client_secret())
            .env("UPVEST_KEY_ID", sandbox.key_id())
            .env("UPVEST_PRIVATE_KEY", &*sandbox.signing_key().to_pkcs8_pem())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("its output is piped")?;
        let address = BufReader::new(output).lines().next_line().await?;
        let address = address.ok_or("the process ended before it listened")?;
        Ok(Self { child, address })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks/upvest", self.address)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// By SIGKILL, wherever it is.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
