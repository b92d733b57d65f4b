//! What is served.

use upvest_auth_signing::VerifyingKey;
use upvest_models::{
    CashBalance, CashBalanceList, Currency, JsonWebKeyCurve, JsonWebKeySet, JsonWebKeyType, Uuid,
    decimal,
};

use crate::support::{BALANCE, Fixture, header, refused, success};

#[tokio::test]
async fn the_demo_account_group_has_the_published_balance() {
    let fixture = Fixture::start().await;
    let request = fixture.balance_request().await;
    let response = fixture.sign_and_send(request).await;
    assert_eq!(
        response.body().as_ref(),
        br#"{"account_group_id":"d0fc0305-97b7-4e3b-bddf-66d3c434898c","currency":"EUR","balance":"100.25","locked_for_trading":"10","pending_settlement":"10","available_for_withdrawal":"80","available_for_trading":"80"}"#
    );
    let served: CashBalance = success(response);
    let id = fixture.sandbox.account_group_id();
    assert_eq!(Some(served), fixture.sandbox.balance(id));
}

#[tokio::test]
async fn a_balance_is_served_as_it_was_set() {
    let fixture = Fixture::start().await;
    let group = Uuid::from_u128(42);
    assert_eq!(fixture.sandbox.balance(group), None);

    let number = |text| decimal::parse(text).unwrap();
    let balance = fixture.sandbox.balance(fixture.sandbox.account_group_id());
    let balance = balance
        .unwrap()
        .account_group_id(group)
        .currency("JPY")
        .balance(number("100.250"))
        .locked_for_trading(number("0.000000000000000000000000001"))
        .pending_settlement(number("0"))
        .available_for_withdrawal(number("-7.10"))
        .available_for_trading(number("9999999999999999999999999999"));
    fixture.sandbox.set_balance(balance.clone());
    assert_eq!(fixture.sandbox.balance(group), Some(balance.clone()));
    for path in ["cash_balance", "cash_balances/JPY"] {
        let path = format!("/account_groups/{group}/payments/{path}");
        let request = fixture.authorised("GET", &path).await;
        let response = fixture.sign_and_send(request).await;
        let text = std::str::from_utf8(response.body()).unwrap();
        assert!(text.contains(r#""balance":"100.250""#), "{text}");
        assert_eq!(success::<CashBalance>(response), balance);
    }
}

#[tokio::test]
async fn each_currency_has_its_own_balance() {
    let fixture = Fixture::start().await;
    let group = fixture.sandbox.account_group_id();
    let euros = fixture.sandbox.balance(group).unwrap();
    let pounds = euros.clone().currency(Currency::Gbp);
    fixture.sandbox.set_balance(pounds.clone());
    assert_eq!(
        fixture.sandbox.balances(group),
        [euros.clone(), pounds.clone()]
    );

    let path = format!("/account_groups/{group}/payments/cash_balances");
    let request = fixture.authorised("GET", &path).await;
    let list: CashBalanceList = success(fixture.sign_and_send(request).await);
    assert_eq!((list.meta.count, list.meta.total_count), (2, 2));
    assert_eq!(list.data, [euros.clone(), pounds.clone()]);

    for (path, expected) in [
        ("cash_balance", &euros),
        ("cash_balances/EUR", &euros),
        ("cash_balances/GBP", &pounds),
    ] {
        let path = format!("/account_groups/{group}/payments/{path}");
        let request = fixture.authorised("GET", &path).await;
        let found: CashBalance = success(fixture.sign_and_send(request).await);
        assert_eq!(found, *expected, "{path}");
    }
    let request = fixture.authorised("GET", &format!("{path}/USD")).await;
    let response = fixture.sign_and_send(request).await;
    let detail = "There is no such account group, or it has no cash in this currency";
    refused(&response, 404, "not_found", detail);
}

#[tokio::test]
async fn an_unknown_account_group_is_not_found() {
    let fixture = Fixture::start().await;
    for id in [
        "c1f9b2a3-0000-4000-8000-000000000000",
        "not-a-uuid",
        "%FF",
        "",
    ] {
        for path in ["cash_balance", "cash_balances", "cash_balances/EUR"] {
            let path = format!("/account_groups/{id}/payments/{path}");
            let request = fixture.authorised("GET", &path).await;
            let response = fixture.sign_and_send(request).await;
            let detail = "There is no such account group";
            refused(&response, 404, "not_found", detail);
        }
    }
}

#[tokio::test]
async fn a_key_for_webhooks_is_published() {
    let fixture = Fixture::start().await;
    let request = fixture.authorised("GET", "/auth/verify_keys").await;
    let set: JsonWebKeySet = success(fixture.sign_and_send(request.clone()).await);
    let [key] = &set.keys[..] else {
        panic!("one key was expected: {set:?}");
    };
    assert!(key.kid.is_some());
    assert_eq!(key.kty, Some(JsonWebKeyType::Ec));
    assert_eq!(key.crv, Some(JsonWebKeyCurve::P521));
    let (x, y) = (key.x.as_deref().unwrap(), key.y.as_deref().unwrap());
    let public = VerifyingKey::from_p521_coordinates(x, y).expect("it is on the curve");
    assert_ne!(public, fixture.sandbox.signing_key().verifying_key());

    let again: JsonWebKeySet = success(fixture.sign_and_send(request).await);
    assert_eq!(again, set);
}

#[tokio::test]
async fn elsewhere_there_is_nothing() {
    let fixture = Fixture::start().await;
    for path in [
        "/",
        "/auth",
        "/auth/token/",
        "/user",
        "/account_groups/d0fc0305-97b7-4e3b-bddf-66d3c434898c/payments/cash",
    ] {
        let request = fixture.authorised("GET", path).await;
        let response = fixture.sign_and_send(request).await;
        let detail = format!("There is nothing at {path}");
        refused(&response, 404, "not_found", &detail);
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let fixture = Fixture::start().await;
    for (path, methods, allowed) in [
        ("/auth/token", ["GET", "PUT", "DELETE"], "POST"),
        ("/auth/verify_keys", ["POST", "PATCH", "DELETE"], "GET,HEAD"),
        (BALANCE, ["POST", "PATCH", "OPTIONS"], "GET,HEAD"),
    ] {
        for method in methods {
            let request = fixture.authorised(method, path).await;
            let response = fixture.sign_and_send(request).await;
            let detail = format!("{path} does not take {method}");
            refused(&response, 405, "method_not_allowed", &detail);
            assert_eq!(header(&response, "allow"), Some(allowed));
        }
    }
}
