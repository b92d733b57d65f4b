//! What people do with an inbox: look at it, replay, drop, forget.

use std::ops::Range;
use std::time::Duration;

use upvest_models::{DateTime, Utc, Uuid};

use crate::backend::{Backend, Value, query};
use crate::time::{date_time, duration_nanos, nanos};
use crate::{Error, Inbox, StoredEvent};

/// How an inbox is doing. See [`Inbox::stats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// How many events are to be done, those that are being worked on and those that wait for another
    /// attempt included, parked ones not.
    pub depth: u64,
    /// How many of these are being worked on.
    pub claimed: u64,
    /// How many of these have failed before.
    pub failed: u64,
    /// How many events are parked.
    pub parked: u64,
    /// When the oldest event that is to be done came about.
    pub oldest: Option<DateTime<Utc>>,
    /// How long ago that was.
    pub lag: Duration,
}

/// An event that was put aside. See [`Inbox::parked`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ParkedEvent {
    /// The event; its `attempt` is the number of attempts that were made.
    pub event: StoredEvent,
    /// Since when.
    pub parked_at: DateTime<Utc>,
    /// Why the last attempt failed, in one line.
    pub error: String,
}

/// Which events to replay. See [`Inbox::replay`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replay {
    /// The event with this key.
    Event(Uuid),
    /// All that are parked.
    Parked,
    /// Those that were received from one time on and before another.
    Received(Range<DateTime<Utc>>),
    /// Those of this type, such as `CASH_BALANCE.UPDATED`, received in the range.
    Kind(String, Range<DateTime<Utc>>),
}

impl<DB: Backend> Inbox<DB> {
    /// How the inbox is doing. With the feature `otel`, this is also what sets the gauges of depth, lag
    /// and parked events: call it every few seconds, in one process. It looks at what is to be done
    /// alone, so what it costs does not depend on how much is stored.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn stats(&self) -> Result<Stats, Error> {
        let sql = "SELECT count(CASE WHEN parked_at IS NULL THEN 1 END),
                          count(CASE WHEN claim IS NOT NULL AND due > $1 THEN 1 END),
                          count(CASE WHEN parked_at IS NULL AND last_error IS NOT NULL THEN 1 END),
                          count(parked_at),
                          min(CASE WHEN parked_at IS NULL THEN created_at END)
                     FROM upvest_inbox_work";
        let now = self.now();
        let answer = self
            .query("look at the inbox", sql, vec![now.into()])
            .await?;
        let int = |column| answer.rows.first().and_then(|row| row.int(column));
        let count = |column| int(column).unwrap_or_default().unsigned_abs();
        let lag = int(4).map_or(0, |oldest| now.saturating_sub(oldest).max(0));
        let stats = Stats {
            depth: count(0),
            claimed: count(1),
            failed: count(2),
            parked: count(3),
            oldest: int(4).map(date_time),
            lag: Duration::from_nanos(lag.unsigned_abs()),
        };
        self.metrics().stats(&stats);
        Ok(stats)
    }

    /// The events that are parked, those that have been so for longest first, `limit` at most.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn parked(&self, limit: u32) -> Result<Vec<ParkedEvent>, Error> {
        let columns = StoredEvent::COLUMNS;
        let sql = format!(
            "SELECT {columns}, w.parked_at, w.last_error
               FROM upvest_inbox_work w JOIN upvest_inbox_events e ON e.key = w.key
              WHERE w.parked_at IS NOT NULL ORDER BY w.parked_at, w.key LIMIT $1"
        );
        let values = vec![i64::from(limit).into()];
        let answer = self.query("look at parked events", &sql, values).await?;
        let parked = answer.rows.iter().map(|row| ParkedEvent {
            event: StoredEvent::read(row),
            parked_at: date_time(row.int(8).unwrap_or_default()),
            error: row.text(9).unwrap_or_default().to_owned(),
        });
        Ok(parked.collect())
    }

    /// Has events worked again that are parked, or done: from the first attempt on, and without delay.
    /// What is being worked on, or waits, stays as it is. Notes when, by whom (`who`) and for which events
    /// it was asked in `upvest_inbox_replays`. Returns how many events are worked again.
    ///
    /// A handler that an event took effect by takes effect again.
    ///
    /// # Errors
    ///
    /// When the database fails. Nothing is changed then.
    pub async fn replay(&self, replay: &Replay, who: &str) -> Result<u64, Error> {
        const ACTION: &str = "replay events";
        let (condition, values, what) = replay.condition();
        let sql = format!(
            "INSERT INTO upvest_inbox_work (entity, created_at, key)
             SELECT e.entity, e.created_at, e.key FROM upvest_inbox_events e WHERE {condition}
             ON CONFLICT (entity, created_at, key) DO UPDATE SET attempts = 0, due = 0, parked_at = NULL
              WHERE upvest_inbox_work.parked_at IS NOT NULL"
        );
        self.change_and_note(ACTION, &sql, values, who, &what).await
    }

    /// Changes what is to be done, and notes who asked for it.
    async fn change_and_note(
        &self,
        action: &'static str,
        sql: &str,
        values: Vec<Value<'_>>,
        who: &str,
        what: &str,
    ) -> Result<u64, Error> {
        let mut transaction = self.begin(action).await?;
        let changed = query::<DB>(&mut transaction, action, sql, values).await?;
        let note =
            "INSERT INTO upvest_inbox_replays (at, who, what, events) VALUES ($1, $2, $3, $4)";
        let count = i64::try_from(changed.affected).unwrap_or(i64::MAX);
        let values = vec![self.now().into(), who.into(), what.into(), count.into()];
        query::<DB>(&mut transaction, action, note, values).await?;
        transaction.commit().await.map_err(Error::when(action))?;
        self.stored().notify_waiters();
        Ok(changed.affected)
    }

    /// Gives up a parked event: it counts as done, stays stored, and those that wait behind it go on.
    /// Notes who asked like [`replay`](Self::replay). Returns whether there was such an event.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn give_up(&self, key: Uuid, who: &str) -> Result<bool, Error> {
        const ACTION: &str = "give up an event";
        let sql = "DELETE FROM upvest_inbox_work WHERE parked_at IS NOT NULL AND key = $1";
        let (values, what) = (vec![key.into()], format!("give up {key}"));
        let events = self
            .change_and_note(ACTION, sql, values, who, &what)
            .await?;
        Ok(events > 0)
    }

    /// Deletes events that are done and were received longer ago than this, a thousand in each
    /// transaction, and returns how many there were. From then on they would be taken for new ones if
    /// they were delivered again: there is no published end to that, and a month is generous.
    ///
    /// # Errors
    ///
    /// When the database fails. What was deleted before stays deleted.
    pub async fn forget(&self, older_than: Duration) -> Result<u64, Error> {
        let before = self.now().saturating_sub(duration_nanos(older_than));
        let sql = "DELETE FROM upvest_inbox_events WHERE key IN (
                       SELECT e.key FROM upvest_inbox_events e
                        WHERE e.received_at < $1 AND NOT EXISTS (
                              SELECT 1 FROM upvest_inbox_work w
                               WHERE w.entity = e.entity AND w.created_at = e.created_at AND w.key = e.key)
                        LIMIT 1000)";
        let mut forgotten = 0;
        loop {
            let answer = self
                .query("forget events", sql, vec![before.into()])
                .await?;
            forgotten += answer.affected;
            if answer.affected == 0 {
                return Ok(forgotten);
            }
        }
    }
}

impl Replay {
    /// The SQL that finds the events, its parameters, and words for the record.
    fn condition(&self) -> (&'static str, Vec<Value<'_>>, String) {
        let between = "e.received_at >= $1 AND e.received_at < $2";
        let times =
            |range: &Range<DateTime<Utc>>| vec![nanos(range.start).into(), nanos(range.end).into()];
        match self {
            Self::Event(key) => ("e.key = $1", vec![(*key).into()], format!("event {key}")),
            Self::Parked => (
                "e.key IN (SELECT w.key FROM upvest_inbox_work w WHERE w.parked_at IS NOT NULL)",
                vec![],
                "all parked events".to_owned(),
            ),
            Self::Received(range) => {
                let what = format!("received from {} to {}", range.start, range.end);
                (between, times(range), what)
            }
            Self::Kind(kind, range) => {
                let mut values = times(range);
                values.push((&**kind).into());
                let what = format!("{kind:?} received from {} to {}", range.start, range.end);
                (
                    "e.received_at >= $1 AND e.received_at < $2 AND e.kind = $3",
                    values,
                    what,
                )
            }
        }
    }
}
