//! An empty string where there is no value.

use serde_json::json;
use upvest_models::{
    ChangeUserDetailsRequest, NaiveDate, PlaceOrderRequest, Salutation, UserIdentifier,
};

#[test]
fn in_a_change_nothing_is_left_out_and_none_takes_a_value_away() {
    let change = ChangeUserDetailsRequest::new();
    assert_eq!(serde_json::to_value(&change).unwrap(), json!({}));
    let day = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let change = change.salutation(Salutation::Diverse).decease_date(day);
    let expected = json!({ "salutation": "SALUTATION_DIVERSE", "decease_date": "2026-01-02" });
    assert_eq!(serde_json::to_value(&change).unwrap(), expected);
    let change = change.salutation(None).decease_date(None);
    let expected = json!({ "salutation": "", "decease_date": "" });
    assert_eq!(serde_json::to_value(&change).unwrap(), expected);
    let read: ChangeUserDetailsRequest = serde_json::from_value(expected).unwrap();
    assert_eq!(read, change);
}

#[test]
fn what_does_not_apply_may_be_empty_or_absent() {
    let order = json!({
        "account_id": "83d83ec2-d2ca-49ff-bbea-b92b5c3be202",
        "side": "BUY",
        "instrument_id": "US0378331005",
        "instrument_id_type": "ISIN",
        "quantity": "1.50",
    });
    let mut empty = order.clone();
    for name in [
        "limit_price",
        "stop_price",
        "expiry_date",
        "client_reference",
    ] {
        empty[name] = json!("");
    }
    let read: PlaceOrderRequest = serde_json::from_value(empty).unwrap();
    assert_eq!(
        (read.limit_price, read.stop_price, read.expiry_date),
        (None, None, None)
    );
    assert_eq!(read.client_reference, None);
    assert_eq!(serde_json::to_value(&read).unwrap(), order);
    let mut wrong = order;
    wrong["limit_price"] = json!("cheap");
    assert!(serde_json::from_value::<PlaceOrderRequest>(wrong).is_err());
}

#[test]
fn what_has_to_be_there_is_written_empty() {
    let identifier = json!({
        "id": "83d83ec2-d2ca-49ff-bbea-b92b5c3be202",
        "created_at": "2021-07-21T14:10:00Z",
        "updated_at": "2021-07-21T14:10:00Z",
        "user_id": "00000ec2-d2ca-49ff-bbea-b92b5c3be505",
        "type": "NATIONAL_ID",
        "issuing_country": "DE",
        "identifier_standard": "CONCAT",
        "identifier": "",
    });
    let read: UserIdentifier = serde_json::from_value(identifier.clone()).unwrap();
    assert_eq!(read.identifier, None);
    assert_eq!(serde_json::to_value(&read).unwrap(), identifier);
}
