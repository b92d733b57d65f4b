//! What a subscriber to traces gets to see.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// A span or an event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The name of a span; empty for an event.
    pub(crate) name: &'static str,
    pub(crate) target: String,
    /// The place of the span around it among all that was seen.
    pub(crate) parent: Option<usize>,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

/// Keeps everything that is traced on this thread, at any level and from any crate.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    entered: Vec<usize>,
}

impl Recorder {
    /// Records until the guard is dropped.
    pub(crate) fn start() -> (Self, DefaultGuard) {
        let recorder = Self::default();
        let guard = tracing::subscriber::set_default(recorder.clone());
        (recorder, guard)
    }

    /// All that was seen, in order.
    pub(crate) fn all(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// The spans of this name.
    pub(crate) fn spans(&self, name: &str) -> Vec<Seen> {
        let mut spans = self.all();
        spans.retain(|seen| seen.name == name);
        spans
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn see(&self, metadata: &'static Metadata<'static>, fill: impl FnOnce(&mut Seen)) -> usize {
        let mut state = self.state();
        let mut seen = Seen {
            name: if metadata.is_span() {
                metadata.name()
            } else {
                ""
            },
            target: metadata.target().to_owned(),
            parent: state.entered.last().copied(),
            ..Seen::default()
        };
        fill(&mut seen);
        state.seen.push(seen);
        state.seen.len() - 1
    }
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let place = self.see(span.metadata(), |seen| span.record(seen));
        Id::from_u64(u64::try_from(place).unwrap() + 1)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut self.state().seen[place(span)]);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.see(event.metadata(), |seen| event.record(seen));
    }

    fn enter(&self, span: &Id) {
        self.state().entered.push(place(span));
    }

    fn exit(&self, span: &Id) {
        let mut state = self.state();
        let left = state.entered.pop();
        assert_eq!(left, Some(place(span)), "spans are left inside out");
    }
}
