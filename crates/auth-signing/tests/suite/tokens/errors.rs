//! What callers get when there is no token.

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use tower::{Layer, ServiceBuilder, ServiceExt};
use upvest_auth_signing::{
    AccessToken, ClientCredentials, Scopes, SignLayer, Signer, TokenError, TokenLayer,
};

use super::api::{Answer, Api, SECRET, Step, answered, failure, layer, request, seconds, service};
use crate::support::{ManualClock, chain, ed25519};

#[tokio::test]
async fn failures_in_one_line() {
    let no_scope = r#"{"type":"https://docs.upvest.co/errors/unauthorised","title":"Unauthorised","status":401,"detail":"The client\nlacks a scope"}"#;
    let signature = r#"{"type":"https://docs.upvest.co/errors/unauthorised","title":"Unauthorised","status":401,"detail":"Signature is\nincorrect"}"#;
    let oauth =
        r#"{"error":"invalid_client","error_description":"Client \u202eauthentication failed"}"#;
    let cases = [
        Step::Break,
        Step::Respond(Response::new(Answer::broken(
            r#"{"access_token":"1234567890"#,
        ))),
        Step::Json(401, no_scope),
        Step::Json(401, signature),
        Step::Json(401, ""),
        Step::Json(400, oauth),
        Step::Json(503, "<h1>Service Unavailable</h1>"),
        Step::Json(429, ""),
        Step::Json(500, "{}"),
        Step::Json(302, ""),
        Step::Json(200, "<h1>Hello</h1>"),
        Step::Json(200, r#"{"access_token":1234567890}"#),
        Step::Json(200, r#"{"token":"abc"}"#),
        Step::Json(200, r#"{"access_token":""}"#),
        Step::Json(200, r#"{"access_token":"a\nb"}"#),
        Step::Json(200, r#"{"access_token":"tok"#),
        Step::Json(200, r#"{"access_token":"1234567890","token_type":"m\nac"}"#),
        Step::Json(200, r#"{"access_token":"1234567890","token_type":1}"#),
        Step::Json(200, r#"{"access_token":"1234567890","scope":["a"]}"#),
        Step::Json(200, r#"{"access_token":"1234567890","scope":""}"#),
    ];
    let mut report = String::new();
    for step in cases {
        let api = Api::with([step]);
        let error = failure(&service(&api, &ManualClock::new())).await;
        assert!(!format!("{error:?}").contains("1234567890"), "{error:?}");
        assert!(api.calls().is_empty(), "the call must not be sent");
        report.push_str(&format!("{}\n", chain(&error)));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn a_failure_keeps_the_response() {
    let html = "<h1>Service Unavailable</h1>";
    let api = Api::with([Step::Json(503, html), Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);

    let error = failure(&service).await;
    let response = error.response().expect("the response");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["upvest-request-id"], "request-1");
    assert_eq!(response.body(), html);
    assert_eq!(format!("{error:?}"), format!("TokenError({error})"));
    assert!(error.missing_scopes().is_none());

    clock.advance(seconds(1));
    assert!(failure(&service).await.response().is_none());
}

#[tokio::test]
async fn a_response_without_end_is_not_read_to_the_end() {
    let endless: &'static str = "x".repeat(2 * 1024 * 1024).leak();
    let api = Api::with([Step::Json(200, endless)]);
    let error = failure(&service(&api, &ManualClock::new())).await;
    insta::assert_snapshot!(chain(&error), @r"
    the token request for `positions:read` got no complete response
      caused by: length limit exceeded
    ");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_client_id_that_is_not_a_header_value_is_refused() {
    let api = Api::default();
    let service = TokenLayer::new(
        ClientCredentials::new("caf\u{e9}\n", SECRET),
        Uri::from_static("https://host/auth/token"),
    )
    .layer(api.clone());
    let error = failure(&service).await;
    insta::assert_snapshot!(chain(&error), @r"
    the client id cannot be sent as a header: expected visible ASCII
      caused by: failed to parse header value
    ");
    assert!(!error.is_transient());
    assert!(service.authorization(&Scopes::from("a")).await.is_err());
    assert_eq!(api.token_requests(), 0);
}

#[tokio::test]
async fn a_reason_is_cut_to_a_readable_length() {
    let detail: &'static str = format!(r#"{{"detail":"{}"}}"#, "x".repeat(10_000)).leak();
    let kind: &'static str = format!(
        r#"{{"access_token":"a","token_type":"{}"}}"#,
        "x".repeat(10_000)
    )
    .leak();
    for (status, body, limit) in [(400, detail, 600), (200, kind, 250)] {
        let api = Api::with([Step::Json(status, body)]);
        let error = failure(&service(&api, &ManualClock::new())).await;
        assert!(error.to_string().len() < limit, "{error}");
        let kept = error.response().map(|response| response.body().len());
        assert_eq!(kept, Some(body.len()));
    }
}

#[tokio::test]
async fn scopes_that_are_not_granted_are_named() {
    let body = r#"{"access_token":"a","token_type":"bearer","scope":"users:read orders:read"}"#;
    let api = Api::with([Step::Json(200, body)]);
    let service = service(&api, &ManualClock::new());
    let scopes = "orders:admin orders:read taxes:admin";
    let error = service
        .oneshot(request(scopes))
        .await
        .expect_err("not granted");
    let error = error.downcast_ref::<TokenError>().expect("a token error");

    assert_eq!(
        error.missing_scopes(),
        Some(&Scopes::from("orders:admin taxes:admin"))
    );
    insta::assert_snapshot!(error, @"the token request for `orders:admin orders:read taxes:admin` was granted without `orders:admin taxes:admin`: have the client given these scopes, or ask for fewer");
    let response = error.response().expect("the response");
    assert_eq!(response.headers()["upvest-request-id"], "request-1");
    assert!(response.body().is_empty(), "the token is taken out");
    assert!(!error.is_transient());
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn more_than_was_asked_for_is_enough_and_silence_means_consent() {
    let cases = [
        r#"{"access_token":"a","token_type":"bearer","scope":"z positions:read b"}"#,
        r#"{"access_token":"a","token_type":"bearer"}"#,
        r#"{"access_token":"a","token_type":"BeArEr","scope":null}"#,
        r#"{"access_token":"a","token_type":null}"#,
        r#"{"access_token":"a"}"#,
    ];
    for body in cases {
        let api = Api::with([Step::Json(200, body)]);
        answered(&service(&api, &ManualClock::new())).await;
        assert_eq!(api.calls(), ["Bearer a"], "{body}");
    }
}

#[tokio::test]
async fn what_may_pass_is_distinguished_from_what_will_not() {
    let cases = [
        (Step::Break, true),
        (Step::Json(429, ""), true),
        (Step::Json(502, ""), true),
        (Step::Json(503, ""), true),
        (Step::Json(504, ""), true),
        (Step::Json(400, ""), false),
        (Step::Json(401, ""), false),
        (Step::Json(403, ""), false),
        (Step::Json(406, ""), false),
        (Step::Json(500, ""), false),
        (Step::Json(200, ""), false),
    ];
    for (step, is_transient) in cases {
        let api = Api::with([step]);
        let error = failure(&service(&api, &ManualClock::new())).await;
        assert_eq!(error.is_transient(), is_transient, "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_signed_is_not_tried_again() {
    let clock = ManualClock::new();
    let signer = Signer::new(ed25519(), "key\u{e9}").clock(clock.clone());
    let api = Api::default();
    let service = ServiceBuilder::new()
        .layer(layer(&clock).attempts(3))
        .layer(SignLayer::new(signer))
        .service(api.clone());
    let error = service
        .oneshot(request("positions:read"))
        .await
        .expect_err("not signed");
    let error = error.downcast_ref::<TokenError>().expect("a token error");
    assert!(!error.is_transient());
    insta::assert_snapshot!(chain(error));
    assert_eq!(api.token_requests(), 0);
}

#[test]
fn texts_that_are_not_a_token() {
    for (token, message) in [
        ("", "the access token cannot be used: it is empty"),
        (
            "a\nb",
            "the access token cannot be used: it has characters that no header can carry",
        ),
    ] {
        let error = AccessToken::bearer(token).expect_err("no token");
        assert_eq!(error.to_string(), message);
        assert!(error.response().is_none() && !error.is_transient());
    }
    let shown = format!("{:?}", AccessToken::bearer("secret").expect("a token"));
    assert_eq!(shown, "AccessToken { lifetime: None, .. }");
}

#[tokio::test]
async fn an_empty_body_is_not_a_reason() {
    let api = Api::with([Step::Respond(
        Response::builder()
            .status(403)
            .body(Answer::from(Bytes::new()))
            .expect("a response"),
    )]);
    let error = failure(&service(&api, &ManualClock::new())).await;
    assert_eq!(
        error.to_string(),
        "the token request for `positions:read` was refused: 403 Forbidden"
    );
}
