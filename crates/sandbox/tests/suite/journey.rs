//! From a user to the report of a sale: what is remembered, and which events are published.

use std::time::Duration;

use serde_json::{Value, json};

use crate::receiver::{Receiver, done, subscribe};
use crate::support::{Fixture, set};

pub(crate) const ISIN: &str = "US0378331005";

/// Somebody with an account and cash.
pub(crate) struct Investor {
    pub(crate) fixture: Fixture,
    pub(crate) user: String,
    pub(crate) group: String,
    pub(crate) account: String,
}

pub(crate) fn id(value: &Value) -> String {
    value["id"].as_str().expect("it has an id").to_owned()
}

impl Investor {
    pub(crate) async fn join(fixture: Fixture) -> Self {
        let examples = crate::whole_api::description();
        let operations = examples["operations"].as_array().unwrap();
        let create_user = operations
            .iter()
            .find(|one| one["id"] == "create_user")
            .unwrap();
        let user = create_user["body"]["examples"][0].clone();
        let user = id(&fixture.make("/users", user).await);
        let group = json!({ "user_id": user, "type": "PERSONAL" });
        let group = id(&fixture.make("/account_groups", group).await);
        let account = json!({ "user_id": user, "account_group_id": group, "type": "TRADING" });
        let account = id(&fixture.make("/accounts", account).await);
        Self {
            fixture,
            user,
            group,
            account,
        }
    }

    pub(crate) async fn top_up(&self, amount: &str) {
        let topup = json!({
            "account_group_id": self.group,
            "cash_amount": amount,
            "currency": "EUR",
        });
        self.fixture.make("/payments/topups", topup).await;
    }

    pub(crate) async fn order(&self, side: &str, amount: (&str, &str)) -> String {
        let mut order = json!({
            "user_id": self.user,
            "account_id": self.account,
            "currency": "EUR",
            "side": side,
            "instrument_id": ISIN,
            "instrument_id_type": "ISIN",
            "order_type": "MARKET",
            "user_instrument_fit_acknowledgement": true,
        });
        order[amount.0] = json!(amount.1);
        id(&self.fixture.make("/orders", order).await)
    }

    /// balance, locked, pending, for withdrawal, for trading
    pub(crate) async fn cash(&self) -> String {
        let path = format!("/account_groups/{}/payments/cash_balances/EUR", self.group);
        let balance = self.fixture.get(&path).await;
        let names = [
            "balance",
            "locked_for_trading",
            "pending_settlement",
            "available_for_withdrawal",
            "available_for_trading",
        ];
        names
            .map(|name| balance[name].as_str().unwrap().to_owned())
            .join(" ")
    }

    async fn status(&self, path: &str, id: &str) -> Value {
        self.fixture.get(&format!("{path}/{id}")).await["status"].clone()
    }

    fn wait(&self, days: u64) {
        self.fixture
            .sandbox
            .advance(Duration::from_secs(days * 24 * 60 * 60));
    }
}

/// The types of the events that came, those of cash and of each night left out.
fn types(receiver: &Receiver) -> Vec<String> {
    let events = receiver.payloads().into_iter().flatten();
    let types = events.map(|event| event["type"].as_str().unwrap().to_owned());
    let left_out = ["CASH_BALANCE", "ACCOUNT_VALUATION", "ACCOUNT_RETURNS"];
    let is_left_out = |type_: &str| left_out.iter().any(|kind| type_.starts_with(kind));
    types.filter(|type_| !is_left_out(type_)).collect()
}

#[tokio::test]
async fn cash_and_shares_follow_orders_until_they_are_settled() {
    let investor = Investor::join(Fixture::start().await).await;
    assert_eq!(investor.cash().await, "0 0 0 0 0");
    investor.top_up("1000.00").await;
    assert_eq!(investor.cash().await, "1000 0 1000 0 1000");
    investor.wait(2);
    assert_eq!(investor.cash().await, "1000 0 0 1000 1000");

    let order = investor.order("BUY", ("cash_amount", "250")).await;
    let bought = investor.fixture.get(&format!("/orders/{order}")).await;
    assert_eq!(bought["status"], "FILLED");
    let execution = &bought["executions"][0];
    assert_eq!(
        (&execution["price"], &execution["share_quantity"]),
        (&json!("100"), &json!("2.5"))
    );
    assert_eq!(investor.cash().await, "750 0 0 750 750");
    let path = format!("/accounts/{}/positions/{ISIN}", investor.account);
    let position = investor.fixture.get(&path).await;
    assert_eq!(
        (&position["quantity"], &position["pending_settlement"]),
        (&json!("2.5"), &json!("2.5"))
    );
    investor.wait(2);
    assert_eq!(investor.fixture.get(&path).await["pending_settlement"], "0");
    let path = format!("/orders/{order}/executions");
    assert_eq!(investor.status(&path, &id(execution)).await, "SETTLED");

    investor
        .fixture
        .sandbox
        .set_price(ISIN, "120".parse().unwrap());
    investor.order("SELL", ("quantity", "1")).await;
    assert_eq!(investor.cash().await, "870 0 120 750 870");
    investor.wait(2);
    assert_eq!(investor.cash().await, "870 0 0 870 870");
    let path = format!("/transactions/cash?account_group_id={}", investor.group);
    let booked = investor.fixture.get(&path).await;
    let amounts: Vec<&str> = booked["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["delta"]["amount"].as_str().unwrap())
        .collect();
    assert_eq!(amounts, ["1000.00", "-250", "120"]);
}

#[tokio::test]
async fn fees_are_collected_with_orders() {
    let investor = Investor::join(Fixture::start().await).await;
    investor.top_up("100.00").await;
    let order = |fee: &str, method: &str| {
        json!({
            "user_id": investor.user,
            "account_id": investor.account,
            "currency": "EUR",
            "side": "BUY",
            "instrument_id": ISIN,
            "instrument_id_type": "ISIN",
            "order_type": "MARKET",
            "cash_amount": "20",
            "fee_configuration": [{
                "type": "TRANSACTION_FEE_BUY",
                "value_type": "ABSOLUTE",
                "charge_method": method,
                "cash_amount": fee,
                "currency": "EUR",
            }],
        })
    };
    let made = investor
        .fixture
        .make("/orders", order("0.90", "COLLECTED_BY_UPVEST"))
        .await;
    assert_eq!(made["fee"], "0.90");
    assert_eq!(investor.cash().await, "79.1 0 100 -20.9 79.1");
    let made = investor
        .fixture
        .make("/orders", order("0.90", "CHARGED_BY_CLIENT"))
        .await;
    assert_eq!(made["fee"], "0");
    assert_eq!(investor.cash().await, "59.1 0 100 -40.9 59.1");
}

#[tokio::test]
async fn what_cannot_be_paid_is_cancelled_and_costs_nothing() {
    let investor = Investor::join(Fixture::start().await).await;
    investor.top_up("100.00").await;
    // A tenth more than 91 is set aside where the number of shares is all that is said.
    for amount in [("cash_amount", "101"), ("quantity", "0.92")] {
        let order = investor.order("BUY", amount).await;
        assert_eq!(
            investor.status("/orders", &order).await,
            "CANCELLED",
            "{amount:?}"
        );
    }
    let order = investor.order("SELL", ("quantity", "1")).await;
    assert_eq!(investor.status("/orders", &order).await, "CANCELLED");
    assert_eq!(investor.cash().await, "100 0 100 0 100");
    let withdrawal = json!({
        "user_id": investor.user,
        "account_group_id": investor.group,
        "reference_account_id": investor.fixture.sandbox.demo_id("reference_account_id"),
        "amount": "0.01",
    });
    let response = investor
        .fixture
        .post("/payments/withdrawals", &withdrawal)
        .await;
    assert!(response.status().is_client_error(), "{response:?}");
}

#[tokio::test]
async fn states_move_one_by_one_where_processing_takes_time() {
    let hour = Duration::from_secs(3600);
    let fixture = Fixture::start_with(|builder| builder.processing_time(hour)).await;
    let investor = Investor::join(fixture).await;
    investor.top_up("100.00").await;
    let order = investor.order("BUY", ("cash_amount", "40")).await;
    assert_eq!(investor.cash().await, "100 40 100 -40 60");
    for status in ["NEW", "PROCESSING", "FILLED"] {
        assert_eq!(investor.status("/orders", &order).await, status);
        investor.fixture.sandbox.advance(hour);
    }
    let order = investor.order("BUY", ("cash_amount", "40")).await;
    investor
        .fixture
        .call("DELETE", &format!("/orders/{order}"), "")
        .await;
    assert_eq!(investor.status("/orders", &order).await, "CANCELLED");
    assert_eq!(investor.cash().await, "60 0 100 -40 60");

    let debit = json!({
        "user_id": investor.user,
        "account_group_id": investor.group,
        "mandate_id": investor.fixture.sandbox.demo_id("mandate_id"),
        "cash_amount": "10.00",
    });
    let debit = id(&investor
        .fixture
        .make("/payments/direct_debits", debit)
        .await);
    for status in ["NEW", "PROCESSING", "CONFIRMED"] {
        assert_eq!(
            investor.status("/payments/direct_debits", &debit).await,
            status
        );
        investor.fixture.sandbox.advance(hour);
    }
    assert_eq!(investor.cash().await, "70 0 110 -40 70");
}

#[tokio::test]
async fn cash_is_transferred_and_withdrawn() {
    let hour = Duration::from_secs(3600);
    let fixture = Fixture::start_with(|builder| builder.processing_time(hour)).await;
    let investor = Investor::join(fixture).await;
    let fixture = &investor.fixture;
    let transfer = |amount: &str| {
        json!({
            "source_account_group_id": fixture.sandbox.account_group_id(),
            "target_account_group_id": investor.group,
            "amount": amount,
            "currency": "EUR",
        })
    };
    let path = "/payments/cash_balance_transfers";
    let issued = fixture.make(path, transfer("30.00")).await;
    assert_eq!(issued["status"], "ISSUED");
    let cancelled = fixture.make(path, transfer("50.00")).await;
    let one = format!("{path}/{}", id(&cancelled));
    assert!(fixture.call("DELETE", &one, "").await.status().is_success());
    assert!(
        fixture
            .call("DELETE", &one, "")
            .await
            .status()
            .is_client_error()
    );
    assert!(
        fixture
            .post(path, &transfer("50.01"))
            .await
            .status()
            .is_client_error()
    );
    fixture.sandbox.advance(hour);
    assert_eq!(investor.cash().await, "30 0 0 30 30");
    assert_eq!(investor.status(path, &id(&issued)).await, "CONFIRMED");

    let withdrawal = json!({
        "user_id": investor.user,
        "account_group_id": investor.group,
        "reference_account_id": fixture.sandbox.demo_id("reference_account_id"),
        "amount": "20.00",
    });
    let withdrawal = fixture.make("/payments/withdrawals", withdrawal).await;
    assert_eq!(investor.cash().await, "30 0 0 10 10");
    investor.wait(3);
    assert_eq!(
        investor
            .status("/payments/withdrawals", &id(&withdrawal))
            .await,
        "CONFIRMED"
    );
    assert_eq!(investor.cash().await, "10 0 0 10 10");
}

#[tokio::test]
async fn events_report_it_in_the_order_of_what_happens() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    subscribe(&fixture, &receiver, json!({ "type": ["ALL"] })).await;
    let investor = Investor::join(fixture).await;
    investor.top_up("1000.00").await;
    done(&investor.fixture).await;
    assert_eq!(
        types(&receiver),
        [
            "USER.CREATED",
            "USER.ACTIVATED",
            "ACCOUNT_GROUP.CREATED",
            "ACCOUNT_GROUP.ACTIVATED",
            "ACCOUNT.CREATED",
            "ACCOUNT.ACTIVATED",
            "TOPUP.CONFIRMED",
            "CASH_TRANSACTION.EXECUTED",
        ]
    );
    let order = investor.order("BUY", ("cash_amount", "250")).await;
    investor
        .fixture
        .call("DELETE", &format!("/orders/{order}"), "")
        .await;
    investor.wait(2);
    done(&investor.fixture).await;
    assert_eq!(
        types(&receiver),
        [
            "ORDER.NEW",
            "ORDER.PROCESSING",
            "EXECUTION.FILLED",
            "ORDER.FILLED",
            "POSITION.UPDATED",
            "SECURITY_TRANSACTION.EXECUTED",
            "CASH_TRANSACTION.EXECUTED",
            "ORDER_CANCELLATION.REJECTED",
            "TOPUP.SETTLED",
            "EXECUTION.SETTLED",
            "POSITION.UPDATED",
        ]
    );
}

#[tokio::test]
async fn every_kind_of_event_has_an_example() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    subscribe(&fixture, &receiver, json!({ "type": ["ALL"] })).await;
    assert_eq!(fixture.sandbox.publish_example("WITHDRAWAL.CONFIRMED"), 1);
    assert_eq!(fixture.sandbox.publish_example("CASH_BALANCE"), 3);
    assert_eq!(fixture.sandbox.publish_example("MOON.FULL"), 0);
    done(&fixture).await;
    let events: Vec<Value> = receiver.payloads().into_iter().flatten().collect();
    assert_eq!(events.len(), 4);
    let states = (&events[0]["type"], &events[0]["object"]["status"]);
    assert_eq!(
        states,
        (&json!("WITHDRAWAL.CONFIRMED"), &json!("CONFIRMED"))
    );
}

#[tokio::test]
async fn a_report_is_also_a_file() {
    let fixture = Fixture::start().await;
    let report = fixture.sandbox.demo_id("report_id").unwrap();
    let path = format!("/reports/{report}");
    assert_eq!(fixture.get(&path).await["id"], report);
    let mut request = fixture.authorised("GET", &path).await;
    set(&mut request, "accept", "application/pdf");
    let response = fixture.sign_and_send(request).await;
    assert_eq!(response.status(), 200);
    assert!(response.body().starts_with(b"%PDF-1.4"));
    assert!(String::from_utf8_lossy(response.body()).contains(&report));
}
