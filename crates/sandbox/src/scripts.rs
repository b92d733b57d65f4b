//! The answers that were set for operations.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answer::{Answer, Answers};

/// By the operation's id.
#[derive(Default)]
pub(crate) struct Scripts(Mutex<HashMap<&'static str, Script>>);

struct Script {
    answers: VecDeque<Answer>,
    for_good: bool,
}

impl Scripts {
    /// Replaces what was set before.
    pub(crate) fn set(&self, operation: &'static str, answers: Answers) {
        let script = Script {
            answers: answers.answers.into(),
            for_good: answers.for_good,
        };
        self.scripts().insert(operation, script);
    }

    pub(crate) fn clear(&self) {
        self.scripts().clear();
    }

    /// The next answer for an operation.
    pub(crate) fn next(&self, operation: &str) -> Option<Answer> {
        let mut scripts = self.scripts();
        let script = scripts.get_mut(operation)?;
        match script.for_good {
            true => script.answers.front().cloned(),
            false => script.answers.pop_front(),
        }
    }

    fn scripts(&self) -> MutexGuard<'_, HashMap<&'static str, Script>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
