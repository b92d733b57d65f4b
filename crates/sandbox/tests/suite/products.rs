//! What changes by itself: portfolios, savings plans, liquidations, roles, taxes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::receiver::{Receiver, done, subscribe};
use crate::support::Fixture;

const HOUR: Duration = Duration::from_secs(3600);

/// The example of what an operation is sent.
fn example(operation: &str) -> Value {
    let description = crate::whole_api::description();
    let operations = description["operations"].as_array().unwrap();
    let found = operations.iter().find(|one| one["id"] == operation);
    found.unwrap()["body"]["examples"][0].clone()
}

async fn status(fixture: &Fixture, path: &str) -> Value {
    fixture.get(path).await["status"].clone()
}

#[tokio::test]
async fn an_exemption_from_tax_is_found_with_its_user_until_it_is_deleted() {
    let fixture = Fixture::start_with(|builder| builder.processing_time(HOUR)).await;
    let receiver = Receiver::start([]).await;
    subscribe(&fixture, &receiver, json!({ "type": ["TAX_EXEMPTION"] })).await;
    let user = fixture.sandbox.demo_id("user_id").unwrap();
    let mut body = example("create_tax_exemption");
    body["user_ids"] = json!([user]);
    let made = fixture.make("/tax_exemptions", body).await;
    let path = format!("/tax_exemptions/{}", made["id"].as_str().unwrap());
    assert_eq!(status(&fixture, &path).await, "NEW");
    let of_user = fixture.get(&format!("/users/{user}/tax_exemptions")).await;
    let ids = of_user["data"].as_array().unwrap().iter();
    assert!(ids.map(|one| &one["id"]).any(|id| *id == made["id"]));
    fixture.sandbox.advance(HOUR);
    assert_eq!(status(&fixture, &path).await, "ACTIVE");
    fixture.call("DELETE", &path, "").await;
    assert_eq!(status(&fixture, &path).await, "CANCELLED");
    done(&fixture).await;
    let events = receiver.payloads().into_iter().flatten();
    let types: Vec<Value> = events.map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["TAX_EXEMPTION.CREATED", "TAX_EXEMPTION.DELETED"]);
}

#[tokio::test]
async fn residencies_are_those_that_were_set_last_and_of_this_user_alone() {
    let fixture = Fixture::start_with(|builder| builder.processing_time(HOUR)).await;
    let user = fixture.make("/users", example("create_user")).await;
    let path = format!("/users/{}/tax_residencies", user["id"].as_str().unwrap());
    assert_eq!(fixture.call("GET", &path, "").await.status(), 404);
    for country in ["DE", "AT"] {
        let residency = json!({ "country": country, "tax_identifier_number": "12345678901" });
        let body = json!({ "tax_residencies": [residency] });
        fixture.make(&path, body).await;
        let record = fixture.get(&path).await;
        assert_eq!(record["tax_residencies"][0]["country"], country);
        assert_eq!(record["status"], "PENDING");
    }
    fixture.sandbox.advance(HOUR);
    assert_eq!(status(&fixture, &path).await, "ACTIVE");
}

#[tokio::test]
async fn what_is_settled_is_not_cancelled_any_more() {
    let fixture = Fixture::start_with(|builder| builder.processing_time(HOUR)).await;
    let account = fixture.sandbox.demo_id("account_id").unwrap();
    let path = format!("/accounts/{account}/liquidations");
    let mut body = example("create_account_liquidation");
    if body.get("user_id").is_some() {
        body["user_id"] = json!(fixture.sandbox.demo_id("user_id"));
    }
    for end in ["CANCELLED", "SETTLED"] {
        let made = fixture.make(&path, body.clone()).await;
        let one = format!("{path}/{}", made["id"].as_str().unwrap());
        assert_eq!(status(&fixture, &one).await, "NEW");
        if end == "SETTLED" {
            fixture.sandbox.advance(Duration::from_secs(3 * 24 * 3600));
            assert_eq!(status(&fixture, &one).await, end);
            let refused = fixture.call("DELETE", &one, "").await;
            assert!(refused.status().is_client_error(), "{refused:?}");
        } else {
            let taken = fixture.call("DELETE", &one, "").await;
            assert!(taken.status().is_success(), "{taken:?}");
        }
        assert_eq!(status(&fixture, &one).await, end);
    }
}

#[tokio::test]
async fn a_portfolio_allocation_is_kept_as_it_was_changed() {
    let fixture = Fixture::start().await;
    let body = example("create_portfolios_allocation");
    let made = fixture.make("/portfolios/allocations", body).await;
    let path = format!("/portfolios/allocations/{}", made["id"].as_str().unwrap());
    let mut changed = example("update_portfolios_allocation");
    changed["name"] = json!("Cautious");
    fixture.call("PUT", &path, &changed.to_string()).await;
    assert_eq!(fixture.get(&path).await["name"], "Cautious");
    let all = fixture.get("/portfolios/allocations").await;
    let found = all["data"].as_array().unwrap().iter();
    assert!(found.map(|one| &one["id"]).any(|id| *id == made["id"]));
}
