//! Calls that the sandbox answers within the process, under a clock that stands still until everything
//! waits.

use std::time::Duration;

use upvest::{CallOptions, Client, Environment, Error, KeyAlgorithm, RetryPolicy, SigningKey};
use upvest_sandbox::{Fault, Latch, Sandbox};

use crate::support::builder;

async fn sandbox_and_client() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).transport(sandbox.transport());
    let client = client.build().unwrap();
    (sandbox, client)
}

/// The error of a call that gets this fault and is not repeated.
async fn failure(fault: Fault) -> Error {
    let (sandbox, client) = sandbox_and_client().await;
    sandbox.fail(fault.on_calls());
    let call = client.list_cash_balances(sandbox.account_group_id());
    let answer = call.retries(RetryPolicy::none()).await;
    answer.expect_err("the call was to fail")
}

#[tokio::test(start_paused = true)]
async fn a_call_is_signed_checked_and_answered() {
    let sandbox = Sandbox::start().await.unwrap();
    // The address is that of Upvest: nothing is sent there.
    let client = builder(&sandbox)
        .environment(Environment::Sandbox)
        .transport(sandbox.transport())
        .build()
        .unwrap();
    let balances = client.list_cash_balances(sandbox.account_group_id()).await;
    assert_eq!(balances.unwrap().data.len(), 1);
    let counters = sandbox.counters();
    assert_eq!((counters.requests, counters.connections), (2, 2));
    assert_eq!(sandbox.token_requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_key_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let client = builder(&sandbox)
        .signing_key(key, sandbox.key_id())
        .transport(sandbox.transport())
        .build()
        .unwrap();
    let call = client.list_cash_balances(sandbox.account_group_id());
    let error = call.await.unwrap_err();
    assert!(error.is_authentication());
    let text = error.to_string();
    assert!(text.contains("Signature is incorrect"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn connections_that_fail_are_distinguished_from_all_else() {
    for fault in [Fault::reset(), Fault::closed(), Fault::truncated()] {
        let error = failure(fault.clone()).await;
        assert!(error.is_transient(), "{fault:?}: {error:?}");
        assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    }
    let error = failure(Fault::html(502)).await;
    assert_eq!(error.status().unwrap(), 502);
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_repeated_after_pauses_that_nobody_waits_for() {
    let (sandbox, client) = sandbox_and_client().await;
    sandbox.fail(Fault::connection_reset());
    sandbox.fail(Fault::status(503).retry_after_seconds(3).on_calls());
    let balances = client.list_cash_balances(sandbox.account_group_id()).await;
    assert_eq!(balances.unwrap().data.len(), 1);
    let counters = sandbox.counters();
    assert_eq!(counters.requests_by_operation["retrieve_cash_balances"], 2);
    assert_eq!(counters.connections, counters.requests + 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_takes_too_long() {
    let latch = Latch::new();
    for fault in [Fault::held(&latch), Fault::trickling(&latch)] {
        let error = failure(fault).await;
        assert!(error.is_timeout(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_has_stopped_refuses_the_connection() {
    let (sandbox, client) = sandbox_and_client().await;
    let id = sandbox.account_group_id();
    sandbox.stop().await;
    let call = client
        .list_cash_balances(id)
        .timeout(Duration::from_secs(60));
    let error = call.await.unwrap_err();
    assert!(error.is_connect() && error.is_transient(), "{error:?}");
}
