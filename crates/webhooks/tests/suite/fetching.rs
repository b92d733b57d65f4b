//! Keys that are fetched: when, how often, and what if that fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
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
    let key = json!({ "kid": id, "kty": "EC", "crv": "P-521", "x": x, "y": y });
    serde_json::from_value(key).unwrap()
}

fn set(keys: Vec<JsonWebKey>) -> JsonWebKeySet {
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

/// A server with keys, whose answers take a permit, and a clock.
#[derive(Clone)]
struct Server {
    keys: Arc<Mutex<Option<Vec<JsonWebKey>>>>,
    calls: Arc<AtomicU64>,
    permits: Arc<Semaphore>,
    now: Arc<AtomicU64>,
}

impl Server {
    fn new(keys: Option<Vec<JsonWebKey>>) -> Self {
        Self {
            keys: Arc::new(Mutex::new(keys)),
            calls: Arc::default(),
            permits: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            now: Arc::new(AtomicU64::new(NOW)),
        }
    }

    fn fetched(&self) -> FetchedKeys {
        let (server, clock) = (self.clone(), Arc::clone(&self.now));
        FetchedKeys::new(move || {
            let server = server.clone();
            async move {
                server.calls.fetch_add(1, Ordering::Relaxed);
                server.permits.acquire().await?.forget();
                let keys = server.keys.lock().unwrap().clone();
                keys.map(set).ok_or_else(|| "503".into())
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
    assert!(keys.key(A).await.unwrap().is_some(), "nobody waits for it");
    assert_eq!(keys.key("made up").await.unwrap(), None, "it is done now");
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
        permits: Arc::new(Semaphore::new(0)),
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
    // All who ask hang up one after the other; what they asked for goes on.
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    server.permits.add_permits(1);
    for one in waiting {
        assert!(one.await.unwrap());
    }
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn nobody_whose_key_is_known_waits() {
    let a = key();
    let server = Server::new(Some(vec![jwk(A, &a)]));
    // It answers once.
    let permits = Arc::new(Semaphore::new(0));
    let slow = Server {
        permits: Arc::clone(&permits),
        ..server
    };
    let keys = slow.fetched();
    permits.add_permits(1);
    assert!(keys.key(A).await.unwrap().is_some());
    slow.pass(3600);
    assert!(keys.key(A).now_or_never().unwrap().unwrap().is_some());
    tokio::task::yield_now().await;
    assert_eq!(
        slow.calls(),
        2,
        "the keys are a day old: they are being fetched"
    );
    for _ in 0..10 {
        slow.pass(3600);
        assert!(keys.key(A).now_or_never().unwrap().unwrap().is_some());
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.calls(), 2, "one request is in flight at a time");
}

#[tokio::test]
async fn callers_who_hang_up_have_the_keys_fetched_once() {
    let a = key();
    let permits = Arc::new(Semaphore::new(0));
    let server = Server {
        permits: Arc::clone(&permits),
        ..Server::new(Some(vec![jwk(A, &a)]))
    };
    let keys = server.fetched();
    for number in 0..100 {
        let id = format!("made up {number}");
        assert!(
            keys.key(&id).now_or_never().is_none(),
            "it waits, and hangs up"
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(server.calls(), 1);
    permits.add_permits(1);
    assert_eq!(keys.key(A).await.unwrap(), Some(a), "it was not in vain");
    for number in 0..100 {
        let id = format!("made up {number}");
        assert_eq!(keys.key(&id).await.unwrap(), None);
    }
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn as_long_as_no_key_is_known_it_is_tried_again_after_growing_pauses() {
    let a = key();
    let server = Server::new(None);
    let keys = server.fetched();
    assert!(keys.key(A).await.is_err());
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        let before = server.calls();
        server.pass(pause - 1);
        assert!(keys.key(A).await.is_err());
        assert_eq!(server.calls(), before, "{pause} s");
        server.pass(1);
        assert!(keys.key(A).await.is_err());
        assert_eq!(server.calls(), before + 1, "{pause} s");
    }
    // One that is known ends it.
    server.serve(Some(vec![jwk(A, &a)]));
    server.pass(60);
    assert!(keys.key(A).await.unwrap().is_some());
    let before = server.calls();
    server.pass(59);
    assert_eq!(keys.key(B).await.unwrap(), None);
    assert_eq!(server.calls(), before);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_given_up() {
    let server = Server {
        permits: Arc::new(Semaphore::new(0)),
        ..Server::new(Some(Vec::new()))
    };
    let keys = server.fetched().timeout(Duration::from_secs(7));
    let start = tokio::time::Instant::now();
    assert!(keys.key(A).await.is_err());
    assert_eq!(start.elapsed().as_secs(), 7);
    server.permits.add_permits(1);
    server.pass(1);
    assert_eq!(keys.key(A).await.unwrap(), None);
}

#[tokio::test]
async fn a_fetch_that_panics_is_one_that_failed() {
    let fail = Arc::new(AtomicU64::new(1));
    let count = Arc::clone(&fail);
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let keys = FetchedKeys::new(move || {
        let is_first = count.fetch_sub(1, Ordering::Relaxed) == 1;
        async move {
            assert!(!is_first, "the first one panics");
            Ok(set(Vec::new()))
        }
    })
    .clock(move || at(clock.load(Ordering::Relaxed)));
    let error = keys.key(A).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "fetching them was interrupted");
    now.fetch_add(1, Ordering::Relaxed);
    assert_eq!(keys.key(A).await.unwrap(), None);
}

#[tokio::test]
async fn an_id_may_be_any_text() {
    let a = key();
    let capitals = A.to_uppercase();
    for id in ["upvest-2026", capitals.as_str()] {
        let server = Server::new(Some(vec![jwk(id, &a), jwk(B, &key())]));
        let keys = server.fetched();
        assert_eq!(keys.key(id).await.unwrap(), Some(a.clone()));
        assert!(keys.key(B).await.unwrap().is_some());
    }
    let json = json!({ "keys": [{ "kid": 7, "kty": "EC" }, jwk("upvest-2026", &a)] }).to_string();
    let keys = StaticKeys::from_json(&json).unwrap();
    assert_eq!(keys.key("upvest-2026").await.unwrap(), Some(a));
}

#[tokio::test]
async fn a_key_that_cannot_be_used_costs_no_other() {
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
async fn a_key_set_is_read_and_what_is_wrong_with_it_is_reported() {
    let a = key();
    let set = serde_json::to_string(&set(vec![jwk(A, &a)])).unwrap();
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
        ("", "not a JSON Web Key Set"),
        ("[]", "not a JSON Web Key Set"),
        (r#"{"keys":{}}"#, "not a JSON Web Key Set"),
        (&short, "the key `short` is not a P-521 key"),
    ] {
        let error: JwksError = StaticKeys::from_json(text).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
    assert!(StaticKeys::default().is_empty());
}
