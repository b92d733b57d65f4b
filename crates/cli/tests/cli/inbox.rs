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
