//! `upvest webhooks listen`: where events go, and what happens to them if nobody is there.

use std::sync::mpsc::channel;

use serde_json::Value;

use crate::receiver::{Server, answer};
use crate::support::{Listener, Sandbox, json, stdout};

fn trigger(sandbox: &Sandbox, kind: &str) -> Value {
    json(&sandbox.run(&["webhooks", "trigger", kind]).success())
}

fn key(event: &Value) -> &str {
    event["id"].as_str().expect("an id")
}

#[test]
fn a_delivery_keeps_its_host_its_query_and_its_signature() {
    let sandbox = Sandbox::start();
    let receiver = Server::with_statuses(&[200]);
    let forward = format!("{}/hook", receiver.url);
    let listener = Listener::receive(&sandbox, &["--forward", &forward]);
    let url = format!("{}in?tenant=7&x=%20", listener.url);
    let create = ["webhooks", "subscriptions", "create", &url];
    sandbox.run(&create).success();
    let event = trigger(&sandbox, "ORDER.FILLED");
    let request = receiver.next();
    assert!(request.body.contains(key(&event)), "{request:?}");
    let host = listener.url.trim_start_matches("http://");
    let host = format!("host: {}\r\n", host.trim_end_matches('/'));
    for part in [
        "post /hook?tenant=7&x=%20 http/1.1\r\n",
        &host,
        "signature: ",
        "signature-input: ",
        "digest: ",
    ] {
        assert!(request.head.contains(part), "{part} is not in {request:?}");
    }
}

#[test]
fn each_event_goes_by_itself_if_that_is_wanted() {
    let sandbox = Sandbox::start();
    let receiver = Server::with_statuses(&[200]);
    let _listener = Listener::start(&sandbox, &["--forward", &receiver.url, "--parsed"]);
    let event = trigger(&sandbox, "ORDER.FILLED");
    let request = receiver.next();
    let sent: Value = serde_json::from_str(&request.body).expect("JSON");
    assert_eq!(sent["object"], event["object"]);
    assert!(!request.head.contains("signature"), "{request:?}");
}

#[test]
fn routes_and_filters_decide_where_events_go() {
    let sandbox = Sandbox::start();
    let (orders, filled, rest) = (
        Server::with_statuses(&[200]),
        Server::with_statuses(&[201]),
        Server::with_statuses(&[202]),
    );
    let by_type = format!("ORDER.FILLED={}", filled.url);
    let by_category = format!("ORDER={}", orders.url);
    let more = [
        "--route",
        &by_type,
        "--route",
        &by_category,
        "--forward",
        &rest.url,
        "--parsed",
        "--filter",
        "ORDER",
        "--filter",
        "USER.CREATED",
    ];
    let mut listener = Listener::start(&sandbox, &more);
    for (kind, server, status) in [
        ("ORDER.FILLED", &filled, "-> 201"),
        ("ORDER.NEW", &orders, "-> 200"),
        ("USER.CREATED", &rest, "-> 202"),
    ] {
        trigger(&sandbox, "USER.ACTIVATED");
        let event = trigger(&sandbox, kind);
        assert!(server.next().body.contains(key(&event)), "{kind}");
        let line = listener.line();
        assert!(line.contains(kind) && line.ends_with(status), "{line}");
    }
    for server in [&filled, &orders, &rest] {
        assert!(server.is_idle(), "what is filtered is not sent on");
    }
}

#[test]
fn a_delivery_of_routed_events_goes_nowhere_else() {
    let sandbox = Sandbox::start();
    let (users, rest) = (Server::with_statuses(&[200]), Server::with_statuses(&[200]));
    let route = format!("USER={}", users.url);
    let more = ["--route", &route, "--forward", &rest.url];
    let _listener = Listener::start(&sandbox, &more);
    let user = trigger(&sandbox, "USER.CREATED");
    assert!(users.next().body.contains(key(&user)));
    let order = trigger(&sandbox, "ORDER.FILLED");
    let first = rest.next();
    assert!(first.body.contains(key(&order)), "{first:?}");
    assert!(users.is_idle());
}

#[test]
fn what_fails_is_sent_on_again() {
    let sandbox = Sandbox::start();
    let receiver = Server::with_statuses(&[503, 500, 200]);
    let mut listener = Listener::start(&sandbox, &["--forward", &receiver.url]);
    let event = trigger(&sandbox, "ORDER.FILLED");
    for expected in ["-> 503; again in 0.2 s", "-> 500; again in 0.4 s"] {
        let told = listener.note();
        assert!(
            told.contains(key(&event)) && told.ends_with(expected),
            "{told}"
        );
    }
    let line = listener.line();
    assert!(line.ends_with("-> 200"), "{line}");
    let bodies = [receiver.next(), receiver.next(), receiver.next()].map(|one| one.body);
    assert!(bodies.iter().all(|body| body == &bodies[0]), "{bodies:?}");
}

#[test]
fn repetitions_end_after_the_number_that_was_given() {
    let sandbox = Sandbox::start();
    let receiver = Server::with_statuses(&[500]);
    let more = ["--forward", &receiver.url, "--retries", "1"];
    let mut listener = Listener::start(&sandbox, &more);
    trigger(&sandbox, "ORDER.FILLED");
    let line = listener.line();
    assert!(line.ends_with("-> 500"), "{line}");
    receiver.next();
    receiver.next();
    assert!(receiver.is_idle());
}

/// Deliveries are acknowledged while the program that is being developed does not answer.
#[test]
fn a_target_that_is_down_delays_no_other() {
    let sandbox = Sandbox::start();
    let (sender, go_on) = channel::<()>();
    let stuck = Server::start(move |_| {
        let _ = go_on.recv();
        answer(200, "", b"")
    });
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = nobody.local_addr().expect("bound");
    drop(nobody);
    let route = format!("USER=http://{address}");
    let more = ["--forward", &stuck.url, "--route", &route];
    let mut listener = Listener::start(&sandbox, &more);
    let events = ["ORDER.FILLED", "ORDER.NEW", "USER.CREATED"].map(|kind| trigger(&sandbox, kind));
    // The sandbox delivers the next one only when the one before is acknowledged.
    let told = listener.note();
    assert!(
        told.contains(key(&events[2])) && told.contains("again in"),
        "{told}"
    );
    let list = ["webhooks", "events", "list", "--database", "events.db"];
    let listed = stdout(&sandbox.run(&list).success());
    for event in &events {
        assert!(listed.contains(key(event)), "{listed}");
    }
    drop(sender);
}
