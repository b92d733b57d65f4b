//! What the view lists.

use std::fmt;
use std::sync::Arc;

/// A request or an event, as the view shows it. It contains no secret and no personal data, and
/// untrusted text is escaped.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// An entry with the same id takes the place of this one.
    pub(crate) id: u64,
    /// When it came.
    pub(crate) time: String,
    /// The result, in one word.
    pub(crate) status: String,
    pub(crate) tone: Tone,
    /// What it is.
    pub(crate) what: String,
    /// The rest of the line.
    pub(crate) note: String,
    /// The details, in lines.
    pub(crate) details: String,
    /// How to send it again; nothing if it cannot be.
    pub(crate) again: Option<Again>,
}

/// Whether it went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Waiting,
    Good,
    Bad,
}

/// Sends an entry again.
#[derive(Clone)]
pub(crate) struct Again {
    /// What the view asks before; nothing if sending again does no harm.
    pub(super) question: Option<&'static str>,
    run: Arc<dyn Fn() + Send + Sync>,
}

impl Again {
    /// `run` begins to send it, and returns at once.
    pub(crate) fn new(
        question: Option<&'static str>,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let run = Arc::new(run);
        Self { question, run }
    }

    pub(super) fn run(&self) {
        (self.run)();
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Again")
            .field("question", &self.question)
            .finish_non_exhaustive()
    }
}
