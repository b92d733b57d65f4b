//! What the guides show, tried as it is written there.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use upvest::Client;
use upvest::models::{
    CreateWebhookRequest, Currency, UpdateWebhookRequest, WebhookEventKind, decimal,
};
use upvest_inbox::Inbox;
use upvest_inbox::sqlx::SqlitePool;
use upvest_inbox::sqlx::sqlite::SqliteConnectOptions;
use upvest_sandbox::Sandbox;

const GUIDE: &str = include_str!("../../../../docs/inbox.md");
const WEBHOOKS: &str = include_str!("../../../../docs/webhooks.md");

mod mirror {
    include!("as_written/mirror.rs");

    pub(super) fn run() -> Result<(), BoxError> {
        main()
    }
}

#[test]
fn the_guides_show_what_is_tested_here() {
    let mirror = include_str!("as_written/mirror.rs");
    assert!(mirror.lines().count() <= 40);
    for (guide, text) in [("inbox.md", GUIDE), ("webhooks.md", WEBHOOKS)] {
        assert!(text.contains(mirror), "{guide} shows as_written/mirror.rs");
    }
    let sql = include_str!("as_written/by_hand.sql");
    let by_hand = include_str!("as_written/by_hand.rs");
    assert!(WEBHOOKS.contains(sql), "webhooks.md shows by_hand.sql");
    assert!(WEBHOOKS.contains(by_hand), "webhooks.md shows by_hand.rs");
}

/// The program of the guide, in a separate process; nothing when the tests are run.
#[test]
fn program() {
    if std::env::var_os("UPVEST_INBOX_TEST_PROGRAM").is_some() {
        mirror::run().unwrap();
    }
}

/// Ends with this value.
struct Program(Child);

impl Program {
    fn start(sandbox: &Sandbox, directory: &Path, listen: &str) -> Self {
        let key = directory.join("key.pem");
        std::fs::write(&key, sandbox.signing_key().to_pkcs8_pem().as_bytes()).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "as_written::program", "--nocapture"])
            .current_dir(directory)
            .env("UPVEST_INBOX_TEST_PROGRAM", "1")
            .env("LISTEN", listen)
            .env("UPVEST_BASE_URL", sandbox.base_url())
            .env("UPVEST_CLIENT_ID", sandbox.client_id())
            .env("UPVEST_CLIENT_SECRET", sandbox.client_secret())
            .env("UPVEST_KEY_ID", sandbox.key_id())
            .env("UPVEST_PRIVATE_KEY_FILE", key)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address of this machine that nobody listens at.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

async fn subscribe(sandbox: &Sandbox, listen: &str) {
    let client: Client = upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .build()
        .unwrap();
    let url = format!("http://{listen}/hooks/upvest");
    let request = CreateWebhookRequest::new("Balances", url).type_([WebhookEventKind::CashBalance]);
    let webhook = client.create_webhook(request).await.unwrap();
    let enable = UpdateWebhookRequest::new().enabled(true);
    client.update_webhook(webhook.id, enable).await.unwrap();
}

/// Moves money, and waits until the mirror in this file shows it.
async fn is_mirrored(sandbox: &Sandbox, file: &Path, amount: &str) {
    let group = sandbox.account_group_id();
    let amount = decimal::parse(amount).unwrap();
    let balance = sandbox.balance(group).unwrap().balance(amount);
    sandbox.set_balance(balance);
    sandbox.deliveries_done().await;
    // As the program leaves it: another journal mode cannot be set while somebody works with the file.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .busy_timeout(Duration::from_secs(60));
    let inbox = Inbox::new(SqlitePool::connect_with(options).await.unwrap());
    let mut interval = tokio::time::interval(Duration::from_millis(20));
    loop {
        interval.tick().await;
        let known = inbox.balances().get(group, &Currency::Eur).await;
        if known
            .unwrap()
            .is_some_and(|known| known.balance.balance == amount)
        {
            return;
        }
    }
}

#[tokio::test]
async fn the_program_of_the_guide_mirrors_balances_across_restarts() {
    let pauses = |_| Duration::from_millis(20);
    let sandbox = Sandbox::builder().webhook_pauses(pauses).start().await;
    let sandbox = sandbox.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inbox.db");
    let listen = free_address();
    subscribe(&sandbox, &listen).await;
    for amount in ["17.25", "18.5"] {
        let _program = Program::start(&sandbox, directory.path(), &listen);
        is_mirrored(&sandbox, &file, amount).await;
    }
}

#[cfg(feature = "postgres")]
mod by_hand {
    use http::StatusCode;
    use upvest_inbox::{models as upvest_models, sqlx, webhooks as upvest_webhooks};

    use crate::events::{balance_json, group_id};
    use crate::signed::{delivery, verifier};

    include!("as_written/by_hand.rs");

    async fn database() -> Option<Database> {
        let pool = crate::server::Server::get()?.schema().await;
        let sql = include_str!("as_written/by_hand.sql");
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        Some(Database(pool))
    }

    /// What one process answers to a delivery of these events.
    async fn receive(database: &Database, events: &[String]) -> StatusCode {
        let handler = database.clone();
        let handle = move |event| {
            let database = handler.clone();
            async move { database.handle(event).await }
        };
        let receiver = upvest_webhooks::Receiver::new(verifier(), handle);
        receiver
            .inbox(database.clone())
            .receive(&delivery(events))
            .await
    }

    async fn balance(database: &Database) -> String {
        let sql = "SELECT balance::text FROM balance WHERE account_group_id = $1::uuid";
        let query = sqlx::query_scalar(sql).bind(group_id(1));
        query.fetch_one(&database.0).await.unwrap()
    }

    #[tokio::test]
    async fn the_later_of_two_balances_stays_to_the_nanosecond() {
        let Some(database) = database().await else {
            return;
        };
        let later = balance_json(1, 1, "10:00:00.000000002", "7.50");
        let earlier = balance_json(2, 1, "10:00:00.000000001", "6");
        for events in [[later.clone()], [earlier], [later]] {
            assert_eq!(receive(&database, &events).await, 200);
        }
        assert_eq!(balance(&database).await, "7.50");
    }

    #[tokio::test]
    async fn what_is_malformed_is_put_aside_and_stops_nothing() {
        let Some(database) = database().await else {
            return;
        };
        let malformed = balance_json(1, 1, "10:00:00", "much");
        let events = [malformed.clone(), balance_json(2, 1, "10:00:01", "3")];
        for _ in 0..2 {
            assert_eq!(receive(&database, &events).await, 200);
        }
        assert_eq!(balance(&database).await, "3");
        let raw: Vec<String> = sqlx::query_scalar("SELECT raw FROM put_aside")
            .fetch_all(&database.0)
            .await
            .unwrap();
        assert_eq!(raw, [malformed]);
    }

    #[tokio::test]
    async fn two_processes_with_one_event_have_it_in_effect_once() {
        let Some(database) = database().await else {
            return;
        };
        let count = "CREATE TABLE changes (at timestamptz DEFAULT now());
            CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO changes DEFAULT VALUES; RETURN NEW; END $$;
            CREATE TRIGGER note_change AFTER INSERT OR UPDATE ON balance FOR EACH ROW EXECUTE FUNCTION note_change()";
        sqlx::raw_sql(count).execute(&database.0).await.unwrap();
        let events = [balance_json(1, 1, "10:00:00", "3")];
        let (one, other) = tokio::join!(receive(&database, &events), receive(&database, &events));
        assert_eq!((one.as_u16(), other.as_u16()), (200, 200));
        let changes: i64 = sqlx::query_scalar("SELECT count(*) FROM changes")
            .fetch_one(&database.0)
            .await
            .unwrap();
        assert_eq!(changes, 1);
    }
}
