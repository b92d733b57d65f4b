use tower::BoxError;
use upvest_models::{DateTime, Utc, Uuid};

use crate::StoredEvent;

/// A queue or stream to which events are published. See [`Inbox::relay`](crate::Inbox::relay).
///
/// ```
/// use upvest_inbox::{Message, Publisher};
/// use upvest_inbox::BoxError;
///
/// /// Stands for a topic.
/// struct Topic(tokio::sync::mpsc::Sender<(String, String)>);
///
/// impl Publisher for Topic {
///     async fn publish(&self, message: Message<'_>) -> Result<(), BoxError> {
///         self.0.send((message.subject(), message.payload.to_owned())).await?;
///         Ok(())
///     }
/// }
/// ```
pub trait Publisher: Send + Sync + 'static {
    /// Publishes an event, and returns once the queue or stream cannot lose it any more. Events of
    /// one entity come one after the other, in their order.
    ///
    /// An event is published again if the process stopped before that was recorded. [`Message::id`]
    /// is the same then, so that the receiving side can drop the duplicate.
    fn publish(&self, message: Message<'_>) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// An event that is published.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message<'a> {
    /// The key that identifies the event, however often it is published.
    pub id: Uuid,
    /// Its type, such as `CASH_BALANCE.UPDATED`; empty if it cannot be read.
    pub event_type: &'a str,
    /// The entity it is about: the key to partition by.
    pub entity: &'a str,
    /// When it happened (UTC).
    pub created_at: DateTime<Utc>,
    /// The webhook subscription for which it was delivered, if that can be read.
    pub webhook_id: Option<Uuid>,
    /// Its JSON, unchanged.
    pub payload: &'a str,
}

impl<'a> Message<'a> {
    pub(super) fn of(event: &'a StoredEvent) -> Self {
        Self {
            id: event.key,
            event_type: &event.event_type,
            entity: &event.entity,
            created_at: event.created_at,
            webhook_id: event.webhook_id,
            payload: event.raw(),
        }
    }

    /// `upvest.TYPE.ENTITY`, such as
    /// `upvest.CASH_BALANCE.UPDATED.d0fc0305-97b7-4e3b-bddf-66d3c434898c`. Every character other
    /// than ASCII letters, digits, `-` and `_` is replaced with `_`, except dots within the type;
    /// an empty part is `_`.
    pub fn subject(&self) -> String {
        let mut subject = "upvest".to_owned();
        for token in self.event_type.split('.').chain([self.entity]) {
            subject.push('.');
            let plain = |character: char| match character {
                '-' | '_' => character,
                _ if character.is_ascii_alphanumeric() => character,
                _ => '_',
            };
            subject.extend(token.chars().map(plain));
            if token.is_empty() {
                subject.push('_');
            }
        }
        subject
    }

    /// The headers to send with it: `upvest-created-at` (RFC 3339, with nanoseconds), and
    /// `upvest-webhook-id` if it is known.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let created_at = self.created_at.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
        let webhook_id = self
            .webhook_id
            .map(|id| ("upvest-webhook-id", id.to_string()));
        let created_at = ("upvest-created-at", created_at);
        [created_at].into_iter().chain(webhook_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<'a>(event_type: &'a str, entity: &'a str) -> Message<'a> {
        Message {
            id: Uuid::nil(),
            event_type,
            entity,
            created_at: "2026-11-25T10:00:00.000000001Z".parse().unwrap(),
            webhook_id: None,
            payload: "{}",
        }
    }

    #[test]
    fn subjects_are_made_of_type_and_entity() {
        let group = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";
        let subject = message("CASH_BALANCE.UPDATED", group).subject();
        assert_eq!(subject, format!("upvest.CASH_BALANCE.UPDATED.{group}"));
    }

    #[test]
    fn no_event_makes_an_invalid_subject() {
        assert_eq!(message("", "").subject(), "upvest._._");
        assert_eq!(
            message("A..*.>", "a.b c\n\u{e9}").subject(),
            "upvest.A._._._.a_b_c__"
        );
    }

    #[test]
    fn headers_keep_nanoseconds() {
        let headers = message("", "").headers();
        assert_eq!(
            headers,
            [(
                "upvest-created-at",
                "2026-11-25T10:00:00.000000001Z".to_owned()
            )]
        );
    }
}
