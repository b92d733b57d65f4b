use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::batch;
use crate::claim::{self, Cursor};
use crate::lease::Progress;
use crate::session::Session;
use crate::settings::{AfterParked, Settings};
use crate::worked::Worked;
use crate::{Error, Handler, HandlerFuture, Inbox, StoredEvent, pauses};

/// The time for a claim and for the start of the work under it must fit in.
const SHORTEST_LEASE: Duration = Duration::from_millis(100);

/// Handles the events of an [`Inbox`]. Any number of workers, in any number of processes, share
/// them.
///
/// A worker claims events that no other worker has claimed, the oldest of each entity first, and
/// hands them to its handler inside a transaction, up to a [`batch`](Self::batch) of them in one.
/// When the handler succeeds for an event, the event is done in that same transaction. When it
/// fails, what it wrote for that event is rolled back, and the event waits for a
/// [pause](Self::pauses). After the last of its [attempts](Self::attempts), it is parked.
///
/// A claim ends with its [`lease`](Self::lease), unless its events are being handled at that
/// moment. So a process that is killed, hangs or loses its connection costs its events that time
/// and one attempt; from then on, each of them is handled in a separate transaction.
#[must_use = "nothing is worked off before `run` or `drain`"]
pub struct Worker<DB: Backend, H> {
    inbox: Inbox<DB>,
    handler: Arc<H>,
    settings: Settings,
}

impl<DB: Backend> Inbox<DB> {
    /// Makes a worker whose handler is a closure: see [`Worker`], and [`Handler`] for what it may
    /// do.
    pub fn worker<F>(&self, handler: F) -> Worker<DB, F>
    where
        F: for<'a> Fn(&'a StoredEvent, &'a mut DB::Connection) -> HandlerFuture<'a>
            + Send
            + Sync
            + 'static,
    {
        self.worker_with(handler)
    }

    /// Makes a worker with any handler.
    pub fn worker_with<H: Handler<DB>>(&self, handler: H) -> Worker<DB, H> {
        Worker::new(self.clone(), handler)
    }
}

impl<DB: Backend, H: Handler<DB>> Worker<DB, H> {
    pub(crate) fn new(inbox: Inbox<DB>, handler: H) -> Self {
        Self {
            inbox,
            handler: Arc::new(handler),
            settings: Settings::default(),
        }
    }

    /// How many events one transaction handles at most. 50 unless set, and at least 1. A larger
    /// batch costs less for each event; if the process stops, the whole batch must be done again.
    pub fn batch(mut self, events: u32) -> Self {
        self.settings.batch = events.max(1);
        self
    }

    /// How long a claim lasts unless it ends earlier. One minute unless set. A handler is stopped after
    /// half of that time, and no further event of a batch is begun after a third of it.
    ///
    /// # Panics
    ///
    /// When it is shorter than 100 milliseconds: claims would end before their events are handled.
    pub fn lease(mut self, lease: Duration) -> Self {
        assert!(
            lease >= SHORTEST_LEASE,
            "a lease of {lease:?} is shorter than {SHORTEST_LEASE:?}"
        );
        self.settings.lease = lease;
        self
    }

    /// After how many attempts an event is parked. 10 unless set, and at least 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = attempts.max(1);
        self
    }

    /// What happens to the later events of an entity after one of its events was parked. They wait
    /// ([`AfterParked::Wait`]) unless set.
    pub fn after_parked(mut self, after_parked: AfterParked) -> Self {
        self.settings.after_parked = after_parked;
        self
    }

    /// How long to wait before the next attempt, by the number of the attempt that failed, from 1
    /// on. Unless set, it is 1 second, 2, 4 and so on up to 10 minutes, less a random part of up to
    /// half.
    pub fn pauses(mut self, pauses: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Self {
        self.settings.pauses = Arc::new(pauses);
        self
    }

    /// How often to look for events while there are none. Every second unless set. Events that this
    /// process stores are noticed at once.
    pub fn poll(mut self, interval: Duration) -> Self {
        self.settings.poll = interval;
        self
    }

    /// How many claims are handled at the same time. 1 unless set. Each takes a connection.
    pub fn concurrency(mut self, claims: usize) -> Self {
        self.settings.concurrency = claims.max(1);
        self
    }

    /// Handles events until `stop` is done. Then it finishes the current event, releases the
    /// claimed events that it has not begun, and returns what it did. While the database is down,
    /// it waits and tries again.
    ///
    /// It runs on separate tasks. Dropping this future ends them as a crash would.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Worked {
        let (sender, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for _ in 0..self.settings.concurrency {
            let loop_ = Loop::new(&self, stopped.clone());
            tasks.spawn(loop_.run());
        }
        stop.await;
        sender.send_replace(true);
        let mut worked = Worked::default();
        while let Some(joined) = tasks.join_next().await {
            match joined {
                Ok(part) => worked.add(part),
                Err(error) => {
                    tracing::error!(target: crate::TARGET, %error, "a task of the worker failed")
                }
            }
        }
        worked
    }

    /// Handles the events that are due, one claim at a time, and returns what it did. It is for
    /// tests, and for programs that run from time to time.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn drain(&self) -> Result<Worked, Error> {
        let (_sender, stopped) = watch::channel(false);
        let mut loop_ = Loop::new(self, stopped);
        while !loop_.round().await? {}
        Ok(loop_.worked)
    }
}

/// One claim at a time.
struct Loop<DB: Backend, H> {
    inbox: Inbox<DB>,
    handler: Arc<H>,
    settings: Settings,
    stopped: watch::Receiver<bool>,
    session: Option<Session<DB>>,
    cursor: Cursor,
    /// Whether a claim was seen to be empty since the cursor was at the beginning.
    is_idle: bool,
    worked: Worked,
}

impl<DB: Backend, H: Handler<DB>> Loop<DB, H> {
    fn new(worker: &Worker<DB, H>, stopped: watch::Receiver<bool>) -> Self {
        Self {
            inbox: worker.inbox.clone(),
            handler: Arc::clone(&worker.handler),
            settings: worker.settings.clone(),
            stopped,
            session: None,
            cursor: Cursor::default(),
            is_idle: true,
            worked: Worked::default(),
        }
    }

    async fn run(mut self) -> Worked {
        let inbox = self.inbox.clone();
        let mut failures = 0;
        while !*self.stopped.borrow() {
            // From here on, so that nothing stored meanwhile is overlooked.
            let stored = inbox.stored().notified();
            let wait = match self.round().await {
                Ok(false) => {
                    failures = 0;
                    continue;
                }
                Ok(true) => {
                    failures = 0;
                    self.settings.poll
                }
                Err(error) => {
                    failures += 1;
                    let error = upvest_http::one_line(&error);
                    tracing::warn!(target: crate::TARGET, error, failures = i64::from(failures), "the events of the inbox cannot be handled");
                    pauses::growing(failures).min(self.settings.lease)
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stored, if failures == 0 => {}
                _ = self.stopped.wait_for(|stopped| *stopped) => {}
            }
        }
        self.worked
    }

    /// Handles one event that was begun before, if one is due, and one claim of other events.
    /// Returns whether there was nothing to do.
    async fn round(&mut self) -> Result<bool, Error> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.inbox.session().await?,
        };
        for progress in [Progress::Begun, Progress::New] {
            let (cursor, now) = (&mut self.cursor, self.inbox.now());
            let claim = claim::claim(&mut session, &self.settings, progress, cursor, now).await?;
            self.count(claim.expired);
            if let Some(lease) = claim.lease {
                let batch = batch::Batch {
                    inbox: &self.inbox,
                    handler: &*self.handler,
                    settings: &self.settings,
                    stopped: &self.stopped,
                    lease,
                };
                let worked = batch.work(&mut session).await?;
                self.count(worked);
            }
            self.is_idle &= claim.lease.is_none() && claim.expired == Worked::default();
            if progress == Progress::New && claim.is_end {
                self.session = Some(session);
                return Ok(std::mem::replace(&mut self.is_idle, true));
            }
        }
        self.session = Some(session);
        Ok(false)
    }

    fn count(&mut self, worked: Worked) {
        self.inbox.metrics().worked(&worked);
        self.worked.add(worked);
    }
}
