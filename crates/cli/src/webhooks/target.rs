//! Where events are sent on to.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use tower::ServiceExt as _;
use upvest::Transport;
use upvest_webhooks::Event;

use crate::failure::{Failure, with_sources};
use crate::kinds;

/// How long a target has to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Events of a type or category, and where they go.
#[derive(Clone, Debug)]
pub(super) struct Route {
    kind: String,
    url: String,
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, url) = text.split_once('=').ok_or("write TYPE=URL")?;
        Ok(Self {
            kind: kind.to_owned(),
            url: url.to_owned(),
        })
    }
}

/// The result of sending something.
#[derive(Clone, Debug)]
pub(super) enum Sent {
    Answered(StatusCode),
    /// Why nothing was answered.
    Failed(String),
}

impl Sent {
    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Answered(status) if status.is_success())
    }

    /// Whether it may be accepted later. With any other status, it would be refused again.
    pub(super) fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Answered(status) => {
                status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
            }
            Self::Failed(_) => true,
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status) => f.write_str(status.as_str()),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

/// All targets, and what is left out.
pub(super) struct Targets {
    transport: Transport,
    forward: Option<Uri>,
    is_parsed: bool,
    routes: Vec<(String, Uri)>,
    filter: Vec<String>,
}

impl Targets {
    pub(super) fn new(
        forward: Option<String>,
        is_parsed: bool,
        routes: Vec<Route>,
        filter: Vec<String>,
    ) -> Result<Self, Failure> {
        let routes = routes
            .into_iter()
            .map(|route| Ok((route.kind, address(&route.url)?)));
        Ok(Self {
            transport: Transport::builder().no_proxy().build()?,
            forward: forward.as_deref().map(address).transpose()?,
            is_parsed,
            routes: routes.collect::<Result<_, Failure>>()?,
            filter,
        })
    }

    /// The types and categories that are named and that the API does not have, or not yet.
    pub(super) fn unknown_kinds(&self) -> impl Iterator<Item = &str> {
        let routed = self.routes.iter().map(|(kind, _)| kind.as_str());
        let named = routed.chain(self.filter.iter().map(String::as_str));
        named.filter(|kind| !kinds::is_known(kind))
    }

    /// Whether an event is wanted.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let kind = event.event_type().unwrap_or_default();
        self.filter.is_empty() || self.filter.iter().any(|one| is_of(kind, one))
    }

    /// Where a delivery goes as a whole.
    pub(super) fn of_delivery(&self) -> Option<&Uri> {
        self.forward.as_ref().filter(|_| !self.is_parsed)
    }

    /// Where an event goes by itself.
    pub(super) fn of_event(&self, event: &Event) -> Option<&Uri> {
        let kind = event.event_type().unwrap_or_default();
        let route = self.routes.iter().find(|(one, _)| is_of(kind, one));
        let parsed = || self.forward.as_ref().filter(|_| self.is_parsed);
        route.map(|(_, uri)| uri).or_else(parsed)
    }

    /// Sends a delivery on as it came: its headers, with the host, its query, and its bytes.
    pub(super) async fn pass_on(
        &self,
        to: &Uri,
        from: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Sent {
        let uri = match from.query() {
            Some(query) => format!("{to}?{query}"),
            None => to.to_string(),
        };
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.headers_mut() = headers.clone();
        for name in ["connection", "transfer-encoding", "content-length"] {
            request.headers_mut().remove(name);
        }
        match uri.parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => return Sent::Failed(format!("{uri} is not a valid address: {error}")),
        }
        self.send(request).await
    }

    /// Sends one event, in JSON as it was delivered.
    pub(super) async fn send_event(&self, to: &Uri, json: &str) -> Sent {
        let mut request = Request::new(Bytes::from(json.to_owned()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = to.clone();
        let kind = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        self.send(request).await
    }

    /// Sends a request.
    pub(super) async fn send(&self, request: Request<Bytes>) -> Sent {
        let sent = self.transport.clone().oneshot(request);
        match tokio::time::timeout(TIMEOUT, sent).await {
            Ok(Ok(response)) => Sent::Answered(response.status()),
            Ok(Err(error)) => Sent::Failed(with_sources(&*error)),
            Err(_) => Sent::Failed(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }
}

/// Whether a type is this one, or of this category: `ORDER.FILLED` is an `ORDER`.
fn is_of(kind: &str, wanted: &str) -> bool {
    kind == wanted || kind.split('.').next() == Some(wanted)
}

/// An address that events are sent on to.
///
/// # Errors
///
/// When the text is not an address for `http` or `https`, or has a query.
pub(super) fn address(url: &str) -> Result<Uri, Failure> {
    let uri = http_address(url).filter(|uri| uri.query().is_none());
    uri.ok_or_else(|| {
        Failure::usage(format!("{url:?} is not a valid address"))
            .help("write http://localhost:3000/hook, without a query: that of the delivery is kept")
    })
}

/// An address for `http` or `https`; nothing if the text is something else.
pub(super) fn http_address(url: &str) -> Option<Uri> {
    let uri: Option<Uri> = url.parse().ok();
    uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")))
}

/// The host that a delivery was sent to.
pub(super) fn host(headers: &HeaderMap) -> &str {
    headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_go_where_they_belong() {
        let routes = vec!["ORDER=http://localhost/orders".parse().expect("a route")];
        let forward = Some("http://localhost/all".to_owned());
        let targets = Targets::new(
            forward,
            true,
            routes,
            vec!["ORDER".to_owned(), "USER.CREATED".to_owned()],
        );
        let targets = targets.expect("targets");
        let event = |kind: &str| Event::from_json(&format!(r#"{{"type": "{kind}"}}"#));
        let path = |kind| {
            targets
                .of_event(&event(kind))
                .map(|uri| uri.path().to_owned())
        };
        assert_eq!(path("ORDER.FILLED").as_deref(), Some("/orders"));
        assert_eq!(path("USER.CREATED").as_deref(), Some("/all"));
        assert!(targets.of_delivery().is_none(), "each event goes by itself");
        let wanted = ["ORDER.NEW", "USER.CREATED", "USER.UPDATED", "ORDERS.NEW"]
            .map(|kind| targets.wants(&event(kind)));
        assert_eq!(wanted, [true, true, false, false]);
        for wrong in ["ftp://x/", "localhost:3000", "http://x/?a=b", ""] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
