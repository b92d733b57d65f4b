//! From the inbox into NATS JetStream, on a server of these tests' own.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use futures_util::{StreamExt, TryStreamExt};
use upvest_inbox::async_nats::{self, jetstream};
use upvest_inbox::{BoxError, JetStream, Message, Publisher};

use crate::crashing::{Random, all_done, break_connections, each_run, work};
use crate::database::{Database, Fixture, on_each_database};
use crate::events::{balance_json, group_id, id};
use crate::process::{DELIVERIES, EVENTS, Process, tables};

on_each_database!(events_are_passed_on_with_subject_id_and_headers);

/// Serves streams until standard input ends, as it does with this process.
const SCRIPT: &str = r#"
directory=$(mktemp -d)
nats-server -a 127.0.0.1 -p "$1" -js -sd "$directory" >/dev/null 2>&1 </dev/null &
server=$!
read -r _
kill -KILL $server
rm -rf "$directory"
"#;

struct Server {
    port: u16,
    _process: Child,
}

impl Server {
    fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| {
            let installed = Command::new("nats-server").arg("--version").output();
            installed.ok()?;
            let port = std::net::TcpListener::bind("127.0.0.1:0")
                .ok()?
                .local_addr()
                .ok()?
                .port();
            let process = crate::server::as_user("nobody")
                .args(["sh", "-c", SCRIPT, "sh", &port.to_string()])
                .current_dir("/")
                .stdin(Stdio::piped())
                .spawn()
                .ok()?;
            let _process = process;
            Some(Self { port, _process })
        });
        if server.is_none() {
            eprintln!("nats-server is not installed: this test has tried nothing");
        }
        server.as_ref()
    }
}

async fn context(port: &str) -> jetstream::Context {
    let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
    let client = options.connect(format!("127.0.0.1:{port}")).await.unwrap();
    client.flush().await.unwrap(); // when it is connected
    jetstream::new(client)
}

/// A stream by itself, for subjects that no other one has.
async fn stream(
    context: &jetstream::Context,
    name: &str,
    subjects: Vec<String>,
) -> jetstream::stream::Stream {
    let config = jetstream::stream::Config {
        name: name.to_owned(),
        subjects,
        storage: jetstream::stream::StorageType::Memory,
        ..Default::default()
    };
    context.create_stream(config).await.unwrap()
}

/// Publishes below `crash.SCHEMA`, and reports it.
pub(crate) struct Steps {
    stream: JetStream,
}

impl Steps {
    pub(crate) async fn connect(port: &str) -> Self {
        let stream = JetStream::new(context(port).await);
        Self { stream }
    }
}

impl Publisher for Steps {
    async fn publish(&self, message: Message<'_>) -> Result<(), BoxError> {
        let id = message.id;
        println!("::begun {id}");
        self.stream.publish(message).await?;
        println!("::written {id}");
        Ok(())
    }
}

async fn messages(stream: &jetstream::stream::Stream) -> Vec<jetstream::Message> {
    let pending = stream.get_info().await.unwrap().state.messages as usize;
    let consumer = stream.create_consumer(jetstream::consumer::pull::Config::default());
    let consumer = consumer.await.unwrap();
    consumer
        .messages()
        .await
        .unwrap()
        .take(pending)
        .try_collect()
        .await
        .unwrap()
}

async fn events_are_passed_on_with_subject_id_and_headers<DB: Database>(fixture: Fixture<DB>) {
    let Some(server) = Server::get() else {
        return;
    };
    let context = context(&server.port.to_string()).await;
    let group = match DB::NAME {
        "SQLite" => 771,
        _ => 772,
    };
    let subject = format!("upvest.CASH_BALANCE.UPDATED.{}", group_id(group));
    let stream = stream(&context, &format!("ONE-{group}"), vec![subject.clone()]).await;
    let number = group * 10;
    let raw = balance_json(number, group, "10:00:00.000000001", "5");
    let event = upvest_inbox::webhooks::Event::from_json(&raw);
    fixture
        .inbox
        .store(std::slice::from_ref(&event))
        .await
        .unwrap();
    let relay = || fixture.inbox.relay(JetStream::new(context.clone()));
    assert_eq!(relay().drain().await.unwrap().done, 1);
    // As after a crash between the acknowledgement of the stream and the note of it.
    let replay = upvest_inbox::Replay::Event(event.key());
    fixture.inbox.replay(&replay, "test").await.unwrap();
    assert_eq!(relay().drain().await.unwrap().done, 1);

    let messages = messages(&stream).await;
    assert_eq!(messages.len(), 1, "the stream drops the repetition");
    let message = &messages[0];
    assert_eq!(message.subject.as_str(), subject);
    assert_eq!(message.payload, raw.as_bytes());
    let headers = message.headers.as_ref().unwrap();
    let header = |name: &str| headers.get(name).unwrap().as_str();
    assert_eq!(header("Nats-Msg-Id"), id(number));
    assert_eq!(
        header("upvest-created-at"),
        "2026-11-25T10:00:00.000000001Z"
    );
    assert_eq!(header("upvest-webhook-id"), crate::events::WEBHOOK);
}

#[tokio::test]
async fn no_crash_of_a_relay_loses_repeats_or_reorders_a_message() {
    if Server::get().is_some() && crate::server::Server::get().is_some() {
        each_run(crash_a_relay).await;
    }
}

/// Returns how many processes were killed.
async fn crash_a_relay(run: u64) -> u64 {
    let port = Server::get().expect("it is there").port.to_string();
    let context = context(&port).await;
    let (pool, schema, inbox) = tables().await.expect("the server is there");
    // Separate account groups, since no two streams may have one subject.
    let first = 4 * run;
    let subjects = (first..first + 4).map(|group| format!("upvest.MOON.PHASE.group-{group}"));
    let name = format!("CRASH-{run}");
    let stream = stream(&context, &name, subjects.collect()).await;
    let mut receiver = Process::start(&format!("receiver 0 {first}"), &schema);
    let job = format!("relay {port}");
    let (relay, ()) = tokio::join!(
        work(&job, &schema, Random(run), 4),
        break_connections(&pool, &schema, Random(run + 1), 2),
    );
    while receiver.step().await.is_some() {}
    all_done(&inbox).await;
    relay.kill().await;

    let mut groups = HashMap::<String, Vec<String>>::new();
    let mut count = 0;
    for message in messages(&stream).await {
        let headers = message.headers.as_ref().unwrap();
        let id = headers.get("Nats-Msg-Id").unwrap().to_string();
        groups
            .entry(message.subject.to_string())
            .or_default()
            .push(id);
        count += 1;
    }
    assert_eq!(count, DELIVERIES * EVENTS, "run {run}: each once");
    assert_eq!(groups.len(), 4);
    let in_order = |ids: &Vec<String>| ids.is_sorted_by(|one, other| one < other);
    assert!(
        groups.values().all(in_order),
        "run {run}: in order: {groups:?}"
    );
    context.delete_stream(name).await.unwrap();
    5
}
