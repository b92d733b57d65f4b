//! Keys that are fetched: when, how often, and what if that fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use upvest_webhooks::models::{JsonWebKey, JsonWebKeySet};
use upvest_webhooks::signing::{KeyAlgorithm, SigningKey, VerifyingKey};
use upvest_webhooks::{FetchedKeys, JwksError, KeySource, StaticKeys};

use crate::support::{NOW, at};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

fn key() -> VerifyingKey {
    SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)
        .unwrap()
        .verifying_key()
}

fn jwk(id: &str, key: &VerifyingKey) -> JsonWebKey {
    let (x, y) = key.p521_coordinates().unwrap();
    let json = serde_json::json!({ "kid": id, "kty": "EC", "crv": "P-521", "x": x, "y": y });
    serde_json::from_value(json).unwrap()
}

/// A server with keys, behind a gate, and a clock.
#[derive(Clone)]
struct Server {
    keys: Arc<Mutex<Option<Vec<JsonWebKey>>>>,
    calls: Arc<AtomicU64>,
    gate: Arc<Semaphore>,
    now: Arc<AtomicU64>,
}

impl Server {
    fn new(keys: Option<Vec<JsonWebKey>>) -> Self {
        Self {
            keys: Arc::new(Mutex::new(keys)),
            calls: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            now: Arc::new(AtomicU64::new(NOW)),
        }
    }

    fn fetched(&self) -> FetchedKeys {
        let (server, clock) = (self.clone(), Arc::clone(&self.now));
        FetchedKeys::new(move || {
            let server = server.clone();
            async move {
                server.calls.fetch_add(1, Ordering::Relaxed);
                server.gate.acquire().await?.forget();
                let keys = server.keys.lock().unwrap().clone();
                keys.map(|keys| {
                    serde_json::from_value(serde_json::json!({ "keys": keys })).unwrap()
                })
                .ok_or_else(|| "503".into())
            }
        })
        .clock(move || at(clock.load(Ordering::Relaxed)))
        .interval(Duration::from_secs(60))
        .max_age(Duration::from_secs(3600))
    }

    fn serve(&self, keys: Option<Vec<JsonWebKey>>) {
        *self.keys.lock().unwrap() = keys;
    }

    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn keys_are_fetched_when_they_are_needed_and_then_kept() {
    let (a, b) = (key(), key());
    let server = Server::new(Some(vec![jwk(A, &a)]));
    let keys = server.fetched();
    assert_eq!(server.calls(), 0);
    assert_eq!(keys.key(A).await.unwrap(), Some(a.clone()));
    assert_eq!(keys.key(A).await.unwrap(), Some(a.clone()));
    assert_eq!(server.calls(), 1);

    // A key that is not there is looked for once a minute, whoever asks.
    server.serve(Some(vec![jwk(A, &a), jwk(B, &b)]));
    for _ in 0..100 {
        assert_eq!(keys.key(B).await.unwrap(), None);
        assert_eq!(keys.key("made up").await.unwrap(), None);
    }
    assert_eq!(server.calls(), 1);
    server.pass(60);
    assert_eq!(keys.key(B).await.unwrap(), Some(b));
    assert_eq!(keys.key("made up").await.unwrap(), None);
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_gone_when_the_keys_are_old() {
    let a = key();
    let server = Server::new(Some(vec![jwk(A, &a)]));
    let keys = server.fetched();
    assert!(keys.key(A).await.unwrap().is_some());
    server.serve(Some(Vec::new()));
    server.pass(3599);
    assert!(keys.key(A).await.unwrap().is_some());
    server.pass(1);
    assert_eq!(keys.key(A).await.unwrap(), None);
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn when_fetching_fails_the_known_keys_stay() {
    let a = key();
    let server = Server::new(None);
    let keys = server.fetched();
    for _ in 0..3 {
        let error = keys.key(A).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the keys that webhooks are signed with cannot be fetched"
        );
        assert_eq!(
            std::error::Error::source(&error).unwrap().to_string(),
            "503"
        );
    }
    assert_eq!(server.calls(), 1, "failures do not come faster either");
    server.serve(Some(vec![jwk(A, &a)]));
    server.pass(60);
    assert!(keys.key(A).await.unwrap().is_some());

    server.serve(None);
    server.pass(3600);
    assert!(keys.key(A).await.unwrap().is_some());
    assert!(keys.key(A).await.unwrap().is_some());
    assert!(keys.key(B).await.is_err(), "it may be there by now");
    assert_eq!(server.calls(), 3);
    server.serve(Some(vec![jwk(A, &a)]));
    server.pass(60);
    assert_eq!(keys.key(B).await.unwrap(), None);
}

#[tokio::test]
async fn one_request_serves_all_who_wait() {
    let a = key();
    let server = Server {
        gate: Arc::new(Semaphore::new(0)),
        ..Server::new(Some(vec![jwk(A, &a)]))
    };
    let keys = Arc::new(server.fetched());
    let ask = |id: &'static str| {
        let keys = Arc::clone(&keys);
        tokio::spawn(async move { keys.key(id).await.unwrap().is_some() })
    };
    let given_up = ask(A);
    let waiting: Vec<_> = (0..10).map(|_| ask(A)).collect();
    tokio::task::yield_now().await;
    assert_eq!(server.calls(), 1);
    // Whoever asked first goes away; another one takes over.
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    server.gate.add_permits(1);
    for one in waiting {
        assert!(one.await.unwrap());
    }
    assert_eq!(server.calls(), 2);

    // Nobody whose key is known waits while others wait for theirs.
    server.pass(60);
    let other = ask(B);
    tokio::task::yield_now().await;
    assert_eq!(server.calls(), 3);
    server.pass(3600);
    assert!(ask(A).await.unwrap());
    server.gate.add_permits(1);
    assert!(!other.await.unwrap());
}

#[tokio::test]
async fn a_key_that_is_none_costs_no_other() {
    let a = key();
    let mut broken = jwk(B, &key());
    broken.x = jwk(A, &a).x;
    let mut other_kind = jwk(B, &key());
    other_kind.crv = Some("P-256".into());
    let server = Server::new(Some(vec![
        broken,
        other_kind,
        serde_json::from_str("{}").unwrap(),
        jwk(A, &a),
    ]));
    let keys = server.fetched();
    assert_eq!(keys.key(A).await.unwrap(), Some(a));
    assert_eq!(keys.key(B).await.unwrap(), None);
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_nothing() {
    let a = key();
    let server = Server::new(Some(Vec::new()));
    let keys = server.fetched();
    assert_eq!(keys.key(A).await.unwrap(), None);
    server.serve(Some(vec![jwk(A, &a)]));
    server.now.store(NOW - 1_000_000, Ordering::Relaxed);
    assert_eq!(keys.key(A).await.unwrap(), Some(a));
}

#[tokio::test]
async fn a_key_set_is_read_and_what_is_wrong_with_it_is_told() {
    let a = key();
    let set = serde_json::to_string(&serde_json::json!({ "keys": [jwk(A, &a)] })).unwrap();
    assert_eq!(
        StaticKeys::from_json(&set).unwrap().key(A).await.unwrap(),
        Some(a.clone())
    );
    let mixed = set.replace(
        "[{",
        r#"[{"kty":"RSA","n":"AQAB"},{"kid":"x","kty":"EC","crv":"P-521"},{"#,
    );
    assert_eq!(StaticKeys::from_json(&mixed).unwrap().len(), 1);
    let short = set.replace(A, "short").replacen("\"x\":\"A", "\"x\":\"", 1);
    for (text, expected) in [
        ("", "no JSON Web Key Set"),
        ("[]", "no JSON Web Key Set"),
        (r#"{"keys":{}}"#, "no JSON Web Key Set"),
        (&short, "the key `short` is no P-521 key"),
    ] {
        let error: JwksError = StaticKeys::from_json(text).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
    assert!(StaticKeys::default().is_empty());
}
