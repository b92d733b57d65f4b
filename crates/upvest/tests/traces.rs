//! What can be seen of calls from outside, and what cannot.
//!
//! A separate program: a span that is first met where nobody listens may never be heard of.

#[path = "../../client/tests/recorder/mod.rs"]
mod recorder;
mod support;

use std::sync::{Arc, Mutex};

use tower::util::MapRequestLayer;
use upvest::Bytes;
use upvest::models::Uuid;
use upvest_sandbox::Sandbox;

use recorder::{Recorder, Seen};
use support::builder;

#[tokio::test]
async fn token_requests_and_calls_made_again_are_seen() {
    let (recorder, _guard) = Recorder::start();
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).build().unwrap();
    for _ in 0..2 {
        let call = client.retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR");
        assert_eq!(call.send().await.unwrap().attempts(), 1);
        sandbox.revoke_tokens();
    }
    assert_eq!(recorder.spans("upvest.call").len(), 2);
    let all = recorder.all();
    for request in recorder.spans("upvest.request") {
        let around = request.parent.map(|parent| &all[parent]);
        let is_for_token = request.fields["otel.name"] == "POST /auth/token";
        let expected = if is_for_token {
            "access_token"
        } else {
            "upvest.call"
        };
        assert_eq!(around.map(|around| around.name), Some(expected));
        assert_eq!(request.target, "upvest_client");
    }
    let field = |seen: &Seen, name| seen.fields.get(name).cloned().unwrap_or_default();
    let requests: Vec<String> = recorder
        .spans("upvest.request")
        .iter()
        .map(|seen| {
            let name = field(seen, "otel.name");
            let status = field(seen, "http.response.status_code");
            let again = field(seen, "http.request.resend_count");
            format!("{name} {status} {again}").trim_end().to_owned()
        })
        .collect();
    let call = "GET /account_groups/{account_group_id}/payments/cash_balances/{currency}";
    assert_eq!(
        requests,
        [
            "POST /auth/token 200".to_owned(),
            format!("{call} 200"),
            format!("{call} 401"),
            "POST /auth/token 200".to_owned(),
            format!("{call} 200 1"),
        ]
    );
}

#[tokio::test]
async fn no_secret_and_no_id_is_seen_at_any_level() {
    let (recorder, _guard) = Recorder::start();
    let sandbox = Sandbox::start().await.unwrap();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sent);
    let client = builder(&sandbox)
        .transport_layer(MapRequestLayer::new(
            move |request: http::Request<Bytes>| {
                seen.lock().unwrap().push(request.headers().clone());
                request
            },
        ))
        .build()
        .unwrap();
    let found = client.retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR");
    let balance = found.send().await.unwrap();
    let unknown = Uuid::from_u128(0x4711);
    let not_found = client.retrieve_cash_balance_by_currency(unknown, "EUR");
    assert_eq!(not_found.send().await.unwrap_err().status().unwrap(), 404);

    let all = format!("{:?}", recorder.all());
    assert!(all.contains("upvest.request"), "something was seen");
    let mut hidden = vec![
        sandbox.account_group_id().to_string(),
        unknown.to_string(),
        sandbox.client_id().to_string(),
        sandbox.client_secret().to_string(),
        sandbox.key_id().to_string(),
        balance.balance.to_string(),
    ];
    for headers in sent.lock().unwrap().iter() {
        for name in [
            "authorization",
            "signature",
            "signature-input",
            "content-digest",
        ] {
            let value = headers.get(name).map(|value| value.to_str().unwrap());
            hidden.extend(value.map(|value| value.trim_start_matches("Bearer ").to_owned()));
        }
    }
    assert!(hidden.len() > 12);
    for secret in hidden {
        assert!(!all.contains(&secret), "{secret} is in {all}");
    }
}
