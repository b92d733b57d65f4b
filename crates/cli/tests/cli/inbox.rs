//! `upvest inbox`.

use crate::support::{Home, Listener, Sandbox, json, stderr};

#[test]
fn an_inbox_is_looked_at_and_replayed() {
    let sandbox = Sandbox::start();
    let mut listener = Listener::start(&sandbox, &[]);
    let event = json(
        &sandbox
            .run(&["webhooks", "trigger", "ORDER.FILLED"])
            .success(),
    );
    listener.line();
    let key = event["id"].as_str().expect("an id");
    let inbox = |arguments: &[&str]| {
        let arguments = [&["inbox", "--database", "events.db"], arguments].concat();
        json(&sandbox.run(&arguments).success())
    };
    assert_eq!(inbox(&["stats"])["depth"], 0);
    assert_eq!(inbox(&["replay", key])["replayed"], 1);
    assert_eq!(inbox(&["replay", "--parked"])["replayed"], 0);
    let since = [
        "replay",
        "--since",
        "2020-01-01T00:00:00Z",
        "--kind",
        "ORDER.FILLED",
    ];
    assert!(inbox(&since)["replayed"].is_u64());
    assert_eq!(inbox(&["parked"]), serde_json::json!([]));
    assert_eq!(inbox(&["give-up", key])["given_up"], 0);
    assert!(inbox(&["forget", "--days", "30"])["forgotten"].is_u64());
}

/// A schema with an event that is done, one that is to be done, and one that is parked.
#[cfg(unix)]
async fn worked_off(server: &crate::server::Server) -> String {
    use upvest_inbox::{HandlerError, Inbox};
    use upvest_webhooks::Event;

    let event = |number: u32, kind: &str| {
        let id = format!("00000000-0000-4000-8000-00000000000{number}");
        Event::from_json(&format!(
            r#"{{"id": "{id}", "type": "{kind}", "created_at": "2026-01-31T12:00:00Z"}}"#
        ))
    };
    let (pool, schema) = server.named_schema().await;
    let inbox = Inbox::new(pool);
    inbox.migrate().await.expect("it migrates");
    let first = [event(1, "MOON.FULL"), event(2, "MOON.NEW")];
    inbox.store(&first).await.expect("it stores");
    let worker = inbox.worker(|event, _| {
        let is_parked = event.event_type == "MOON.NEW";
        Box::pin(async move {
            match is_parked {
                true => Err(HandlerError::permanent("no moon")),
                false => Ok(()),
            }
        })
    });
    worker.drain().await.expect("it works");
    let last = [event(3, "MOON.FULL")];
    inbox.store(&last).await.expect("it stores");
    schema
}

#[cfg(unix)]
#[test]
fn an_inbox_on_postgresql_is_looked_at_and_replayed() {
    let Some(server) = crate::server::Server::get() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let schema = runtime.expect("a runtime").block_on(worked_off(server));
    let home = Home::new();
    let url = format!(
        "postgres://tests@127.0.0.1:{}/postgres?options=-c%20search_path%3D{schema}",
        server.port
    );
    let inbox = |arguments: &str| {
        let arguments: Vec<&str> = ["inbox"].into_iter().chain(arguments.split(' ')).collect();
        let mut command = home.upvest(&arguments);
        json(&command.env("UPVEST_DATABASE_URL", &url).assert().success())
    };
    let stats = inbox("stats");
    assert_eq!((&stats["depth"], &stats["parked"]), (&1.into(), &1.into()));
    let key = "00000000-0000-4000-8000-000000000002";
    let parked = &inbox("parked")[0];
    assert_eq!(
        (&parked["key"], &parked["type"]),
        (&key.into(), &"MOON.NEW".into())
    );
    assert!(
        parked["error"]
            .as_str()
            .is_some_and(|text| text.contains("no moon")),
        "{parked}"
    );
    assert_eq!(inbox(&format!("replay {key}"))["replayed"], 1);
    assert_eq!(inbox("parked"), serde_json::json!([]));
    assert_eq!(inbox("stats")["depth"], 2);
    let since = "replay --since 2020-01-01T00:00:00Z --kind MOON.FULL";
    assert_eq!(inbox(since)["replayed"], 1);
    assert_eq!(inbox("stats")["depth"], 3);
    assert_eq!(inbox("replay --parked")["replayed"], 0);
    assert_eq!(inbox(&format!("give-up {key}"))["given_up"], 0);
    assert_eq!(inbox("forget --days 1")["forgotten"], 0);
}

#[test]
fn a_database_is_named_without_a_password() {
    let home = Home::new();
    home.run(&["inbox", "stats"]).code(3);
    let told = home
        .run(&[
            "inbox",
            "stats",
            "--database",
            "postgres://me:hush@127.0.0.1:1/x",
        ])
        .code(2);
    assert!(
        stderr(&told).contains("UPVEST_DATABASE_URL") && !stderr(&told).contains("hush"),
        "{}",
        stderr(&told)
    );
    let mut command = home.upvest(&["inbox", "stats"]);
    let unreachable = command
        .env("UPVEST_DATABASE_URL", "postgres://me:hush@127.0.0.1:1/x")
        .assert()
        .code(3);
    assert!(
        !stderr(&unreachable).contains("hush"),
        "{}",
        stderr(&unreachable)
    );
    home.run(&["inbox", "stats", "--database", "missing.db"])
        .code(3);
    home.run(&["inbox", "replay", "--database", "missing.db"])
        .code(2);
}
