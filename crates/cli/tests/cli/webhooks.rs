//! `upvest webhooks`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use crate::support::{Listener, Sandbox, json, stderr, stdout};

/// Answers one request with 200, and returns it.
fn once(receiver: TcpListener) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut stream, _) = receiver.accept().expect("somebody sends");
        let request = read(&mut stream);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(answer).expect("somebody reads");
        request
    })
}

/// A head, and as much of a body as it tells.
fn read(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).expect("text").to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    stream.read_exact(&mut body).expect("a body");
    head + &String::from_utf8(body).expect("text")
}

fn receiver() -> (TcpListener, String) {
    let receiver = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hook", receiver.local_addr().expect("bound"));
    (receiver, url)
}

#[test]
fn an_event_is_received_stored_and_sent_on() {
    let sandbox = Sandbox::start();
    let (receiver, url) = receiver();
    let mut listener = Listener::start(&sandbox, &["--forward", &url]);
    let received = once(receiver);
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

    let request = received.join().expect("it ends");
    assert!(request.starts_with("post /hook http/1.1"), "{request}");
    assert!(
        request.contains("signature-input: ") && request.contains("digest: "),
        "{request}"
    );
    let host = listener
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    assert!(
        request.contains(&format!("host: {host}")),
        "the host is kept: {request}"
    );
    assert!(request.contains("\"note\":\"set\""), "{request}");

    let key = event["id"].as_str().expect("an id");
    let line = listener.line();
    assert!(
        line.contains("ORDER.FILLED") && line.contains(key) && line.ends_with("-> 200"),
        "{line}"
    );
    let listed = stdout(
        &sandbox
            .run(&["webhooks", "events", "list", "--database", "events.db"])
            .success(),
    );
    assert!(listed.contains(key), "{listed}");
    let shown = json(
        &sandbox
            .run(&["webhooks", "events", "show", key, "--database", "events.db"])
            .success(),
    );
    assert_eq!(shown["object"], event["object"]);
    let stats = json(
        &sandbox
            .run(&["inbox", "stats", "--database", "events.db"])
            .success(),
    );
    assert_eq!((&stats["depth"], &stats["parked"]), (&0.into(), &0.into()));
}

#[test]
fn events_go_by_type_and_can_be_sent_again() {
    let sandbox = Sandbox::start();
    let (receiver_, url) = receiver();
    let route = format!("USER={url}");
    let mut listener = Listener::start(&sandbox, &["--route", &route, "--filter", "USER"]);
    let received = once(receiver_);
    sandbox
        .run(&["webhooks", "trigger", "ORDER.FILLED"])
        .success();
    let event = json(
        &sandbox
            .run(&["webhooks", "trigger", "USER.CREATED"])
            .success(),
    );
    let request = received.join().expect("it ends");
    assert!(
        !request.contains("signature") && request.contains("\"USER.CREATED\""),
        "{request}"
    );
    let line = listener.line();
    assert!(
        line.contains("USER.CREATED"),
        "what is filtered does not show: {line}"
    );

    let (receiver, url) = receiver();
    let received = once(receiver);
    let key = event["id"].as_str().expect("an id");
    let replay = [
        "webhooks",
        "events",
        "replay",
        key,
        "--forward",
        &url,
        "--database",
        "events.db",
    ];
    assert_eq!(stdout(&sandbox.run(&replay).success()), "200\n");
    assert!(received.join().expect("it ends").contains(key));
}

#[test]
fn what_upvest_did_not_sign_is_refused() {
    let sandbox = Sandbox::start();
    let listener = Listener::start(&sandbox, &[]);
    let address = listener
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream
        .write_all(
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
        )
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[test]
fn subscriptions_are_made_changed_and_healed() {
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
    assert_eq!(json(&run(&["heal", url]))["id"], id);
    assert_eq!(json(&run(&["list"]))[0]["enabled"], true);
    assert_eq!(
        json(&run(&["test", id]))["url"].as_str().map(|_| ()),
        Some(())
    );
    run(&["delete", id]);
    assert_ne!(json(&run(&["heal", url]))["id"], id);
}

#[test]
fn what_cannot_be_triggered_is_told() {
    let sandbox = Sandbox::start();
    let unknown = sandbox.run(&["webhooks", "trigger", "MOON.FULL"]).code(2);
    assert!(
        stderr(&unknown).contains("ORDER.FILLED"),
        "{}",
        stderr(&unknown)
    );
    sandbox
        .run(&["webhooks", "trigger", "ORDER.FILLED", "--remove", "nothing"])
        .code(2);
    sandbox
        .run(&["webhooks", "listen", "--forward", "localhost:3000"])
        .code(2);
}
