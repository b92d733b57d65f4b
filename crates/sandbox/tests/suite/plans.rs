//! What goes on by the calendar: savings plans, rebalancing, valuations, returns and fundings.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, Utc};
use serde_json::{Value, json};

use crate::journey::{ISIN, Investor, id};
use crate::receiver::{Receiver, done, subscribe};
use crate::support::Fixture;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Somebody with 1000 euros.
async fn investor(processing: Duration) -> Investor {
    let fixture = Fixture::start_with(|builder| builder.processing_time(processing)).await;
    let investor = Investor::join(fixture).await;
    investor.top_up("1000.00").await;
    investor.fixture.sandbox.advance(3 * HOUR);
    investor
}

/// The time of the sandbox's calendar.
async fn now(investor: &Investor) -> DateTime<Utc> {
    let group = json!({ "user_id": investor.user, "type": "PERSONAL" });
    let made = investor.fixture.make("/account_groups", group).await;
    made["created_at"].as_str().unwrap().parse().unwrap()
}

/// The first moment of the day after.
fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    let day = now.date_naive() + Days::new(1);
    day.and_time(NaiveTime::MIN).and_utc()
}

async fn plan(investor: &Investor) -> String {
    let plan = json!({
        "user_id": investor.user,
        "account_id": investor.account,
        "type": "INSTRUMENT",
        "cash_amount": "200.00",
        "currency": "EUR",
        "start_date": tomorrow(now(investor).await).date_naive(),
        "period": "MONTH",
        "interval": 1,
        "name": "Monthly",
        "instrument_id": ISIN,
        "instrument_id_type": "ISIN",
    });
    id(&investor.fixture.make("/savings_plans", plan).await)
}

async fn executions(investor: &Investor, plan: &str) -> Vec<Value> {
    let path = format!("/savings_plans/{plan}/executions");
    let list = investor.fixture.get(&path).await;
    list["data"].as_array().unwrap().clone()
}

async fn types(investor: &Investor, receiver: &Receiver) -> Vec<String> {
    done(&investor.fixture).await;
    let events = receiver.payloads().into_iter().flatten();
    let types = events.map(|event| event["type"].as_str().unwrap().to_owned());
    types.collect()
}

#[tokio::test]
async fn a_savings_plan_invests_on_its_days_until_it_is_deleted() {
    let investor = investor(Duration::ZERO).await;
    let fixture = &investor.fixture;
    let receiver = Receiver::start([]).await;
    let types_of_plans = json!({ "type": ["SAVINGS_PLAN", "SAVINGS_PLAN_EXECUTION"] });
    subscribe(fixture, &receiver, types_of_plans).await;
    let plan = plan(&investor).await;
    assert_eq!(executions(&investor, &plan).await, Vec::<Value>::new());

    fixture.sandbox.advance(DAY);
    let [execution] = &executions(&investor, &plan).await[..] else {
        panic!("it was executed once");
    };
    assert_eq!(execution["status"], "FILLED");
    let order = format!("/orders/{}", execution["order_id"].as_str().unwrap());
    let order = fixture.get(&order).await;
    assert_eq!(order["initiation_flow"], "SAVINGS_PLAN");
    assert_eq!(order["client_reference"], execution["id"]);
    let position = format!("/accounts/{}/positions/{ISIN}", investor.account);
    assert_eq!(fixture.get(&position).await["quantity"], "2");

    fixture.sandbox.advance(40 * DAY);
    let all = executions(&investor, &plan).await;
    let statuses: Vec<&Value> = all.iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["SETTLED", "SETTLED"]);
    let deleted = fixture
        .call("DELETE", &format!("/savings_plans/{plan}"), "")
        .await;
    assert_eq!(deleted.status(), 202);
    fixture.sandbox.advance(100 * DAY);
    assert_eq!(executions(&investor, &plan).await.len(), 2);
    assert_eq!(fixture.get(&position).await["quantity"], "4");

    let once = ["NEW", "PROCESSING", "FILLED", "SETTLED"]
        .map(|one| format!("SAVINGS_PLAN_EXECUTION.{one}"));
    let mut expected = vec!["SAVINGS_PLAN.CREATED".to_owned()];
    expected.extend(once.iter().chain(&once).cloned());
    expected.push("SAVINGS_PLAN.CANCELLED".to_owned());
    assert_eq!(types(&investor, &receiver).await, expected);
}

#[tokio::test]
async fn an_execution_that_is_new_is_cancelled_with_its_order() {
    let investor = investor(HOUR).await;
    let fixture = &investor.fixture;
    let plan = plan(&investor).await;
    let now = now(&investor).await;
    fixture
        .sandbox
        .advance((tomorrow(now) - now).to_std().unwrap());
    let execution = executions(&investor, &plan).await.remove(0);
    assert_eq!(execution["status"], "NEW");
    let before = investor.cash().await;
    let path = format!("/savings_plans/{plan}/executions/{}", id(&execution));
    assert_eq!(fixture.call("DELETE", &path, "").await.status(), 202);
    assert_eq!(fixture.get(&path).await["status"], "CANCELLED");
    let order = format!("/orders/{}", execution["order_id"].as_str().unwrap());
    assert_eq!(fixture.get(&order).await["status"], "CANCELLED");
    assert_ne!(investor.cash().await, before, "the cash is free again");
    let again = fixture.call("DELETE", &path, "").await;
    assert!(again.status().is_client_error(), "{again:?}");
    let other = format!("/savings_plans/{}/executions", uuid::Uuid::new_v4());
    assert_eq!(fixture.call("GET", &other, "").await.status(), 404);
}

#[tokio::test]
async fn rebalancing_places_a_portfolio_order_for_each_account() {
    let investor = investor(HOUR).await;
    let fixture = &investor.fixture;
    let receiver = Receiver::start([]).await;
    let kind = json!({ "type": ["REBALANCING_EXECUTION_ORDER"] });
    subscribe(fixture, &receiver, kind).await;
    let path = "/portfolios/rebalancings/executions";
    let made = fixture
        .make(path, json!({ "accounts": [investor.account] }))
        .await;
    let path = format!("{path}/{}", id(&made));
    assert_eq!(
        fixture.get(&path).await["accounts"],
        json!([investor.account])
    );
    let orders = fixture.get(&format!("{path}/orders")).await;
    let [order] = &orders["data"].as_array().unwrap()[..] else {
        panic!("there is one account");
    };
    assert_eq!(
        (&order["account_id"], &order["status"]),
        (&json!(investor.account), &json!("NEW"))
    );
    let portfolio_order = format!(
        "/portfolios/orders/{}",
        order["portfolio_order_id"].as_str().unwrap()
    );
    assert_eq!(fixture.get(&portfolio_order).await["type"], "REBALANCING");
    fixture.sandbox.advance(3 * HOUR);
    let orders = fixture.get(&format!("{path}/orders")).await;
    assert_eq!(orders["data"][0]["status"], "FILLED");
    let expected =
        ["NEW", "PROCESSING", "FILLED"].map(|one| format!("REBALANCING_EXECUTION_ORDER.{one}"));
    assert_eq!(types(&investor, &receiver).await, expected);
}

#[tokio::test]
async fn accounts_are_valued_each_night() {
    let investor = investor(Duration::ZERO).await;
    let fixture = &investor.fixture;
    investor.order("BUY", ("quantity", "8")).await;
    let path = format!("/accounts/{}", investor.account);
    let current = format!("{path}/valuations/current?price_quality=REALTIME");
    let current = fixture.get(&current).await;
    assert_eq!(current["total_security_value"]["amount"], "800.00");
    assert_eq!(current["security_positions"][0]["weight"], "1");
    for (price, daily) in [(100, "0"), (110, "0.1"), (99, "-0.1")] {
        fixture.sandbox.set_price(ISIN, price.into());
        fixture.sandbox.advance(DAY);
        let returns = fixture.get(&format!("{path}/returns")).await;
        let last = returns["data"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["twr"]["daily"], daily);
    }
    let returns = fixture.get(&format!("{path}/returns")).await;
    assert_eq!(returns["data"][2]["twr"]["cumulative"], "-0.01");
    let nights = fixture.get(&format!("{path}/valuations")).await;
    let worth = nights["data"].as_array().unwrap().iter();
    let worth: Vec<&Value> = worth
        .map(|one| &one["total_security_value"]["amount"])
        .collect();
    assert_eq!(worth, ["800.00", "880.00", "792.00"]);
}

#[tokio::test]
async fn a_night_reports_the_valuation_and_then_the_return() {
    let investor = investor(Duration::ZERO).await;
    let receiver = Receiver::start([]).await;
    let kinds = json!({ "type": ["ACCOUNT_VALUATION", "ACCOUNT_RETURNS"] });
    subscribe(&investor.fixture, &receiver, kinds).await;
    investor.fixture.sandbox.advance(DAY);
    // That of the account that is there from the start.
    let expected = ["ACCOUNT_VALUATION.CREATED", "ACCOUNT_RETURNS.CREATED"];
    assert_eq!(types(&investor, &receiver).await, expected);
}

#[tokio::test]
async fn a_transfer_to_a_virtual_bank_account_is_a_funding_of_its_account_group() {
    let investor = investor(Duration::ZERO).await;
    let fixture = &investor.fixture;
    let account = json!({ "account_group_id": investor.group, "name": "Savings" });
    let account = fixture
        .make("/payments/virtual_bank_accounts", account)
        .await;
    let group = format!("/account_groups/{}/payments", investor.group);
    let details = fixture
        .get(&format!("{group}/credit_funding_details"))
        .await;
    assert_eq!(details["data"][0]["virtual_bank_account_id"], account["id"]);
    let transfer = json!({
        "account": { "iban": "NL70ABNA0106295004" },
        "amount": "250.00",
        "currency": "EUR",
        "client_reference": "reference",
        "counterparty_name": "Ada",
        "counterparty_account": { "iban": "NL70ABNA0106295004" },
        "remittance_information": "CF1",
        "counterparty_agent": { "bic": "DEUTDEFF" },
        "purpose_code": "OTHR",
        "virtual_bank_account_id": account["id"],
    });
    fixture.make("/tests/payments/transactions", transfer).await;
    let fundings = fixture.get(&format!("{group}/credit_fundings")).await;
    let funding = &fundings["data"][0];
    assert_eq!(
        (&funding["cash_amount"], &funding["status"]),
        (&json!("250.00"), &json!("CONFIRMED"))
    );
    assert_eq!(funding["counterparty"]["identification"]["name"], "Ada");
    let one = format!("/payments/credit_fundings/{}", id(funding));
    assert_eq!(fixture.get(&one).await, *funding);
    assert_eq!(investor.cash().await.split(' ').next(), Some("1250"));
}
