//! What is shown of a request: never its query, its headers or its body.

use std::time::Instant;

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response};
use upvest::OperationInfo;
use upvest_http::Excerpt;

use super::relay::Relay;
use crate::clock;
use crate::output;
use crate::view::{Again, Entry, Tone};

/// A request that is on its way.
#[derive(Clone)]
pub(super) struct Shown {
    id: u64,
    begun: Instant,
    time: String,
    /// Method and path.
    what: String,
    operation: Option<&'static OperationInfo>,
    is_repeated: bool,
    /// How to send it again, if it was kept for that.
    pub(super) again: Option<Again>,
}

impl Shown {
    /// Shows a request that came.
    pub(super) fn begin(
        relay: &Relay,
        request: &Request<Body>,
        operation: Option<&'static OperationInfo>,
    ) -> Self {
        let path = Excerpt::new(request.uri().path()).limit(200);
        let what = format!("{} {path}", request.method());
        Self::new(relay, what, operation, false)
    }

    /// Shows the same request, which is sent again.
    pub(super) fn anew(&self, relay: &Relay) -> Self {
        Self::new(relay, self.what.clone(), self.operation, true)
    }

    fn new(
        relay: &Relay,
        what: String,
        operation: Option<&'static OperationInfo>,
        is_repeated: bool,
    ) -> Self {
        let shown = Self {
            id: relay.number(),
            begun: Instant::now(),
            time: clock::time_of_day(),
            what,
            operation,
            is_repeated,
            again: None,
        };
        relay.log.entry(shown.entry("...", Tone::Waiting, ""));
        shown
    }

    /// Shows the result. `reason` says why the proxy itself answers.
    pub(super) fn end(&self, relay: &Relay, response: &Response<Body>, reason: Option<&str>) {
        let status = response.status();
        let took = format!("{} ms", self.begun.elapsed().as_millis());
        let id = shown_header(response.headers(), "upvest-request-id");
        if !relay.log.is_view() {
            if !relay.log.is_quiet() {
                let id = id.map_or_else(String::new, |id| format!(" request id {id}"));
                let reason =
                    reason.map_or_else(String::new, |text| format!(": {}", Excerpt::new(text)));
                let (what, operation) = (&self.what, self.operation_id());
                let status = status.as_u16();
                let text = format!("{status} {what} {operation} ({took}){id}{reason}");
                output::note(&text);
            }
            return;
        }
        let tone = match status.is_client_error() || status.is_server_error() {
            true => Tone::Bad,
            false => Tone::Good,
        };
        let kind = shown_header(response.headers(), CONTENT_TYPE.as_str());
        let more = [
            ("status", Some(status.to_string())),
            ("reason", reason.map(|text| Excerpt::new(text).to_string())),
            ("time", Some(took)),
            ("request id", id),
            ("content type", kind),
        ];
        let more = more
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name:<13} {}\n", value?)));
        let more: String = more.collect();
        let entry = self.entry(status.as_str(), tone, &more);
        relay.log.entry(entry);
    }

    fn operation_id(&self) -> &'static str {
        let unknown = "unknown operation";
        self.operation.map_or(unknown, |one| one.id)
    }

    /// The entry of the view, with these lines in its details.
    fn entry(&self, status: &str, tone: Tone, more: &str) -> Entry {
        let repeated = if self.is_repeated {
            " (sent again)"
        } else {
            ""
        };
        let operation = self.operation_id();
        let scopes = self.operation.map_or(&[][..], |one| one.scopes).join(" ");
        let details = format!(
            "{}{repeated}\n\n{:<13} {operation}\n{:<13} {scopes}\n{:<13} {}\n{more}",
            self.what, "operation", "scopes", "came at", self.time
        );
        Entry {
            id: self.id,
            time: self.time.clone(),
            status: status.to_owned(),
            tone,
            what: format!("{operation}{repeated}"),
            note: self.what.clone(),
            details,
            again: self.again.clone(),
        }
    }
}

fn shown_header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(Excerpt::new(value).limit(100).to_string())
}
