//! Events that are handled again, or given up, because an operator asks for it.

use std::ops::Range;

use serde::Serialize;
use upvest_models::{DateTime, Utc, Uuid};

use crate::backend::{Backend, Row, Value, query};
use crate::time::{date_time, nanos};
use crate::{Error, Inbox};

/// Which events to replay. See [`Inbox::replay`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replay {
    /// The event with this key.
    Event(Uuid),
    /// All parked events.
    Parked,
    /// The events received in this range of times (UTC; the end is excluded).
    Received(Range<DateTime<Utc>>),
    /// The events of this type, such as `CASH_BALANCE.UPDATED`, received in this range.
    EventType(String, Range<DateTime<Utc>>),
}

/// A record of who replayed or gave up which events, and when. See [`Inbox::replays`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReplayRecord {
    /// When it was done (UTC).
    pub at: DateTime<Utc>,
    /// Who asked for it: the argument `who` of the call.
    pub who: String,
    /// The events it was asked for, in words such as `all parked events`.
    pub what: String,
    /// How many events it changed.
    pub events: u64,
}

impl<DB: Backend> Inbox<DB> {
    /// Makes events that are parked or done due again, from their first attempt on and without
    /// delay. Events that are being handled, or that wait, stay as they are. It records when, by
    /// whom (`who`) and for which events this was called: see [`replays`](Self::replays). Returns
    /// how many events will be handled again.
    ///
    /// If an event took effect before, its handler takes effect again.
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

    /// Gives up a parked event: it counts as done, stays stored, and events that wait behind it go
    /// on. It records who asked, as [`replay`](Self::replay) does. Returns whether there was such
    /// an event.
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

    /// Returns at most `limit` records of replays and of events given up, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn replays(&self, limit: u32) -> Result<Vec<ReplayRecord>, Error> {
        let sql =
            "SELECT at, who, what, events FROM upvest_inbox_replays ORDER BY at DESC LIMIT $1";
        let values = vec![i64::from(limit).into()];
        let answer = self.query("list replays", sql, values).await?;
        let record = |row: &Row| ReplayRecord {
            at: date_time(row.int(0).unwrap_or_default()),
            who: row.text(1).unwrap_or_default().to_owned(),
            what: row.text(2).unwrap_or_default().to_owned(),
            events: row.int(3).unwrap_or_default().unsigned_abs(),
        };
        Ok(answer.rows.iter().map(record).collect())
    }

    /// Changes the work, and records who asked for it.
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
            Self::EventType(event_type, range) => {
                let mut values = times(range);
                values.push((&**event_type).into());
                let what = format!(
                    "{event_type:?} received from {} to {}",
                    range.start, range.end
                );
                (
                    "e.received_at >= $1 AND e.received_at < $2 AND e.kind = $3",
                    values,
                    what,
                )
            }
        }
    }
}
