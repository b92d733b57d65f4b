//! What each attempt at a call carries.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use tokio::time::Instant;
use tower::util::{BoxCloneSyncService, MapRequestLayer};
use upvest::models::Uuid;
use upvest::{Builder, Bytes, CallOptions, Environment, KeyAlgorithm, RetryPolicy, SigningKey};

const CLIENT_ID: &str = "5ec16164-6173-461d-b90d-116d68f55b40";

type Request = http::Request<Bytes>;
type Response = http::Response<upvest::Body>;

/// The calls that were sent, and how many tokens were requested.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<(Vec<Request>, usize)>>);

impl Sent {
    fn calls(&self) -> Vec<Request> {
        self.0.lock().unwrap().0.clone()
    }

    /// A header of each call.
    fn headers(&self, name: &str) -> Vec<String> {
        let text = |call: &Request| call.headers()[name].to_str().unwrap().to_owned();
        self.calls().iter().map(text).collect()
    }
}

/// A client whose every call gets the answer that `answer` makes, and numbered tokens that last for
/// so many seconds. Its clock goes with that of the test, from a whole second on.
fn builder(
    token_lifetime: u32,
    answer: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> (Builder, Sent) {
    let sent = Sent::default();
    let seen = sent.clone();
    let transport = BoxCloneSyncService::new(tower::service_fn(move |request: Request| {
        let mut seen = seen.0.lock().unwrap();
        let response = if request.uri().path().ends_with("/auth/token") {
            seen.1 += 1;
            let number = seen.1;
            http::Response::new(format!(
                r#"{{"access_token":"token-{number}","expires_in":{token_lifetime},"token_type":"bearer","scope":"positions:read"}}"#
            ).into())
        } else {
            seen.0.push(request);
            answer()
        };
        std::future::ready(Ok::<Response, upvest::BoxError>(response))
    }));
    let started = Instant::now();
    let builder = upvest::builder()
        .environment(Environment::Live)
        .credentials(CLIENT_ID, "hush")
        .signing_key(SigningKey::generate(KeyAlgorithm::Ed25519).unwrap(), "key")
        .clock(move || UNIX_EPOCH + Duration::from_secs(1_633_529_659) + started.elapsed())
        .retry_jitter(|longest| longest)
        .transport(transport);
    (builder, sent)
}

/// An answer with one header, and a body of four bytes.
fn answer(status: u16, header: &str, value: &str) -> Response {
    http::Response::builder()
        .status(status)
        .header(header, value)
        .body("none".into())
        .unwrap()
}

fn unavailable() -> Response {
    answer(503, "content-type", "text/plain")
}

/// A parameter of `signature-input`, as it is written.
fn parameter<'a>(input: &'a str, name: &str) -> &'a str {
    let prefix = format!(";{name}=");
    let start = input.find(&prefix).expect("the parameter is there") + prefix.len();
    input[start..].split(';').next().unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_signed_afresh() {
    let (client, sent) = builder(1_800, unavailable);
    let policy = RetryPolicy::new().initial_delay(Duration::from_secs(2));
    let client = client.retries(policy).build().unwrap();
    let call = client.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
    assert_eq!(call.send().await.unwrap_err().attempts(), 3);

    let inputs = sent.headers("signature-input");
    let created: Vec<_> = inputs
        .iter()
        .map(|input| parameter(input, "created"))
        .collect();
    assert_eq!(created, ["1633529659", "1633529661", "1633529665"]);
    let nonces: BTreeSet<_> = inputs
        .iter()
        .map(|input| parameter(input, "nonce"))
        .collect();
    assert_eq!(nonces.len(), 3);
    let signatures = BTreeSet::from_iter(sent.headers("signature"));
    assert_eq!(signatures.len(), 3);
    assert_eq!(sent.headers("authorization"), ["Bearer token-1"; 3]);
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_again_after_a_401_counts_as_an_attempt() {
    let turn = Arc::new(Mutex::new(0));
    let (client, sent) = builder(1_800, move || {
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        let status = if *turn % 2 == 1 { 401 } else { 503 };
        answer(status, "content-type", "text/plain")
    });
    let policy = RetryPolicy::new().initial_delay(Duration::from_secs(2));
    let client = client.retries(policy).build().unwrap();
    let call = client.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
    let error = call.await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.status().unwrap().as_u16()),
        (2, 401)
    );
    assert_eq!(sent.calls().len(), 3, "and not six");
}

#[tokio::test(start_paused = true)]
async fn every_attempt_has_a_token_that_is_valid_then() {
    let (client, sent) = builder(10, || answer(503, "retry-after", "12"));
    let call = client.timeout(Duration::from_secs(60)).build().unwrap();
    let call = call.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
    assert_eq!(call.send().await.unwrap_err().attempts(), 3);
    assert_eq!(
        sent.headers("authorization"),
        ["Bearer token-1", "Bearer token-2", "Bearer token-3"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_is_signed_at_every_attempt_and_stays_the_same() {
    let (client, sent) = builder(1_800, unavailable);
    let client = client
        .layer(MapRequestLayer::new(|mut request: Request| {
            let key = request
                .uri()
                .path()
                .ends_with("cash_balances/EUR")
                .then(Uuid::new_v4);
            let headers = request.headers_mut();
            headers.insert("idempotency-key", key.unwrap().to_string().parse().unwrap());
            *request.method_mut() = http::Method::POST;
            request
        }))
        .build()
        .unwrap();
    let call = client.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
    assert_eq!(call.send().await.unwrap_err().attempts(), 3);
    let keys = BTreeSet::from_iter(sent.headers("idempotency-key"));
    assert_eq!(keys.len(), 1);
    for input in sent.headers("signature-input") {
        assert!(input.contains("\"idempotency-key\""), "{input}");
    }
}

#[tokio::test(start_paused = true)]
async fn client_and_call_say_how_often_and_how_long_and_how_much() {
    let (client, sent) = builder(1_800, || answer(503, "retry-after", "2"));
    let client = client
        .retries(RetryPolicy::none())
        .timeout(Duration::from_secs(1))
        .max_response_bytes(3)
        .build()
        .unwrap();
    let call = || client.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
    let too_large = call().send().await.unwrap_err();
    assert!(too_large.is_too_large() && too_large.status().unwrap() == 503);
    assert_eq!(sent.calls().len(), 1);

    let (client, sent) = builder(1_800, || answer(503, "retry-after", "2"));
    let client = client
        .retries(RetryPolicy::none())
        .timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let call = || client.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
    assert_eq!(call().send().await.unwrap_err().attempts(), 1);
    let twice = || call().retries(RetryPolicy::new().max_attempts(2));
    assert_eq!(twice().send().await.unwrap_err().attempts(), 1, "no time");
    let longer = twice().timeout(Duration::from_secs(5));
    assert_eq!(longer.send().await.unwrap_err().attempts(), 2);
    assert_eq!(sent.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_reported() {
    for (date, expected) in [
        ("Wed, 06 Oct 2021 14:15:49 GMT", Some("90 s behind")),
        ("Wed, 06 Oct 2021 14:12:49 GMT", Some("90 s ahead of")),
        ("Wed, 06 Oct 2021 14:14:19 GMT", None),
    ] {
        let (client, _) = builder(1_800, move || answer(401, "date", date));
        let client = client.build().unwrap();
        let call = client.retrieve_cash_balance_by_currency(Uuid::nil(), "EUR");
        let error = call.send().await.unwrap_err();
        assert_eq!(error.hint().is_some(), expected.is_some());
        assert!(
            error.to_string().contains(expected.unwrap_or("401")),
            "{error}"
        );
    }
}
