//! What someone might do with the models alone.

use upvest_models::{CashBalance, CashBalanceEvent, Currency, Decimal};

/// How much of the balance an event announces is free for buying, if it is in euros.
pub fn free_euros(event: &str) -> Result<Option<Decimal>, serde_json::Error> {
    let event: CashBalanceEvent = serde_json::from_str(event)?;
    let CashBalance { currency, available_for_trading, .. } = event.object;
    Ok((currency == Currency::Eur).then_some(available_for_trading))
}

#[test]
fn euros_are_distinguished_from_what_is_not_known_yet() {
    let event = |currency: &str| {
        format!(
            r#"{{"id":"8962b496-8d42-4560-bfab-10490dd1a724","created_at":"2021-07-21T14:10:00.00Z",
            "type":"CASH_BALANCE.UPDATED","webhook_id":"9df39835-be87-4243-9018-f2500b39cee6","added_later":1,
            "object":{{"account_group_id":"d0fc0305-97b7-4e3b-bddf-66d3c434898c","currency":"{currency}",
            "balance":"100.250","locked_for_trading":"10","pending_settlement":"10",
            "available_for_withdrawal":"80","available_for_trading":"80.10"}}}}"#
        )
    };
    assert_eq!(free_euros(&event("EUR")).unwrap().unwrap().to_string(), "80.10");
    assert_eq!(free_euros(&event("XAU")).unwrap(), None);
}
