use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use upvest_http::one_line;
use upvest_models::{DateTime, Utc};

use crate::{Event, HandlerError, Refusal};

/// What a receiver did that an operator may want to know.
///
/// Its text is one line with all reasons. Text that others sent is escaped and cut in it: see
/// [`Excerpt`](upvest_auth_signing::Excerpt). It never shows a body.
#[derive(Debug)]
#[non_exhaustive]
pub enum Report<'a> {
    /// A delivery was accepted; this many events were in it.
    Taken(usize),
    /// A request was answered with a status other than 200.
    Refused(&'a Refusal),
    /// An event was not handed out, since it was handled before.
    Repeated(&'a Event),
    /// The handler refused an event with a permanent error, and no place to park it is set.
    Failed(&'a Event, &'a HandlerError),
    /// An event was [parked](crate::Receiver::park).
    Parked(&'a Event, &'a HandlerError),
    /// An event has failed again and again. Raise an alarm: nothing else of its subscription is
    /// delivered until it is handled.
    Blocked {
        /// The event, with the number of its attempts.
        event: &'a Event,
        /// When it was handed out for the first time.
        since: SystemTime,
        /// What the handler failed with.
        error: &'a HandlerError,
    },
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(count) => write!(f, "a delivery of {count} events was taken"),
            Self::Refused(refusal) => {
                let status = refusal.status();
                write!(
                    f,
                    "a request was answered with {status}: {}",
                    one_line(*refusal)
                )
            }
            Self::Repeated(event) => write!(f, "the event {} was handled before", event.key()),
            Self::Failed(event, error) => {
                let (key, error) = (event.key(), error.line());
                write!(f, "the event {key} is refused for good: {error}")
            }
            Self::Parked(event, error) => {
                let (key, attempt, error) = (event.key(), event.attempt(), error.line());
                write!(
                    f,
                    "the event {key} is parked after attempt {attempt}: {error}"
                )
            }
            Self::Blocked {
                event,
                since,
                error,
            } => {
                let (key, attempt, error) = (event.key(), event.attempt(), error.line());
                let since = utc(*since);
                write!(
                    f,
                    "DELIVERIES ARE BLOCKED since {since} by the event {key}, attempt {attempt}: {error}"
                )
            }
        }
    }
}

fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(seconds.as_secs()).unwrap_or(i64::MAX);
    let time = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default();
    time.to_string()
}
