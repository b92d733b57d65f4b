//! `upvest webhooks trigger` without a sandbox.

use http::Request as HttpRequest;
use upvest_auth_signing::{Message, VerifyingKey};
use upvest_webhooks::{DeliveryVerifier, StaticKeys};

use crate::receiver::{Request, Server};
use crate::support::{Home, json, stderr, stdout};

const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";

/// A home with a key in `key.pem`, and its public half.
fn home() -> (Home, VerifyingKey) {
    let home = Home::new();
    let generated = home.run(&["keys", "generate", "key.pem", "--no-passphrase"]);
    let public = VerifyingKey::from_pem(&stdout(&generated.success()));
    (home, public.expect("a key"))
}

fn trigger<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let begin = "webhooks trigger ORDER.FILLED --key key.pem --key-id";
    let begin = begin.split(' ').chain([KEY_ID, "--url", url]);
    begin.chain(more.iter().copied()).collect()
}

/// The number of events in a delivery that is as Upvest sends it.
fn verified(request: &Request, key: VerifyingKey) -> usize {
    let mut lines = request.raw.lines();
    let line = lines.next().expect("a line");
    let target = line.split(' ').nth(1).expect("a target");
    let mut built = HttpRequest::post(target);
    for line in lines {
        if let Some((name, value)) = line.split_once(": ") {
            built = built.header(name, value);
        }
    }
    let built = built.body(()).expect("a request");
    let message = Message {
        method: built.method(),
        uri: built.uri(),
        headers: built.headers(),
        body: request.body.as_bytes(),
    };
    let verifier = DeliveryVerifier::new(StaticKeys::from_iter([(KEY_ID.to_owned(), key)]));
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let delivery = runtime
        .expect("a runtime")
        .block_on(verifier.verify(message));
    delivery.expect("it is signed").events.len()
}

#[test]
fn an_event_is_delivered_straight_to_an_address() {
    let (home, key) = home();
    let receiver = Server::with_statuses(&[200]);
    let url = format!("{}/hook?tenant=7", receiver.url);
    let set = ["--set", "object.note=set", "--remove", "object.user_id"];
    let triggered = home.run(&trigger(&url, &set)).success();
    let event = json(&triggered);
    assert_eq!(event["object"]["note"], "set");
    assert!(event["object"].get("user_id").is_none());
    assert!(stderr(&triggered).contains("answered with 200"));

    let request = receiver.next();
    assert!(
        request.head.starts_with("post /hook?tenant=7 http/1.1"),
        "{request:?}"
    );
    assert!(request.body.contains("\"note\":\"set\""), "{request:?}");
    assert_eq!(verified(&request, key), 1);
}

#[test]
fn the_exit_code_says_whether_it_was_accepted() {
    let (home, _) = home();
    let receiver = Server::with_statuses(&[500]);
    home.run(&trigger(&receiver.url, &[])).code(1);
    let nobody = home.run(&trigger("http://127.0.0.1:1", &[])).code(6);
    assert!(!stderr(&nobody).is_empty());
}

#[test]
fn what_is_missing_for_it_is_reported() {
    let (home, _) = home();
    for (arguments, expected) in [
        ("--url http://127.0.0.1:1", "--key"),
        ("--url http://127.0.0.1:1 --key key.pem", "--key-id"),
        ("--key key.pem", "--url"),
        ("--url ftp://x --key key.pem --key-id a", "http://"),
    ] {
        let begin = ["webhooks", "trigger", "ORDER.FILLED"];
        let arguments: Vec<&str> = begin.into_iter().chain(arguments.split(' ')).collect();
        let told = stderr(&home.run(&arguments).code(2));
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}
