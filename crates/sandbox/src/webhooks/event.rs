use std::collections::VecDeque;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

/// An event on its way to a subscription.
pub(super) struct Event {
    pub(super) created_at: DateTime<Utc>,
    pub(super) json: String,
    /// The counter of events that are still to be accepted. Events that a fault makes up are not counted.
    pub(super) _pending: Option<Pending>,
}

/// Counts as one event that is still to be taken, until dropped.
pub(super) struct Pending(watch::Sender<usize>);

impl Pending {
    pub(super) fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Events that are delivered together.
pub(super) struct Delivery(Vec<Event>);

impl Delivery {
    /// Removes from the front as many events as fit into a body of this many bytes, and at least one.
    /// There must be one.
    pub(super) fn pack(waiting: &mut VecDeque<Event>, max_bytes: usize) -> Self {
        let mut bytes = WRAPPER.0.len() + WRAPPER.1.len();
        let fitting = waiting.iter().take_while(|event| {
            // This counts the comma after it. The last one has no comma, which makes up for the
            // extra one.
            bytes += event.json.len() + 1;
            bytes - 1 <= max_bytes
        });
        let count = fitting.count().max(1);
        let mut events: Vec<Event> = waiting.drain(..count).collect();
        events.sort_by_key(|event| event.created_at);
        Self(events)
    }

    /// Puts an event of an unknown type before all others.
    pub(super) fn add_unknown(&mut self, webhook_id: Uuid) {
        self.add("MOON.FULL", json!({ "illumination": "100" }), webhook_id);
    }

    /// Puts an event that is not as described before all others.
    pub(super) fn add_malformed(&mut self, webhook_id: Uuid) {
        self.add(
            "CASH_BALANCE.UPDATED",
            json!({ "balance": true }),
            webhook_id,
        );
    }

    fn add(&mut self, type_: &str, object: Value, webhook_id: Uuid) {
        let created_at = self.0[0].created_at;
        let event = json!({
            "id": Uuid::new_v4(),
            "created_at": created_at,
            "type": type_,
            "object": object,
            "webhook_id": webhook_id,
        });
        let event = Event {
            created_at,
            json: event.to_string(),
            _pending: None,
        };
        self.0.insert(0, event);
    }

    /// What is sent.
    pub(super) fn body(&self) -> Bytes {
        let events: Vec<&str> = self.0.iter().map(|event| event.json.as_str()).collect();
        [WRAPPER.0, &events.join(","), WRAPPER.1].concat().into()
    }
}

const WRAPPER: (&str, &str) = (r#"{"payload":["#, "]}");

#[cfg(test)]
mod tests {
    use super::*;

    fn event(second: i64, json: &str) -> Event {
        Event {
            created_at: DateTime::from_timestamp(second, 0).unwrap(),
            json: json.to_owned(),
            _pending: None,
        }
    }

    fn bodies(events: &[(i64, &str)], max_bytes: usize) -> Vec<String> {
        let mut waiting: VecDeque<_> = events.iter().map(|(at, json)| event(*at, json)).collect();
        let mut bodies = Vec::new();
        while !waiting.is_empty() {
            let body = Delivery::pack(&mut waiting, max_bytes).body();
            bodies.push(String::from_utf8(body.to_vec()).unwrap());
        }
        bodies
    }

    #[test]
    fn a_delivery_is_as_full_as_it_may_be_and_no_fuller() {
        let events = [(1, "1"), (2, "22"), (3, "3")];
        let two = r#"{"payload":[1,22]}"#;
        let rest = r#"{"payload":[3]}"#;
        assert_eq!(bodies(&events, two.len()), [two, rest]);
        assert_eq!(bodies(&events, two.len() + 1), [two, rest]);
        assert_eq!(bodies(&events, two.len() + 2), [r#"{"payload":[1,22,3]}"#]);
        assert_eq!(bodies(&events, two.len() - 1).len(), 3);
    }

    #[test]
    fn an_event_that_is_too_large_goes_by_itself() {
        let large = "9".repeat(100);
        assert_eq!(
            bodies(&[(1, "1"), (2, &large), (3, "3")], 20),
            [
                r#"{"payload":[1]}"#,
                &format!(r#"{{"payload":[{large}]}}"#),
                r#"{"payload":[3]}"#
            ]
        );
    }

    #[test]
    fn the_oldest_event_is_the_first() {
        assert_eq!(
            bodies(&[(3, "3"), (1, "1"), (2, "2"), (1, "11")], 1000),
            [r#"{"payload":[1,11,2,3]}"#]
        );
    }

    #[test]
    fn what_is_dropped_is_no_longer_pending() {
        let count = watch::Sender::new(0);
        let pending = [Pending::new(&count), Pending::new(&count)];
        assert_eq!(*count.borrow(), 2);
        drop(pending);
        assert_eq!(*count.borrow(), 0);
    }
}
