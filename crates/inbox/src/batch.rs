//! The work on what one worker has claimed: one transaction.

use std::any::Any;
use std::error::Error as StdError;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span, info_span};
use upvest_http::Excerpt;
use upvest_webhooks::HandlerError;

use crate::backend::{Backend, Value};
use crate::expiry::{self, end_lease};
use crate::lease::{Lease, Progress, batch_timeout, handler_timeout};
use crate::session::Session;
use crate::settings::Settings;
use crate::time::{date_time, duration_nanos, nanos};
use crate::worked::Worked;
use crate::{Error, Handler, Inbox, StoredEvent, TARGET};

const ACTION: &str = "work on events";

/// Keeps what was written since the savepoint, and begins the next one: one round trip for each event.
const KEEP: &str = "RELEASE SAVEPOINT upvest_inbox; SAVEPOINT upvest_inbox";

/// How long to wait for the database to roll back what a handler has begun.
const ROLLBACK: Duration = Duration::from_secs(5);

pub(crate) struct Batch<'a, DB: Backend, H> {
    pub(crate) inbox: &'a Inbox<DB>,
    pub(crate) handler: &'a H,
    pub(crate) settings: &'a Settings,
    pub(crate) stopped: &'a watch::Receiver<bool>,
    pub(crate) lease: Lease,
}

/// Why an attempt failed.
struct Failure {
    is_retryable: bool,
    reason: String,
}

impl<DB: Backend, H: Handler<DB>> Batch<'_, DB, H> {
    /// Handles the claimed events. After an error none of them is done, and the claim lasts until the
    /// lease ends.
    pub(crate) async fn work(&self, session: &mut Session<DB>) -> Result<Worked, Error> {
        match self.work_in_transaction(session).await {
            Err(error) if error.is_conflict() => self.fail_all(session, &error).await,
            worked => worked,
        }
    }

    async fn work_in_transaction(&self, session: &mut Session<DB>) -> Result<Worked, Error> {
        session.begin_handling().await?;
        let events = self.lock(session).await?;
        let begin = format!("{} SAVEPOINT upvest_inbox", DB::USE_ANY_PLAN);
        session.script(ACTION, &begin).await?;
        let until = Instant::now() + batch_timeout(self.settings.lease);
        let mut worked = Worked::default();
        let (mut done, mut failed) = (Vec::new(), None);
        for event in &events {
            if failed == Some(&event.entity) {
                continue;
            }
            if *self.stopped.borrow() || Instant::now() >= until {
                break;
            }
            let Err(failure) = self.attempt(session, event).await? else {
                done.push(event);
                continue;
            };
            failed = Some(&event.entity);
            match self.fail(session, event, failure).await? {
                AttemptEnd::Paused => worked.failed += 1,
                AttemptEnd::Parked => worked.parked += 1,
            }
        }
        worked.done = done.len() as u64;
        self.finish(session, &done).await?;
        Ok(worked)
    }

    /// The events that are claimed. Nobody else can work on their entities until the transaction ends. If
    /// the lease had ended and somebody has freed them, they no longer exist.
    async fn lock(&self, session: &mut Session<DB>) -> Result<Vec<StoredEvent>, Error> {
        if let Some(sql) = DB::LIMIT_TRANSACTION {
            let lease = i64::try_from(self.settings.lease.as_millis()).unwrap_or(i64::MAX);
            let values = vec![lease.clamp(1, i64::from(i32::MAX)).into()];
            session.query(ACTION, sql, values).await?;
        }
        let (columns, condition, lock) = (StoredEvent::COLUMNS, Lease::CONDITION, DB::LOCK);
        let skip = self.settings.after_parked.condition("x");
        let work = DB::JOIN_WORK.replace("{skip}", &skip);
        let sql = format!(
            "SELECT {columns} FROM upvest_inbox_claims c {work}
              WHERE {condition} ORDER BY w.entity, w.created_at, w.key {lock}"
        );
        let mut values = self.lease.values();
        values.push(self.lease.events.into());
        let answer = session.query(ACTION, &sql, values).await?;

        // Nothing overtakes an event that was begun before, or is parked.
        let mut waits = None;
        let mut events: Vec<_> = answer.rows.iter().map(StoredEvent::read).collect();
        events.retain_mut(|event| {
            let is_new = event.attempt == 0;
            event.attempt += 1;
            if self.lease.progress == Progress::New && !is_new {
                waits = Some(event.entity.clone());
            }
            waits.as_ref() != Some(&event.entity)
        });
        Ok(events)
    }

    /// Passes an event to the handler. Returns an error if the database failed, and a failure, with
    /// nothing written, if the handler failed.
    async fn attempt(
        &self,
        session: &mut Session<DB>,
        event: &StoredEvent,
    ) -> Result<Result<(), Failure>, Error> {
        let span = self.span(event);
        let work = self.handler.handle(event, session.connection());
        let work = AssertUnwindSafe(work.instrument(span.clone())).catch_unwind();
        let limit = handler_timeout(self.settings.lease);
        let failure = match timeout(limit, work).await {
            Ok(Ok(Ok(()))) => {
                span.record("outcome", "done");
                // An error that the handler has ignored shows here at the latest.
                match session.script(ACTION, KEEP).await {
                    Ok(()) => return Ok(Ok(())),
                    Err(error) => Failure {
                        is_retryable: true,
                        reason: format!(
                            "the handler left the transaction broken: {}",
                            upvest_http::one_line(&error)
                        ),
                    },
                }
            }
            Ok(Ok(Err(failed))) => Failure::of(failed),
            Ok(Err(panic)) => Failure::of_panic(&*panic),
            Err(_) => Failure {
                is_retryable: true,
                reason: format!("the handler was not done after {limit:?}"),
            },
        };
        span.record("outcome", "failed");
        let rollback = session.script(ACTION, "ROLLBACK TO SAVEPOINT upvest_inbox");
        match timeout(ROLLBACK, rollback).await {
            Ok(rolled_back) => rolled_back.map(|()| Err(failure)),
            Err(elapsed) => Err(Error::new(ACTION, elapsed)),
        }
    }

    fn span(&self, event: &StoredEvent) -> Span {
        let age = self.inbox.now().saturating_sub(nanos(event.created_at));
        info_span!(
            target: TARGET,
            "upvest.inbox.event",
            otel.kind = "consumer",
            upvest.event.type = %Excerpt::new(&event.event_type),
            upvest.event.key = %event.key,
            upvest.event.attempt = i64::from(event.attempt),
            upvest.event.age_ms = age / 1_000_000,
            outcome = tracing::field::Empty,
        )
    }

    /// Notes that an attempt failed.
    async fn fail(
        &self,
        session: &mut Session<DB>,
        event: &StoredEvent,
        failure: Failure,
    ) -> Result<AttemptEnd, Error> {
        let now = self.inbox.now();
        let is_last = !failure.is_retryable || event.attempt >= self.settings.attempts;
        let due = match is_last {
            true => 0,
            false => now.saturating_add(duration_nanos((self.settings.pauses)(event.attempt))),
        };
        let mut values = place(event);
        values.extend([
            due.into(),
            is_last.then_some(now).into(),
            (&*failure.reason).into(),
        ]);
        let sql = "UPDATE upvest_inbox_work
                      SET attempts = attempts + 1, due = $4, parked_at = $5, last_error = $6
                    WHERE entity = $1 AND created_at = $2 AND key = $3";
        session.query(ACTION, sql, values).await?;
        session.script(ACTION, KEEP).await?;

        let (key, attempt, reason) = (event.key, event.attempt, &*failure.reason);
        if is_last {
            tracing::error!(target: TARGET, %key, attempt, reason, "an event is parked");
            return Ok(AttemptEnd::Parked);
        }
        let next = date_time(due);
        tracing::warn!(target: TARGET, %key, attempt, reason, %next, "an event failed, and is tried again later");
        Ok(AttemptEnd::Paused)
    }

    /// Notes that the whole transaction was rolled back, and ends the claim: each event comes again by
    /// itself.
    async fn fail_all(&self, session: &mut Session<DB>, error: &Error) -> Result<Worked, Error> {
        session.rollback().await?;
        let (now, reason) = (self.inbox.now(), upvest_http::one_line(error));
        let failure = expiry::Failure {
            now,
            due: now.saturating_add(duration_nanos((self.settings.pauses)(1))),
            reason: &reason,
            attempts: self.settings.attempts,
        };
        let worked = end_lease(session, &self.lease, &failure).await?;
        let (failed, parked) = (worked.failed, worked.parked);
        tracing::warn!(target: TARGET, failed, parked, reason, "a transaction was rolled back");
        Ok(worked)
    }

    /// Marks what succeeded as done, together with whatever the handler wrote, and ends the claim.
    async fn finish(&self, session: &mut Session<DB>, done: &[&StoredEvent]) -> Result<(), Error> {
        let keep = format!("RELEASE SAVEPOINT upvest_inbox; {}", DB::USE_INDEXES);
        session.script(ACTION, &keep).await?;
        if !done.is_empty() {
            let places: Vec<_> = done.iter().map(|event| place_in_json(event)).collect();
            let places = serde_json::Value::from(places).to_string();
            let values = vec![(&*places).into()];
            let answer = session.query(ACTION, DB::DELETE_WORK, values).await?;
            let (marked, done) = (answer.affected, done.len() as u64);
            if marked != done {
                let reason = format!("{done} events are done, but {marked} were marked as done");
                session.rollback().await?;
                return Err(Error::new(ACTION, reason));
            }
        }
        let sql = "DELETE FROM upvest_inbox_claims WHERE until = $1 AND claim = $2";
        session.query(ACTION, sql, self.lease.values()).await?;
        session.commit().await
    }
}

enum AttemptEnd {
    Paused,
    Parked,
}

/// The place of an event among all: the primary key.
fn place(event: &StoredEvent) -> Vec<Value<'_>> {
    vec![
        (&*event.entity).into(),
        nanos(event.created_at).into(),
        event.key.into(),
    ]
}

fn place_in_json(event: &StoredEvent) -> serde_json::Value {
    serde_json::json!({
        "entity": event.entity,
        "created_at": nanos(event.created_at),
        "key": event.key.simple().to_string(),
    })
}

impl Failure {
    fn of(error: HandlerError) -> Self {
        let is_retryable = error.is_retryable();
        let source: Box<dyn StdError + Send + Sync> = error.into_inner();
        Self {
            is_retryable,
            reason: upvest_http::one_line(&*source),
        }
    }

    fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let text = Excerpt::new(text.unwrap_or("with a value that is not text")).limit(1000);
        Self {
            is_retryable: true,
            reason: format!("the handler panicked: {text}"),
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::time::SystemTime;

    use sqlx::{Sqlite, SqliteConnection, SqlitePool};
    use upvest_webhooks::Event;

    use super::*;
    use crate::HandlerFuture;
    use crate::claim::{Cursor, claim};

    fn too_late<'a>(_: &'a StoredEvent, _: &'a mut SqliteConnection) -> HandlerFuture<'a> {
        panic!("the handler must not run")
    }

    #[tokio::test]
    async fn a_worker_handles_no_event_after_the_end_of_its_lease() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/inbox.db?mode=rwc", directory.path().display());
        let inbox = Inbox::new(SqlitePool::connect(&url).await.unwrap());
        inbox.migrate().await.unwrap();
        let event = r#"{"id": "8962b496-8d42-4560-bfab-10490dd1a724", "type": "MOON.FULL"}"#;
        inbox.store(&[Event::from_json(event)]).await.unwrap();

        let (settings, mut cursor) = (Settings::default(), Cursor::default());
        let mut session = inbox.session().await.unwrap();
        let claim = claim(
            &mut session,
            &settings,
            Progress::New,
            &mut cursor,
            inbox.now(),
        )
        .await;
        let lease = claim.unwrap().lease.unwrap();
        assert_eq!(inbox.stats().await.unwrap().claimed, 1);

        let hour = Duration::from_secs(60 * 60);
        let later = inbox.clone().clock(move || SystemTime::now() + hour);
        let worker = later.worker(|event, _| {
            assert_eq!(event.attempt, 2);
            Box::pin(async { Ok(()) })
        });
        assert_eq!(worker.drain().await.unwrap().done, 1);

        let (_sender, stopped) = watch::channel(false);
        let batch = Batch::<Sqlite, _> {
            inbox: &inbox,
            handler: &too_late,
            settings: &settings,
            stopped: &stopped,
            lease,
        };
        let worked = batch.work(&mut session).await.unwrap();
        assert_eq!(worked, Worked::default());
    }
}
