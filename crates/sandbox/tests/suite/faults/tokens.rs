//! Tokens and clocks that are not as expected.

use std::time::Duration;

use serde_json::{Value, json};
use upvest_models::{AccessToken, CashBalance};
use upvest_sandbox::Fault;

use crate::support::{BALANCE, Fixture, header, refused, set, signature_refused, success};

#[tokio::test]
async fn a_token_response_can_say_anything() {
    let fixture = Fixture::start().await;
    for said in [
        None,
        Some(json!(-1)),
        Some(json!(0)),
        Some(json!(31_536_000)),
        Some(json!("1799")),
        Some(json!(null)),
    ] {
        let expected = said.clone();
        let fault = Fault::json(move |token| {
            token["token_type"] = json!("mac");
            match &said {
                Some(value) => token["expires_in"] = value.clone(),
                None => drop(token.as_object_mut().unwrap().remove("expires_in")),
            }
        });
        fixture.sandbox.fail(fault.on_path("/auth/token"));
        let token: Value = success(fixture.request_token("positions:read").await);
        assert_eq!(token["token_type"], "mac");
        assert_eq!(token.get("expires_in"), expected.as_ref());

        // It is a token nevertheless.
        let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
        let mut request = fixture.request("GET", BALANCE);
        set(&mut request, "authorization", &bearer);
        success::<CashBalance>(fixture.sign_and_send(request).await);
    }
}

#[tokio::test]
async fn fewer_scopes_are_granted_than_asked_for() {
    let fixture = Fixture::start().await;
    fixture.sandbox.grant_only("webhooks:read users:read");
    let response = fixture.request_token("positions:read webhooks:read").await;
    let token: AccessToken = success(response);
    assert_eq!(token.scope, "webhooks:read");
    let mut request = fixture.request("GET", BALANCE);
    let bearer = format!("Bearer {}", token.access_token.expose());
    set(&mut request, "authorization", &bearer);
    let response = fixture.sign_and_send(request).await;
    refused(&response, 403, "forbidden", "The access token has none");
}

#[tokio::test]
async fn lifetimes_change_for_tokens_to_come() {
    let fixture = Fixture::start().await;
    let older = fixture.balance_request().await;
    fixture
        .sandbox
        .set_token_lifetime(Duration::from_millis(1_900));
    let token: AccessToken = success(fixture.request_token("positions:read").await);
    assert_eq!(token.expires_in, 1);
    let newer = fixture.balance_request().await;
    success::<CashBalance>(fixture.sign_and_send(newer.clone()).await);

    fixture.clock.advance(Duration::from_secs(1));
    let response = fixture.sign_and_send(newer).await;
    refused(
        &response,
        401,
        "unauthorised",
        "The access token has expired",
    );
    success::<CashBalance>(fixture.sign_and_send(older).await);
}

#[tokio::test]
async fn the_clock_of_the_sandbox_can_be_wrong() {
    let fixture = Fixture::start().await;
    let request = fixture.balance_request().await;
    for (offset, date, reason) in [
        (0, "Wed, 06 Oct 2021 14:14:19 GMT", None),
        (
            300,
            "Wed, 06 Oct 2021 14:19:19 GMT",
            Some("the signature expired"),
        ),
        (
            -300,
            "Wed, 06 Oct 2021 14:09:19 GMT",
            Some("the signature was created 300 s in the future"),
        ),
        (-5, "Wed, 06 Oct 2021 14:14:14 GMT", None),
    ] {
        fixture.sandbox.set_clock_offset(offset);
        let response = fixture.sign_and_send(request.clone()).await;
        assert_eq!(header(&response, "date"), Some(date));
        match reason {
            Some(reason) => signature_refused(&response, reason),
            None => drop(success::<CashBalance>(response)),
        }
    }
    fixture.sandbox.set_clock_offset(i32::MIN);
    let response = fixture.send(fixture.request("GET", "/")).await;
    let date = header(&response, "date");
    assert_eq!(date, Some("Thu, 01 Jan 1970 00:00:00 GMT"));
}
