//! What a signature must be like.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use upvest_auth_signing::{Clock, KeyAlgorithm, Signer};
use upvest_models::{AccessToken, CashBalance};

use crate::support::{BALANCE, Fixture, exchange, foreign_key, set, signature_refused, success};

/// What the signature of a request for a balance must cover, if there is a query.
const GET_COMPONENTS: [&str; 6] = [
    "@method",
    "@path",
    "@query",
    "accept",
    "authorization",
    "upvest-client-id",
];

/// What the signature of a request for a token must cover.
const POST_COMPONENTS: [&str; 7] = [
    "@method",
    "@path",
    "accept",
    "content-length",
    "content-type",
    "content-digest",
    "upvest-client-id",
];

fn without<'a>(components: &[&'a str], name: &str) -> Vec<&'a str> {
    let mut rest = components.to_vec();
    rest.retain(|component| *component != name);
    rest
}

#[tokio::test]
async fn version_15_is_the_only_one() {
    let fixture = Fixture::start().await;
    for (version, found) in [(None, "missing"), (Some("6"), "6"), (Some("16"), "16")] {
        let mut request = fixture.balance_request().await;
        fixture.sign(&mut request);
        match version {
            None => drop(request.headers_mut().remove("upvest-signature-version")),
            Some(version) => set(&mut request, "upvest-signature-version", version),
        }
        let reason = format!(
            "upvest-signature-version is {found}; expected 15 (this sandbox does not check \
             signatures of version 6)"
        );
        signature_refused(&fixture.send(request).await, &reason);
    }
}

#[tokio::test]
async fn both_headers_are_needed() {
    let fixture = Fixture::start().await;
    for name in ["signature", "signature-input"] {
        let mut request = fixture.balance_request().await;
        fixture.sign(&mut request);
        request.headers_mut().remove(name);
        let reason = format!("the header {name} is missing");
        signature_refused(&fixture.send(request).await, &reason);
    }
}

#[tokio::test]
async fn every_component_of_a_call_must_be_covered() {
    let fixture = Fixture::start().await;
    let path = format!("{BALANCE}?a=b");

    let mut request = fixture.authorised("GET", &path).await;
    fixture.sign_covering(&mut request, &GET_COMPONENTS);
    success::<CashBalance>(fixture.send(request).await);

    for name in GET_COMPONENTS {
        let mut request = fixture.authorised("GET", &path).await;
        fixture.sign_covering(&mut request, &without(&GET_COMPONENTS, name));
        let reason = format!("the signature does not cover the component `{name}`");
        signature_refused(&fixture.send(request).await, &reason);
    }
}

#[tokio::test]
async fn every_component_of_a_token_request_must_be_covered() {
    let fixture = Fixture::start().await;
    let form = fixture.form("positions:read");

    let mut request = fixture.form_request(form.clone());
    fixture.sign_covering(&mut request, &POST_COMPONENTS);
    success::<AccessToken>(fixture.send(request).await);

    for name in POST_COMPONENTS {
        let mut request = fixture.form_request(form.clone());
        fixture.sign_covering(&mut request, &without(&POST_COMPONENTS, name));
        let reason = format!("the signature does not cover the component `{name}`");
        signature_refused(&fixture.send(request).await, &reason);
    }
}

#[tokio::test]
async fn accept_and_client_id_must_be_there_to_be_covered() {
    let fixture = Fixture::start().await;
    for name in ["accept", "upvest-client-id"] {
        let mut request = fixture.balance_request().await;
        request.headers_mut().remove(name);
        let reason = format!("the signature does not cover the component `{name}`");
        signature_refused(&fixture.sign_and_send(request).await, &reason);
    }
}

#[tokio::test]
async fn what_is_covered_must_not_change() {
    type Change = fn(&mut Request<Bytes>);
    let changes: [(&str, Change); 6] = [
        ("@method", |request| *request.method_mut() = Method::HEAD),
        ("@path", |request| {
            let uri = request.uri().to_string().replace("d0fc", "D0FC");
            *request.uri_mut() = uri.parse().unwrap();
        }),
        ("@query", |request| {
            let uri = request.uri().to_string().replace("a=b", "a=c");
            *request.uri_mut() = uri.parse().unwrap();
        }),
        ("accept", |request| set(request, "accept", "*/*")),
        ("authorization", |request| {
            set(request, "authorization", "Bearer another");
        }),
        ("upvest-client-id", |request| {
            set(request, "upvest-client-id", "another");
        }),
    ];

    let fixture = Fixture::start().await;
    for (component, change) in changes {
        let mut request = fixture.authorised("GET", &format!("{BALANCE}?a=b")).await;
        fixture.sign(&mut request);
        change(&mut request);
        if component == "@method" {
            // A response to HEAD has no body to look into.
            assert_eq!(exchange(request).await.status(), 401);
        } else {
            let reason = "the signature does not match the request and the key";
            signature_refused(&fixture.send(request).await, reason);
        }
    }
}

#[tokio::test]
async fn a_flipped_bit_in_the_body_is_noticed() {
    let fixture = Fixture::start().await;
    let mut request = fixture.form_request(fixture.form("positions:read"));
    fixture.sign(&mut request);
    let mut body = request.body().to_vec();
    *body.last_mut().unwrap() ^= 1;
    *request.body_mut() = body.into();
    let reason = "content-digest does not match the body";
    signature_refused(&fixture.send(request).await, reason);
}

#[tokio::test]
async fn a_flipped_bit_in_the_signature_is_noticed() {
    let fixture = Fixture::start().await;
    let mut request = fixture.balance_request().await;
    fixture.sign(&mut request);
    let mut value = request.headers()["signature"].as_bytes().to_vec();
    // Amid the base64, where any other of its characters is a character of it, too.
    let middle = value.len() / 2;
    value[middle] = if value[middle] == b'A' { b'B' } else { b'A' };
    set(
        &mut request,
        "signature",
        std::str::from_utf8(&value).unwrap(),
    );
    let reason = "the signature does not match the request and the key";
    signature_refused(&fixture.send(request).await, reason);
}

#[tokio::test]
async fn a_signature_expires() {
    let fixture = Fixture::start().await;
    let mut in_time = fixture.balance_request().await;
    fixture.sign(&mut in_time);
    let mut too_late = fixture.balance_request().await;
    fixture.sign(&mut too_late);

    // 30 seconds of lifetime and 5 of skew.
    fixture.clock.advance(Duration::from_secs(35));
    success::<CashBalance>(fixture.send(in_time).await);
    fixture.clock.advance(Duration::from_secs(1));
    let response = fixture.send(too_late).await;
    signature_refused(&response, "the signature expired 6 s ago");
}

#[tokio::test]
async fn a_signature_is_not_from_the_future() {
    let fixture = Fixture::start().await;
    for ahead in [5, 6] {
        let mut request = fixture.balance_request().await;
        let time = fixture.clock.now() + Duration::from_secs(ahead);
        let signer = fixture.signer().clock(move || time);
        signer.sign(&mut request).unwrap();
        let response = fixture.send(request).await;
        match ahead {
            5 => drop(success::<CashBalance>(response)),
            _ => signature_refused(&response, "the signature was created 6 s in the future"),
        }
    }
}

#[tokio::test]
async fn a_signature_does_not_last_longer_than_a_minute() {
    let fixture = Fixture::start().await;
    for lifetime in [60, 61] {
        let mut request = fixture.balance_request().await;
        let signer = fixture.signer().lifetime(Duration::from_secs(lifetime));
        signer.sign(&mut request).unwrap();
        let response = fixture.send(request).await;
        match lifetime {
            60 => drop(success::<CashBalance>(response)),
            _ => signature_refused(&response, "the signature is valid for 61 s"),
        }
    }
}

#[tokio::test]
async fn a_request_cannot_be_sent_twice() {
    let fixture = Fixture::start().await;
    let mut request = fixture.balance_request().await;
    let signer = fixture.signer().nonces(|| "only-once".to_owned());
    signer.sign(&mut request).unwrap();
    success::<CashBalance>(fixture.send(request.clone()).await);
    let reason = "the nonce `only-once` was used before";
    signature_refused(&fixture.send(request).await, reason);
}

#[tokio::test]
async fn another_key_does_not_do() {
    let fixture = Fixture::start().await;

    let mut request = fixture.balance_request().await;
    let key = fixture.sandbox.signing_key().clone();
    let signer = Signer::new(key, "unknown").clock(fixture.clock.clone());
    signer.sign(&mut request).unwrap();
    let reason = "no key is known with the keyid `unknown`";
    signature_refused(&fixture.send(request).await, reason);

    let mut request = fixture.balance_request().await;
    let signer = Signer::new(foreign_key(&fixture), fixture.sandbox.key_id());
    let signer = signer.clock(fixture.clock.clone());
    signer.sign(&mut request).unwrap();
    let reason = "the signature does not match the request and the key";
    signature_refused(&fixture.send(request).await, reason);
}

#[tokio::test]
async fn both_algorithms_do() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let fixture = Fixture::start_with(|builder| builder.key_algorithm(algorithm)).await;
        assert_eq!(fixture.sandbox.signing_key().algorithm(), algorithm);
        let request = fixture.balance_request().await;
        success::<CashBalance>(fixture.sign_and_send(request).await);
    }
}
