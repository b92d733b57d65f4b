//! Webhook subscriptions: what is kept, what is refused.

use std::time::Duration;

use serde_json::{Value, json};
use upvest_models::{Uuid, Webhook, WebhookList};

use crate::support::{Fixture, created, refused, success};

async fn create(fixture: &Fixture, title: &str, url: &str) -> Webhook {
    let body = json!({ "title": title, "url": url }).to_string();
    created(fixture.call("POST", "/webhooks", &body).await)
}

#[tokio::test]
async fn a_new_subscription_is_for_everything_and_disabled() {
    let fixture = Fixture::start().await;
    let url = "http://127.0.0.1:1/hooks?tenant=7";
    let webhook = create(&fixture, "Everything", url).await;
    let mut expected = json!({
        "id": webhook.id,
        "created_at": "2021-10-06T14:14:19Z",
        "updated_at": "2021-10-06T14:14:19Z",
        "title": "Everything",
        "url": url,
        "enabled": false,
        "type": ["ALL"],
        "config": { "delay": "5s", "max_package_size": 10240 },
    });
    assert_eq!(json!(webhook), expected);
    let path = format!("/webhooks/{}", webhook.id);
    let found: Value = success(fixture.call("GET", &path, "").await);
    assert_eq!(found, expected);

    let body = json!({
        "title": "Cash",
        "url": "http://localhost/hooks",
        "type": ["CASH_BALANCE", "USER"],
        "config": { "delay": "30s", "max_package_size": 100 },
    });
    let webhook: Webhook = created(fixture.call("POST", "/webhooks", &body.to_string()).await);
    for name in ["title", "url", "type", "config"] {
        expected[name] = body[name].clone();
    }
    expected["id"] = json!(webhook.id);
    assert_eq!(json!(webhook), expected);
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_name() {
    let fixture = Fixture::start().await;
    let webhook = create(&fixture, "Before", "http://127.0.0.1:1/").await;
    let path = format!("/webhooks/{}", webhook.id);
    let mut expected = json!(webhook);
    for (body, pointer, value) in [
        (json!({ "title": "After" }), "/title", json!("After")),
        (
            json!({ "url": "http://[::1]/" }),
            "/url",
            json!("http://[::1]/"),
        ),
        (json!({ "enabled": true }), "/enabled", json!(true)),
        (json!({ "type": ["USER"] }), "/type", json!(["USER"])),
        (
            json!({ "config": { "delay": "9s" } }),
            "/config/delay",
            json!("9s"),
        ),
        (
            json!({ "config": { "max_package_size": 1048576 } }),
            "/config/max_package_size",
            json!(1_048_576),
        ),
        (json!({ "enabled": false }), "/enabled", json!(false)),
        (json!({}), "/title", json!("After")),
    ] {
        fixture.clock.advance(Duration::from_secs(1));
        let changed: Value = success(fixture.call("PATCH", &path, &body.to_string()).await);
        *expected.pointer_mut(pointer).unwrap() = value;
        assert_ne!(changed["updated_at"], expected["updated_at"]);
        expected["updated_at"] = changed["updated_at"].clone();
        assert_eq!(changed, expected, "{body}");
        let found: Value = success(fixture.call("GET", &path, "").await);
        assert_eq!(found, expected);
    }
}

/// Bodies with this field are refused, and change nothing.
async fn refuses(fixture: &Fixture, webhook: &Webhook, name: &str, value: &Value, detail: &str) {
    let mut body = json!({ "title": "One", "url": "http://127.0.0.1/" });
    body[name] = value.clone();
    let response = fixture.call("POST", "/webhooks", &body.to_string()).await;
    refused(&response, 400, "bad_request", detail);
    let (path, body) = (format!("/webhooks/{}", webhook.id), json!({ name: value }));
    let response = fixture.call("PATCH", &path, &body.to_string()).await;
    refused(&response, 400, "bad_request", detail);
    let list: WebhookList = success(fixture.call("GET", "/webhooks", "").await);
    assert_eq!(list.data, std::slice::from_ref(webhook));
}

#[tokio::test]
async fn a_url_that_deliveries_cannot_go_to_is_refused() {
    let fixture = Fixture::start().await;
    let webhook = create(&fixture, "One", "http://127.0.0.1:1/").await;
    let long = format!("http://127.0.0.1/{}", "a".repeat(984));
    for (url, reason) in [
        (long.as_str(), "it has 1001 characters"),
        ("hooks", "it is not a valid url"),
        ("http://a b/", "it is not a valid url"),
    ] {
        let detail = format!("The body is not as described: /url: {reason}");
        refuses(&fixture, &webhook, "url", &json!(url), &detail).await;
    }
    for url in [
        "https://tenant.tld/webhooks",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
    ] {
        let detail = format!(
            "url is {url:?}; this sandbox uses only the loopback interface, and no TLS: expected http:// and 127.0.0.1, [::1] or localhost"
        );
        refuses(&fixture, &webhook, "url", &json!(url), &detail).await;
    }
}

#[tokio::test]
async fn what_is_not_as_described_is_refused_and_changes_nothing() {
    let fixture = Fixture::start().await;
    let webhook = create(&fixture, &"e".repeat(32), "http://127.0.0.1:1/").await;
    for (name, value, reason) in [
        ("title", json!("e".repeat(33)), "/title: it does not match"),
        ("title", json!(7), "/title: expected string, found number"),
        (
            "type",
            json!(["USER", "MOON"]),
            "/type/1: \"MOON\" is not one of",
        ),
        (
            "config",
            json!({ "delay": "0s" }),
            "/config/delay: it does not match",
        ),
        (
            "config",
            json!({ "delay": "31s" }),
            "/config/delay: it does not match",
        ),
        (
            "config",
            json!({ "max_package_size": 99 }),
            "/config/max_package_size: it is 99; expected 100 to 1048576",
        ),
        (
            "config",
            json!({ "max_package_size": 1_048_577 }),
            "/config/max_package_size: it is 1048577",
        ),
    ] {
        let detail = format!("The body is not as described: {reason}");
        refuses(&fixture, &webhook, name, &value, &detail).await;
    }
}

#[tokio::test]
async fn a_body_that_is_not_whole_is_refused() {
    let fixture = Fixture::start().await;
    for body in ["{", r#"{"title":"One"}"#, r#"{"url":"http://127.0.0.1/"}"#] {
        let response = fixture.call("POST", "/webhooks", body).await;
        refused(
            &response,
            400,
            "bad_request",
            "The body is not as described",
        );
    }
    let response = fixture.call("POST", "/webhooks", "").await;
    let detail = "The content type is not application/json";
    refused(&response, 400, "bad_request", detail);
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let fixture = Fixture::start().await;
    let (one, other) = (
        create(&fixture, "one", "http://127.0.0.1:1/").await,
        create(&fixture, "other", "http://127.0.0.1:1/").await,
    );
    let path = format!("/webhooks/{}", one.id);
    let response = fixture.call("DELETE", &path, "").await;
    assert_eq!(
        (response.status().as_u16(), response.body().len()),
        (204, 0)
    );
    let list: WebhookList = success(fixture.call("GET", "/webhooks", "").await);
    assert_eq!(list.data, [other]);

    for id in [one.id.to_string(), Uuid::nil().to_string(), "x".to_owned()] {
        let path = format!("/webhooks/{id}");
        for (method, path, body) in [
            ("GET", &path, ""),
            ("PATCH", &path, "{}"),
            ("DELETE", &path, ""),
            ("POST", &format!("{path}/test"), ""),
        ] {
            let response = fixture.call(method, path, body).await;
            refused(&response, 404, "not_found", "There is no such webhook");
        }
    }
}

#[tokio::test]
async fn the_list_is_sorted_and_cut_as_asked_for() {
    let fixture = Fixture::start().await;
    for (title, url) in [("b", "3"), ("c", "1"), ("a", "2")] {
        create(&fixture, title, &format!("http://127.0.0.1/{url}")).await;
        fixture.clock.advance(Duration::from_secs(1));
    }
    let list: WebhookList = success(fixture.call("GET", "/webhooks", "").await);
    let first = format!("/webhooks/{}", list.data[0].id);
    success::<Webhook>(fixture.call("PATCH", &first, r#"{"enabled":true}"#).await);

    for (query, titles) in [
        ("", "bca"),
        ("?order=DESC", "acb"),
        ("?sort=title", "abc"),
        ("?sort=title&order=DESC", "cba"),
        ("?sort=url&order=ASC", "cab"),
        ("?sort=updated_at", "cab"),
        ("?sort=enabled", "cab"),
        ("?sort=title&offset=1", "bc"),
        ("?sort=title&limit=2", "ab"),
        ("?sort=title&offset=1&limit=1", "b"),
        ("?offset=3", ""),
    ] {
        let path = format!("/webhooks{query}");
        let list: WebhookList = success(fixture.call("GET", &path, "").await);
        let found: Vec<&str> = list.data.iter().map(|one| one.title.as_str()).collect();
        assert_eq!(found.concat(), titles, "{query}");
        assert_eq!(list.meta.total_count, 3);
        assert_eq!(list.meta.count, i64::try_from(titles.len()).unwrap());
    }
    let path = "/webhooks?sort=url&order=DESC&offset=1&limit=7";
    let list: Value = success(fixture.call("GET", path, "").await);
    let meta = json!({
        "offset": 1,
        "limit": 7,
        "count": 2,
        "total_count": 3,
        "sort": "url",
        "order": "DESC",
    });
    assert_eq!(list["meta"], meta);
}

#[tokio::test]
async fn a_query_that_is_not_as_described_is_refused() {
    let fixture = Fixture::start().await;
    for (query, reason) in [
        ("offset=-1", "offset: it is -1; expected 0 or more"),
        ("limit=1001", "limit: it is 1001; expected 1 to 1000"),
        ("limit=0", "limit: it is 0; expected 1 to 1000"),
        ("limit=x", "limit: expected integer, found string"),
        ("sort=moon", "sort: \"moon\" is not one of"),
        ("order=up", "order: \"up\" is not one of \"ASC\", \"DESC\""),
    ] {
        let response = fixture.call("GET", &format!("/webhooks?{query}"), "").await;
        let detail = format!("The query is not as described: {reason}");
        refused(&response, 400, "bad_request", &detail);
    }
}
