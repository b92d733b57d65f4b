//! Events to store, and handlers that leave a trace.

use upvest_inbox::webhooks::Event;
use upvest_inbox::{HandlerFuture, StoredEvent};

use crate::database::Database;

pub(crate) const WEBHOOK: &str = "9df39835-be87-4243-9018-f2500b39cee6";

/// The JSON of an event with this number, about this group. An event with a later number was
/// created later.
pub(crate) fn json(number: u64, group: u64) -> String {
    let id = id(number);
    format!(
        r#"{{"id":"{id}","created_at":"2026-11-25T10:00:00.{number:09}Z","type":"MOON.PHASE","webhook_id":"{WEBHOOK}","object":{{"account_group_id":"group-{group}"}}}}"#
    )
}

pub(crate) fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

pub(crate) fn event(number: u64, group: u64) -> Event {
    Event::from_json(&json(number, group))
}

/// The number of an event that was made here.
pub(crate) fn number(event: &StoredEvent) -> i64 {
    let key = event.key.to_string();
    key[24..].trim_start_matches('0').parse().unwrap_or(0)
}

/// Writes the number of the event into the table of effects.
pub(crate) fn take_effect<'a, DB: Database>(
    event: &'a StoredEvent,
    transaction: &'a mut DB::Connection,
) -> HandlerFuture<'a> {
    let (number, entity) = (number(event), &event.entity);
    let sql = format!("INSERT INTO effects (number, entity) VALUES ({number}, '{entity}')");
    Box::pin(async move {
        DB::execute(transaction, sql).await?;
        Ok(())
    })
}

/// The JSON of an event about a balance in euros.
pub(crate) fn balance_json(number: u64, group: u64, time: &str, balance: &str) -> String {
    let (id, group) = (id(number), group_id(group));
    format!(
        r#"{{"id":"{id}","created_at":"2026-11-25T{time}Z","type":"CASH_BALANCE.UPDATED","webhook_id":"{WEBHOOK}","object":{{"account_group_id":"{group}","currency":"EUR","balance":"{balance}","locked_for_trading":"0","pending_settlement":"0","available_for_withdrawal":"0","available_for_trading":"0"}}}}"#
    )
}

pub(crate) fn group_id(group: u64) -> String {
    format!("00000000-0000-4000-9000-{group:012}")
}
