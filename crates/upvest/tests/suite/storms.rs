//! Many calls at once, and everything that goes wrong on the way, over real sockets.

mod answers;

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::limit::ConcurrencyLimitLayer;
use tower::util::MapRequestLayer;
use upvest::models::CashBalance;
use upvest::testing::ManualClock;
use upvest::{Builder, Bytes, Client, Error, KeyAlgorithm, Response, RetryPolicy};
use upvest_sandbox::{Fault, Latch, Sandbox};

use crate::support::builder;

/// How many requests are sent at a time, however many calls there are: connections are limited.
const REQUESTS: usize = 64;

/// A sandbox and a client that agree on the time.
struct Fixture {
    sandbox: Sandbox,
    client: Client,
    clock: ManualClock,
    /// How many calls have been made, those that still wait for their token included.
    calls: watch::Sender<usize>,
}

impl Fixture {
    async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = ManualClock::new();
        let sandbox = Sandbox::builder()
            .clock(clock.clone())
            // Ten times as fast, and not what is tried here.
            .key_algorithm(KeyAlgorithm::Ed25519)
            .start()
            .await
            .unwrap();
        let calls = watch::Sender::new(0);
        let counted = calls.clone();
        let client = builder(&sandbox)
            .clock(clock.clone())
            .timeout(Duration::from_secs(600))
            .attempt_timeout(Duration::from_secs(600))
            .token_timeout(Duration::from_secs(600))
            // What is answered is what the call gets.
            .retries(RetryPolicy::none())
            .layer(MapRequestLayer::new(
                move |request: http::Request<Bytes>| {
                    counted.send_modify(|calls| *calls += 1);
                    request
                },
            ))
            .transport_layer(ConcurrencyLimitLayer::new(REQUESTS));
        let client = configure(client).build().unwrap();
        Self {
            sandbox,
            client,
            clock,
            calls,
        }
    }

    async fn call(&self) -> Result<Response<CashBalance>, Error> {
        let id = self.sandbox.account_group_id();
        let call = self.client.retrieve_cash_balance_by_currency(id, "EUR");
        call.send().await
    }

    async fn failure(&self) -> Error {
        self.call().await.expect_err("the call was to fail")
    }

    /// Begins this many calls at once.
    fn begin(&self, count: usize) -> JoinSet<Result<(), Error>> {
        let mut calls = JoinSet::new();
        for _ in 0..count {
            let client = self.client.clone();
            let id = self.sandbox.account_group_id();
            calls.spawn(async move {
                let call = client.retrieve_cash_balance_by_currency(id, "EUR");
                call.send().await.map(drop)
            });
        }
        calls
    }

    /// Makes this many calls while the token request that they wait for is under way.
    async fn storm(&self, count: usize) {
        let latch = Latch::new();
        self.sandbox
            .fail(Fault::held(&latch).on_operation("issue_token"));
        let before = *self.calls.borrow();
        let calls = self.begin(count);
        latch.arrived(1).await;
        let mut made = self.calls.subscribe();
        let all = before + count;
        made.wait_for(|calls| *calls == all).await.unwrap();
        latch.release_all();
        for call in calls.join_all().await {
            call.unwrap();
        }
    }

    /// Token requests and calls that came in.
    fn requests(&self) -> (u64, u64) {
        let operations = self.sandbox.counters().requests_by_operation;
        (
            operations["issue_token"],
            operations["retrieve_cash_balance_with_currency"],
        )
    }
}

/// Retries as they are unless set, without the waits.
fn retry_at_once(builder: Builder) -> Builder {
    builder
        .retries(RetryPolicy::new())
        .retry_jitter(|_| Duration::ZERO)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_first_calls_make_one_token_request() {
    let fixture = Fixture::start().await;
    fixture.storm(10_000).await;
    assert_eq!(fixture.requests(), (1, 10_000));
    let counters = fixture.sandbox.counters();
    assert_eq!(counters.requests, 10_001);
    assert_eq!(counters.repeated_nonces, 0);
    assert!(counters.most_in_flight <= REQUESTS as u64, "{counters:?}");
    // A request has its place until the head of the response is there, and its connection until the
    // body is.
    assert!(counters.connections <= 4 * REQUESTS as u64, "{counters:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_pass_the_end_of_a_token_with_one_request() {
    let fixture = Fixture::start().await;
    let _ = fixture.call().await.unwrap();
    for _ in 0..3 {
        fixture.sandbox.reset_counters();
        fixture.clock.advance(Duration::from_secs(1_800));
        fixture.storm(1_000).await;
        assert_eq!(fixture.requests(), (1, 1_000));
        assert_eq!(fixture.sandbox.counters().most_token_requests_in_flight, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_replace_a_revoked_token_once() {
    let fixture = Fixture::start().await;
    let _ = fixture.call().await.unwrap();
    fixture.sandbox.revoke_tokens();
    fixture.sandbox.reset_counters();
    for call in fixture.begin(1_000).join_all().await {
        call.unwrap();
    }
    let (tokens, calls) = fixture.requests();
    assert_eq!(tokens, 1);
    assert!((1_001..=2_000).contains(&calls), "{calls}");
    assert_eq!(fixture.sandbox.counters().repeated_nonces, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_of_503_there_are_few_retries() {
    // Those served before make up for some of the retries.
    for served in [0, 1_000] {
        let fixture = Fixture::start_with(retry_at_once).await;
        let _ = fixture.call().await.unwrap();
        for call in fixture.begin(served).join_all().await {
            call.unwrap();
        }
        fixture.sandbox.reset_counters();
        fixture.sandbox.fail(Fault::status(503).on_calls().always());
        for call in fixture.begin(1_000).join_all().await {
            let error = call.unwrap_err();
            assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        }
        let (_, attempts) = fixture.requests();
        assert!((1_001..1_200).contains(&attempts), "{attempts}");
        assert_eq!(fixture.sandbox.counters().repeated_nonces, 0);
    }
}

#[tokio::test]
async fn a_call_is_served_in_the_end() {
    for (fault, attempts) in [
        (Fault::status(503).times(2), 3),
        (Fault::html(502).times(2), 3),
        (Fault::reset().after_acting(), 2),
        (Fault::closed(), 2),
        (Fault::truncated(), 2),
    ] {
        let fixture = Fixture::start_with(retry_at_once).await;
        let text = format!("{fault:?}");
        fixture.sandbox.fail(fault.on_calls());
        let _ = fixture.call().await.unwrap();
        assert_eq!(fixture.requests(), (1, attempts), "{text}");
        assert_eq!(fixture.sandbox.counters().repeated_nonces, 0);
    }
}

#[tokio::test]
async fn a_401_is_answered_with_one_repetition_and_no_more() {
    let fixture = Fixture::start().await;
    let _ = fixture.call().await.unwrap();
    fixture.sandbox.reset_counters();
    fixture.sandbox.fail(Fault::status(401).always().on_calls());
    let error = fixture.failure().await;
    assert_eq!(error.status(), Some(StatusCode::UNAUTHORIZED));
    assert!(error.is_authentication());
    assert_eq!(fixture.requests(), (1, 2));
}

#[tokio::test]
async fn a_token_serves_many_calls_whatever_lifetime_it_tells() {
    for said in [
        None,
        Some(json!(0)),
        Some(json!(-1)),
        Some(json!(31_536_000)),
        Some(json!("1799")),
        Some(json!(null)),
    ] {
        let fixture = Fixture::start().await;
        let text = format!("{said:?}");
        let fault = Fault::json(move |token| match &said {
            Some(value) => token["expires_in"] = value.clone(),
            None => drop(token.as_object_mut().unwrap().remove("expires_in")),
        });
        fixture.sandbox.fail(fault.on_path("/auth/token").always());
        for call in fixture.begin(50).join_all().await {
            call.unwrap();
        }
        assert_eq!(fixture.requests(), (1, 50), "{text}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_noticed_by_the_signature() {
    let fixture = Fixture::start().await;
    fixture.sandbox.set_clock_offset(300);
    let error = fixture.failure().await;
    assert!(error.is_authentication());
    assert!(
        error
            .to_string()
            .contains("Signature is incorrect: the signature expired 270 s ago"),
        "{error}"
    );
    let date = &error.headers().unwrap()["date"];
    assert_eq!(date, "Wed, 06 Oct 2021 14:19:19 GMT");
    assert_eq!(fixture.requests(), (1, 0));
}

#[tokio::test]
async fn while_there_is_no_token_there_is_no_call() {
    for (fault, status) in [
        (Fault::closed(), None),
        (Fault::reset(), None),
        (Fault::connection_reset(), None),
        (Fault::truncated(), None),
        (Fault::html(503), Some(StatusCode::SERVICE_UNAVAILABLE)),
        (Fault::status(503), Some(StatusCode::SERVICE_UNAVAILABLE)),
        (Fault::status(429), Some(StatusCode::TOO_MANY_REQUESTS)),
    ] {
        let fixture = Fixture::start().await;
        let text = format!("{fault:?}");
        fixture
            .sandbox
            .fail(fault.on_operation("issue_token").always());
        let error = fixture.failure().await;
        assert!(error.is_authentication(), "{text}");
        assert_eq!(error.status(), status, "{text}");
        assert_eq!(
            error.operation().unwrap().id,
            "retrieve_cash_balance_with_currency"
        );
        assert_eq!(fixture.requests().1, 0, "{text}");

        fixture.sandbox.clear_faults();
        fixture.clock.advance(Duration::from_secs(60));
        let _ = fixture.call().await.unwrap();
    }
}
