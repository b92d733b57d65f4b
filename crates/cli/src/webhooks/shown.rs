//! What is shown of an event: what it is and what became of it, without personal data.

use std::time::Duration;

use http::request::Parts;
use upvest_http::Excerpt;
use upvest_webhooks::Event;

use super::target::{Sent, host};
use crate::clock;
use crate::output;
use crate::view::{Again, Entry, Log, Tone};

/// An event that came.
#[derive(Clone)]
pub(super) struct Shown {
    id: u64,
    time: String,
    host: String,
    pub(super) event: Event,
    /// How to send it on again, if that is possible.
    pub(super) again: Option<Again>,
}

impl Shown {
    pub(super) fn new(id: u64, event: Event, head: &Parts) -> Self {
        Self {
            id,
            time: clock::time_of_day(),
            host: Excerpt::new(host(&head.headers)).limit(100).to_string(),
            event,
            again: None,
        }
    }

    /// Shows that it is about to be sent on.
    pub(super) fn wait(&self, log: &Log) {
        log.entry(self.entry("...", Tone::Waiting, ""));
    }

    /// Shows why it is sent on again, and when.
    pub(super) fn pause(&self, log: &Log, sent: &Sent, pause: Duration) {
        let what = format!("{sent}; again in {} s", pause.as_secs_f32());
        match log.is_view() {
            true => log.entry(self.entry("...", Tone::Waiting, &what)),
            false if log.is_quiet() => {}
            false => output::note(&format!("{} -> {what}", self.event.key())),
        }
    }

    /// Shows what became of it, once that is known; nothing if it is not sent anywhere.
    pub(super) fn end(&self, log: &Log, sent: Option<&Sent>) {
        if log.is_view() {
            let (status, tone, what) = match sent {
                None => ("stored".to_owned(), Tone::Good, String::new()),
                Some(Sent::Failed(reason)) => ("failed".to_owned(), Tone::Bad, reason.clone()),
                Some(sent) if sent.is_taken() => (sent.to_string(), Tone::Good, String::new()),
                Some(sent) => (sent.to_string(), Tone::Bad, String::new()),
            };
            return log.entry(self.entry(&status, tone, &what));
        }
        if !log.is_quiet() {
            let sent = sent.map_or_else(String::new, |sent| format!(" -> {sent}"));
            let (created, kind, key) = (self.created(), self.kind(), self.event.key());
            // Nobody may read it any more; it is stored nevertheless.
            let _ = output::line(&format!("{created}  {kind:<40}  {key}{sent}"));
        }
    }

    fn kind(&self) -> String {
        let kind = self.event.event_type().unwrap_or("-");
        Excerpt::new(kind).limit(60).to_string()
    }

    fn created(&self) -> String {
        let created = self.event.created_at();
        created.map_or_else(|| "-".to_owned(), |time| time.to_rfc3339())
    }

    fn entry(&self, status: &str, tone: Tone, what: &str) -> Entry {
        let (kind, key) = (self.kind(), self.event.key());
        // The models do not print personal data.
        let content = match self.event.content() {
            Ok(content) => format!("{content:#?}"),
            Err(malformed) => Excerpt::new(&malformed.to_string()).to_string(),
        };
        let lines = [
            ("key", key.to_string()),
            ("created at", self.created()),
            ("came at", self.time.clone()),
            ("for host", self.host.clone()),
            ("sent on", format!("{status} {what}")),
        ];
        let lines = lines.map(|(name, value)| format!("{name:<13} {}\n", value.trim_end()));
        Entry {
            id: self.id,
            time: self.time.clone(),
            status: status.to_owned(),
            tone,
            what: kind.clone(),
            note: format!("{key} {what}").trim_end().to_owned(),
            details: format!("{kind}\n\n{}\n{content}", lines.concat()),
            again: self.again.clone(),
        }
    }
}
