//! What operators do with an inbox: look at it, and delete old events. Replaying is in `replay`.

use std::time::Duration;

use serde::Serialize;
use upvest_models::{DateTime, Utc};

use crate::backend::Backend;
use crate::stats::Stats;
use crate::time::{date_time, duration_nanos};
use crate::{Error, Inbox, StoredEvent};

/// An event that was parked. See [`Inbox::parked`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ParkedEvent {
    /// The event; its `attempt` is the number of attempts that were made. In JSON, its fields stand
    /// beside the fields of this type.
    #[serde(flatten)]
    pub event: StoredEvent,
    /// When it was parked (UTC).
    pub parked_at: DateTime<Utc>,
    /// Why the last attempt failed, in one line.
    pub error: String,
}

impl<DB: Backend> Inbox<DB> {
    /// Returns the state of the inbox. With the feature `otel`, this also sets the gauges of depth,
    /// lag and parked events: call it every few seconds, in one process. It reads only what is
    /// still to be done, so its cost does not depend on how much is stored.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn stats(&self) -> Result<Stats, Error> {
        let sql = "SELECT count(CASE WHEN parked_at IS NULL THEN 1 END),
                          count(CASE WHEN parked_at IS NULL AND entity IN (
                                SELECT c.entity FROM upvest_inbox_claims c WHERE c.until > $1) THEN 1 END),
                          count(CASE WHEN parked_at IS NULL AND last_error IS NOT NULL THEN 1 END),
                          count(parked_at),
                          min(CASE WHEN parked_at IS NULL THEN created_at END)
                     FROM upvest_inbox_work";
        let now = self.now();
        let answer = self
            .query("read the state of the inbox", sql, vec![now.into()])
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

    /// Returns at most `limit` parked events, the longest parked first.
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
        let answer = self.query("list parked events", &sql, values).await?;
        let parked = answer.rows.iter().map(|row| ParkedEvent {
            event: StoredEvent::read(row),
            parked_at: date_time(row.int(8).unwrap_or_default()),
            error: row.text(9).unwrap_or_default().to_owned(),
        });
        Ok(parked.collect())
    }

    /// Deletes events that are done and were received longer ago than this, a thousand in each
    /// transaction, and returns how many it deleted. If such an event is delivered again later, it
    /// counts as new. Upvest does not publish for how long it repeats deliveries; keeping events
    /// for a month is generous.
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
