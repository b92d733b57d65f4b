//! A circuit breaker: a signer that is down is not asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// After how many failures in a row a signer is taken to be down.
const FAILURES: u32 = 3;

/// How long the first pause is. It doubles with each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause: it is not doubled further.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Counts failures in a row. After some of them the circuit is open for a pause, in which no signature
/// is requested. After the pause one signature is requested. If that fails too, a longer pause begins.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    pause: Option<Pause>,
}

#[derive(Debug)]
struct Pause {
    since: SystemTime,
    length: Duration,
}

impl Pause {
    /// Whether it has not ended yet. A clock that was set back ends it.
    fn holds(&self, now: SystemTime) -> bool {
        now.duration_since(self.since)
            .is_ok_and(|elapsed| elapsed < self.length)
    }
}

/// Whether a signature may be requested, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Ordinary,
    /// The one after a pause.
    Probe,
}

impl Breaker {
    /// How long the current pause is.
    pub(super) fn pause(&self, now: SystemTime) -> Option<Duration> {
        let state = self.state();
        let pause = state.pause.as_ref()?;
        pause.holds(now).then_some(pause.length)
    }

    /// Lets a request through, or returns how long the pause is.
    pub(super) fn admit(&self, now: SystemTime) -> Result<Admission, Duration> {
        match &mut self.state().pause {
            None => Ok(Admission::Ordinary),
            Some(pause) if pause.holds(now) => Err(pause.length),
            Some(pause) => {
                pause.since = now;
                Ok(Admission::Probe)
            }
        }
    }

    /// Records whether the signer was reached.
    pub(super) fn settle(&self, admission: Admission, was_there: bool, now: SystemTime) {
        let mut state = self.state();
        if was_there {
            *state = State::default();
            return;
        }
        match (&mut state.pause, admission) {
            (None, _) => {
                state.failures += 1;
                if state.failures >= FAILURES {
                    state.pause = Some(Pause {
                        since: now,
                        length: FIRST_PAUSE,
                    });
                }
            }
            (Some(pause), Admission::Probe) => {
                pause.since = now;
                pause.length = (2 * pause.length).min(LONGEST_PAUSE);
            }
            // It was asked before the pause, so its answer says nothing new.
            (Some(_), Admission::Ordinary) => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
