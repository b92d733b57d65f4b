//! What is checked of a request beyond its signature and token.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{header, refused};
use crate::whole_api::{array, fixture, text};

#[tokio::test]
async fn what_is_wrong_with_a_body_is_reported_with_its_place() {
    let fixture = fixture().await;
    let order = json!({
        "account_id": fixture.sandbox.demo_id("account_id"),
        "side": "BUY",
        "instrument_id": "US0378331005",
        "instrument_id_type": "ISIN",
        "order_type": "MARKET",
        "currency": "EUR",
        "cash_amount": "1.234",
    });
    let response = fixture.post("/orders", &order).await;
    refused(
        &response,
        400,
        "bad_request",
        "The body is not as described: /cash_amount: ",
    );
}

#[tokio::test]
async fn an_idempotency_key_is_for_one_request() {
    let fixture = fixture().await;
    let topup = |amount: &str| {
        json!({
            "account_group_id": fixture.sandbox.account_group_id(),
            "cash_amount": amount,
            "currency": "EUR",
        })
    };
    let key = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
    let first = fixture
        .post_with_key("/payments/topups", &topup("10.00"), key)
        .await;
    let again = fixture
        .post_with_key("/payments/topups", &topup("10.00"), key)
        .await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.body(), again.body());
    assert_ne!(
        header(&first, "upvest-request-id"),
        header(&again, "upvest-request-id")
    );
    let other = fixture
        .post_with_key("/payments/topups", &topup("20.00"), key)
        .await;
    refused(
        &other,
        409,
        "conflict",
        "The idempotency key was used for another request",
    );
    let group = fixture.sandbox.account_group_id();
    let list = fixture
        .get(&format!("/account_groups/{group}/payments/topups"))
        .await;
    let ours: Vec<&Value> = array(&list["data"])
        .iter()
        .filter(|one| one["cash_amount"] == "10.00")
        .collect();
    assert_eq!(ours.len(), 1);
}

#[tokio::test]
async fn ids_that_were_never_made_are_not_found() {
    let fixture = fixture().await;
    for (path, detail) in [
        (
            "/users/5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13",
            "There is no such user",
        ),
        ("/users/nobody", "There is no such user"),
        (
            "/users/5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13/checks",
            "There is no such user",
        ),
        (
            "/orders/5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13",
            "There is no such order",
        ),
    ] {
        let response = fixture.call("GET", path, "").await;
        refused(&response, 404, "not_found", detail);
    }
    let account = json!({
        "user_id": fixture.sandbox.demo_id("user_id"),
        "account_group_id": "5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13",
        "type": "TRADING",
    });
    let response = fixture.post("/accounts", &account).await;
    refused(
        &response,
        404,
        "not_found",
        "There is no such account group",
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let fixture = fixture().await;
    let user = fixture.sandbox.demo_id("user_id").unwrap();
    for name in ["b", "a", "c"] {
        let group = json!({ "user_id": user, "type": "PERSONAL" });
        let response = fixture.post("/account_groups", &group).await;
        assert!(response.status().is_success(), "{name}: {response:?}");
        fixture.clock.advance(Duration::from_secs(1));
    }
    let path = format!("/users/{user}/account_groups?limit=2&offset=1&order=DESC");
    let list = fixture.get(&path).await;
    let meta = &list["meta"];
    assert_eq!(
        (&meta["count"], &meta["total_count"]),
        (&json!(2), &json!(4))
    );
    assert_eq!((&meta["limit"], &meta["offset"]), (&json!(2), &json!(1)));
    let times: Vec<&str> = array(&list["data"])
        .iter()
        .map(|one| text(&one["created_at"]))
        .collect();
    assert!(times[0] > times[1], "{times:?}");
    let response = fixture.call("GET", "/users?limit=100000", "").await;
    refused(
        &response,
        400,
        "bad_request",
        "The query is not as described: limit: ",
    );
}
