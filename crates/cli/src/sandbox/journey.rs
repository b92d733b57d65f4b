//! `upvest sandbox journey`: an investor from joining to the first shares.

use http::Method;
use serde_json::{Value, json};
use upvest::operations::{
    CREATE_ACCOUNT, CREATE_ACCOUNT_GROUP, CREATE_TOP_UP, CREATE_USER, LIST_CASH_BALANCES,
    PLACE_ORDER, RETRIEVE_POSITION,
};
use upvest::{Client, OperationInfo};

use crate::failure::Failure;
use crate::output;
use crate::profile::{Admin, LOCAL, Settings};

/// What is bought, by its ISIN.
const ISIN: &str = "US0378331005";

/// The time after which trades are settled, in seconds.
const SETTLEMENT: u64 = 2 * 24 * 60 * 60;

/// Takes all steps at the sandbox of this machine, and prints each.
///
/// # Errors
///
/// When a step fails. Nothing after it is done.
pub(super) async fn run() -> Result<(), Failure> {
    let client = Settings::load(Some(LOCAL))
        .await?
        .builder()
        .await?
        .build()?;
    let user = made(&client, "user", &CREATE_USER, person()).await?;
    let group = json!({ "user_id": user, "type": "PERSONAL" });
    let group = made(&client, "account group", &CREATE_ACCOUNT_GROUP, group).await?;
    let account = json!({ "user_id": user, "account_group_id": group, "type": "TRADING" });
    let account = made(&client, "account", &CREATE_ACCOUNT, account).await?;
    let top_up = json!({ "account_group_id": group, "cash_amount": "1000.00", "currency": "EUR" });
    made(&client, "top-up", &CREATE_TOP_UP, top_up).await?;
    let order = json!({
        "user_id": user, "account_id": account, "cash_amount": "250.00", "currency": "EUR",
        "side": "BUY", "instrument_id": ISIN, "instrument_id_type": "ISIN", "order_type": "MARKET",
        "user_instrument_fit_acknowledgement": true,
    });
    made(&client, "order", &PLACE_ORDER, order).await?;
    let time = json!({ "seconds": SETTLEMENT });
    Admin::at(None)
        .ask(Method::POST, "/time", Some(&time))
        .await?;
    tell("two days later", "settled", "")?;

    let call = client.call_operation(&RETRIEVE_POSITION);
    let call = call.path("account_id", account).path("instrument_id", ISIN);
    let position = read(&call.send().await?);
    tell("position", &shown(&position["quantity"]), ISIN)?;
    let call = client
        .call_operation(&LIST_CASH_BALANCES)
        .path("account_group_id", group);
    let balances = read(&call.send().await?);
    let balance = &balances["data"][0];
    tell(
        "cash",
        &shown(&balance["balance"]),
        &shown(&balance["currency"]),
    )
}

/// Creates a resource, prints its status, and returns its id.
async fn made(
    client: &Client,
    name: &str,
    operation: &'static OperationInfo,
    body: Value,
) -> Result<String, Failure> {
    let answer = client.call_operation(operation).json(body).send().await?;
    let answer = read(&answer);
    let id = shown(&answer["id"]);
    let status = match &answer["status"] {
        Value::Null => "made".to_owned(),
        status => shown(status),
    };
    tell(name, &status, &id)?;
    Ok(id)
}

fn tell(name: &str, result: &str, of: &str) -> Result<(), Failure> {
    output::line(format!("{name:<15} {result:<10} {of}").trim_end())?;
    Ok(())
}

fn read(answer: &[u8]) -> Value {
    serde_json::from_slice(answer).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Somebody who does not exist.
fn person() -> Value {
    let address = json!({
        "address_line1": "Unter den Linden 1", "postcode": "10117", "city": "Berlin", "country": "DE",
    });
    json!({
        "first_name": "Erika", "last_name": "Beispiel", "email": "erika@example.com",
        "birth_date": "1990-02-28", "nationalities": ["DE"], "address": address,
        "fatca": { "status": false, "confirmed_at": "2026-01-01T00:00:00Z" },
    })
}
