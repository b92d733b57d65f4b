//! `upvest webhooks`.

use crate::receiver::Server;
use crate::support::{Listener, Sandbox, json, send, stderr, stdout};

#[test]
fn an_event_is_received_stored_and_sent_on() {
    let sandbox = Sandbox::start();
    let receiver = Server::with_statuses(&[200]);
    let mut listener = Listener::start(&sandbox, &["--forward", &receiver.url]);
    let trigger = [
        "webhooks",
        "trigger",
        "ORDER.FILLED",
        "--set",
        "object.note=set",
        "--remove",
        "object.user_id",
    ];
    let event = json(&sandbox.run(&trigger).success());
    assert_eq!(event["object"]["note"], "set");
    assert!(event["object"].get("user_id").is_none());
    let request = receiver.next();
    assert!(request.body.contains("\"note\":\"set\""), "{request:?}");

    let key = event["id"].as_str().expect("an id");
    let line = listener.line();
    assert!(
        line.contains("ORDER.FILLED") && line.contains(key) && line.ends_with("-> 200"),
        "{line}"
    );
    let events = |arguments: &[&str]| {
        let stored = ["--database", "events.db"];
        let arguments = [&["webhooks", "events"], arguments, &stored].concat();
        sandbox.run(&arguments).success()
    };
    let listed = stdout(&events(&["list"]));
    assert!(listed.contains(key), "{listed}");
    assert_eq!(stdout(&events(&["list", "--kind", "USER.CREATED"])), "");
    assert_eq!(json(&events(&["show", key]))["object"], event["object"]);
    let stats = ["inbox", "stats", "--database", "events.db"];
    let stats = json(&sandbox.run(&stats).success());
    assert_eq!((&stats["depth"], &stats["parked"]), (&0.into(), &0.into()));
}

#[test]
fn an_event_that_was_stored_can_be_sent_again() {
    let sandbox = Sandbox::start();
    let mut listener = Listener::start(&sandbox, &[]);
    let trigger = ["webhooks", "trigger", "USER.CREATED"];
    let event = json(&sandbox.run(&trigger).success());
    listener.line();
    let key = event["id"].as_str().expect("an id");
    let receiver = Server::with_statuses(&[200, 500]);
    let replay = format!(
        "webhooks events replay {key} --database events.db --forward {}",
        receiver.url
    );
    let replay: Vec<&str> = replay.split(' ').collect();
    assert_eq!(stdout(&sandbox.run(&replay).success()), "200\n");
    assert!(receiver.next().body.contains(key));
    assert_eq!(stdout(&sandbox.run(&replay).code(1)), "500\n");
}

#[test]
fn what_upvest_did_not_sign_is_refused() {
    let sandbox = Sandbox::start();
    let listener = Listener::start(&sandbox, &[]);
    let address = listener
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let delivery = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let (answer, _) = send(address, delivery);
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[test]
fn subscriptions_are_made_changed_and_ensured() {
    let sandbox = Sandbox::start();
    let run = |arguments: &[&str]| {
        let arguments = [&["webhooks", "subscriptions"], arguments].concat();
        sandbox.run(&arguments).success()
    };
    let url = "http://127.0.0.1:9/hook";
    let made = json(&run(&["create", url, "--type", "USER"]));
    assert_eq!(
        (&made["enabled"], &made["type"]),
        (&true.into(), &serde_json::json!(["USER"]))
    );
    let id = made["id"].as_str().expect("an id");
    assert_eq!(json(&run(&["disable", id]))["enabled"], false);
    assert_eq!(json(&run(&["enable", id]))["enabled"], true);
    run(&["disable", id]);
    assert_eq!(json(&run(&["ensure", url]))["id"], id);
    assert_eq!(json(&run(&["list"]))[0]["enabled"], true);
    assert_eq!(
        json(&run(&["test", id]))["url"].as_str().map(|_| ()),
        Some(())
    );
    run(&["delete", id]);
    assert_ne!(json(&run(&["ensure", url]))["id"], id);
}

#[test]
fn what_cannot_be_triggered_is_reported() {
    let sandbox = Sandbox::start();
    for (kind, advice) in [
        ("MOON.FULL", "there are events of ACCOUNT, "),
        ("ORDER.MOON", "there are ORDER.CANCELLED, "),
        ("order.filled", "is it `ORDER.FILLED`?"),
    ] {
        let unknown = stderr(&sandbox.run(&["webhooks", "trigger", kind]).code(2));
        assert!(unknown.contains(advice), "{unknown}");
    }
    sandbox
        .run(&["webhooks", "trigger", "ORDER.FILLED", "--remove", "nothing"])
        .code(2);
    sandbox
        .run(&["webhooks", "listen", "--forward", "localhost:3000"])
        .code(2);
}
