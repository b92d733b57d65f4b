//! Where a command reports what happens while it runs.

use tokio::sync::mpsc::UnboundedSender;

use super::Entry;
use crate::output;

/// What is reported to the view.
pub(super) enum Update {
    Entry(Box<Entry>),
    Note(String),
}

/// Lines or the view.
#[derive(Clone)]
pub(crate) struct Log {
    /// The view; nothing if it shows in lines.
    view: Option<UnboundedSender<Update>>,
    is_quiet: bool,
}

impl Log {
    pub(super) fn lines(is_quiet: bool) -> Self {
        Self {
            view: None,
            is_quiet,
        }
    }

    pub(super) fn view(sender: UnboundedSender<Update>) -> Self {
        Self {
            view: Some(sender),
            is_quiet: false,
        }
    }

    /// Whether there is a view, which shows entries as they change.
    pub(crate) fn is_view(&self) -> bool {
        self.view.is_some()
    }

    /// Whether nothing but results is wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Shows an entry in the view, in the place of the one with the same id.
    pub(crate) fn entry(&self, entry: Entry) {
        if let Some(view) = &self.view {
            // The view may have been left already.
            let _ = view.send(Update::Entry(Box::new(entry)));
        }
    }

    /// Reports something that does not belong to an entry: in the view, or else on standard error.
    pub(crate) fn note(&self, text: String) {
        match &self.view {
            Some(view) => drop(view.send(Update::Note(text))),
            None => output::note(&text),
        }
    }
}
