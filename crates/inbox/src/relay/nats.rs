use std::fmt;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Context;
use tower::BoxError;

use super::publisher::{Message, Publisher};

/// Publishes events to NATS JetStream, one message for each:
///
/// - the subject is `upvest.TYPE.ENTITY` ([`Message::subject`]), so a stream for `upvest.>`
///   receives all of them;
/// - `Nats-Msg-Id` is the key of the event, so that the stream drops duplicates within its
///   `duplicate_window`: make that longer than a relay can be down after a crash;
/// - the headers are those of [`Message::headers`], and the payload is the unchanged JSON of the
///   event.
///
/// An event counts as published when the stream has acknowledged it.
///
/// ```no_run
/// # #[cfg(all(feature = "nats", feature = "sqlite"))]
/// # async fn example(inbox: upvest_inbox::Inbox<upvest_inbox::sqlx::Sqlite>) -> Result<(), upvest_inbox::BoxError> {
/// use std::time::Duration;
/// use upvest_inbox::JetStream;
/// use upvest_inbox::async_nats::{self, jetstream};
///
/// let context = jetstream::new(async_nats::connect("127.0.0.1:4222").await?);
/// context
///     .get_or_create_stream(jetstream::stream::Config {
///         name: "UPVEST".to_owned(),
///         subjects: vec!["upvest.>".to_owned()],
///         duplicate_window: Duration::from_secs(24 * 60 * 60),
///         ..Default::default()
///     })
///     .await?;
/// let worked = inbox.relay(JetStream::new(context)).run(std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JetStream(Context);

impl JetStream {
    /// Makes a publisher for the stream that receives `upvest.>`.
    pub fn new(context: Context) -> Self {
        Self(context)
    }
}

impl Publisher for JetStream {
    async fn publish(&self, message: Message<'_>) -> Result<(), BoxError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, message.id.to_string());
        for (name, value) in message.headers() {
            headers.insert(name, value);
        }
        let payload = message.payload.to_owned().into();
        let sent = self
            .0
            .publish_with_headers(message.subject(), headers, payload);
        sent.await?.await?;
        Ok(())
    }
}

impl fmt::Debug for JetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStream").finish_non_exhaustive()
    }
}
