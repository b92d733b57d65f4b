//! One key, or two of which one takes the place of the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tracing::info;

use super::key::{NamedKey, RequestKey};

/// How long the other key is not tried after both keys were refused.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// When the second key of a [`Signer`](crate::Signer) takes the place of the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Switch {
    /// At this time, or earlier if the first key is refused.
    At(SystemTime),
    /// When the first key is refused: at the first 401 that blames the signature.
    WhenRefused,
}

/// The keys of a signer. Clones share which of them were refused.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    first: NamedKey,
    second: Option<Arc<Second>>,
}

#[derive(Debug)]
struct Second {
    key: NamedKey,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    use_second: bool,
    /// The moment, if it is in the future.
    switch_at: Option<SystemTime>,
    /// When both keys were last refused.
    refused_at: Option<SystemTime>,
}

impl Keys {
    pub(super) fn one(key: RequestKey, id: Arc<str>) -> Self {
        Self {
            first: NamedKey { key, id },
            second: None,
        }
    }

    /// A second key. It replaces an earlier second one.
    pub(super) fn then(self, key: RequestKey, id: Arc<str>, switch: Switch) -> Self {
        let switch_at = match switch {
            Switch::At(moment) => Some(moment),
            Switch::WhenRefused => None,
        };
        let second = Second {
            key: NamedKey { key, id },
            state: Mutex::new(State {
                use_second: false,
                switch_at,
                refused_at: None,
            }),
        };
        Self {
            second: Some(Arc::new(second)),
            ..self
        }
    }

    /// Whether there is one key, and it is in this process.
    pub(super) fn is_simple(&self) -> bool {
        self.second.is_none() && matches!(self.first.key, RequestKey::Local(_))
    }

    pub(super) fn has_second(&self) -> bool {
        self.second.is_some()
    }

    /// The key to sign with.
    pub(super) fn current(&self, now: SystemTime) -> &NamedKey {
        let Some(second) = &self.second else {
            return &self.first;
        };
        let mut state = second.state();
        if state.switch_at.is_some_and(|moment| moment <= now) {
            state.switch_at = None;
            second.switch(&mut state, true);
        }
        if state.use_second {
            &second.key
        } else {
            &self.first
        }
    }

    /// The key to try after `refused` was refused: the other one, unless it was refused as well a
    /// short while ago.
    pub(super) fn other(&self, refused: &NamedKey, now: SystemTime) -> Option<&NamedKey> {
        let second = self.second.as_ref()?;
        let is_current = std::ptr::eq(self.current(now), refused);
        let state = second.state();
        let elapsed = state.refused_at.map(|at| now.duration_since(at));
        // A clock that was set back does not matter here.
        let is_recent = matches!(elapsed, Some(Ok(elapsed)) if elapsed < PAUSE_AFTER_REFUSAL);
        if is_current && is_recent {
            return None;
        }
        let is_second = std::ptr::eq(&second.key, refused);
        Some(if is_second { &self.first } else { &second.key })
    }

    /// Records whether the key that was tried in place of another one was refused.
    pub(super) fn settle(&self, tried: &NamedKey, was_taken: bool, now: SystemTime) {
        let Some(second) = &self.second else {
            return;
        };
        let mut state = second.state();
        if was_taken {
            state.refused_at = None;
            let is_second = std::ptr::eq(&second.key, tried);
            if is_second {
                state.switch_at = None;
            }
            second.switch(&mut state, is_second);
        } else {
            state.refused_at = Some(now);
        }
    }
}

impl Second {
    fn switch(&self, state: &mut State, use_second: bool) {
        if state.use_second != use_second {
            state.use_second = use_second;
            info!(key_id = %self.key.id, use_second, "requests are signed with another key");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
