use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::connection_handle::Cut;
use crate::description::{Operation, description};
use crate::faults::Scripted;
use crate::latch::{Latch, Waiter};
use crate::refusal::Refusal;
use crate::tokens::TOKEN_UNKNOWN;

/// A scripted fault of a request. It is given to [`Sandbox::fail`](crate::Sandbox::fail).
///
/// A fault says what goes wrong, how often, and with which requests. Unless set, it happens once,
/// with any request.
///
/// ```
/// use upvest_sandbox::{Fault, Latch, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::start().await?;
/// // The next three calls are turned away, but not the token requests in between.
/// sandbox.fail(Fault::status(503).times(3).on_calls());
/// // So is the next token request, and asked to come again in two seconds.
/// sandbox.fail(Fault::status(429).retry_after_seconds(2).on_path("/auth/token"));
/// // The call after these gets its answer when the latch releases it.
/// let latch = Latch::new();
/// sandbox.fail(Fault::held(&latch).on_operation("retrieve_cash_balance"));
/// # Ok(())
/// # }
/// ```
///
/// # What happens to the request
///
/// | fault | what the client gets | whether the operation acts |
/// |---|---|---|
/// | [`status`](Self::status), [`incorrect_signature`](Self::incorrect_signature) | problem details, as from the API | no |
/// | [`html`](Self::html) | a page, as from a proxy in front of the API | no |
/// | [`reset`](Self::reset), [`closed`](Self::closed) | no response | no |
/// | [`connection_reset`](Self::connection_reset) | no response | no: there is no request yet |
/// | [`truncated`](Self::truncated) | the first half of the body | yes |
/// | [`trickling`](Self::trickling) | the body byte by byte | yes |
/// | [`held`](Self::held) | the response later | yes, later |
/// | [`json`](Self::json) | another body | yes |
///
/// "Acts" means that the request is checked and answered as if there were no fault. If the
/// operation does not act, the whole request is received, and has no effect: it is not even
/// checked. [`after_acting`](Self::after_acting) is for a request that takes effect and whose
/// answer is lost.
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong before it is given to a sandbox"]
pub struct Fault {
    pub(crate) effect: Effect,
    target: Target,
    /// How often it still happens; always if there is no number.
    times: Option<u64>,
    pub(crate) after_acting: bool,
    pub(crate) headers: HeaderMap,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Refused(Refusal),
    Html(StatusCode),
    Cut(Cut),
    ConnectionReset,
    Truncated,
    Trickling(Waiter),
    Held(Waiter),
    Json(Edit),
}

#[derive(Clone, Debug)]
enum Target {
    All,
    Path(String),
    Operation(&'static str),
    Calls,
}

/// A change of an answer's JSON.
#[derive(Clone)]
pub(crate) struct Edit(Arc<dyn Fn(&mut Value) + Send + Sync>);

impl Edit {
    pub(crate) fn new(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self(Arc::new(change))
    }

    pub(crate) fn make(&self, value: &mut Value) {
        (self.0)(value);
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edit")
    }
}

/// What goes wrong.
impl Fault {
    /// Answers with this status and problem details like those of the API. A 401 reads like that
    /// for a token that is unknown or was revoked.
    ///
    /// # Panics
    ///
    /// When it is not the status of an error, 400 to 599.
    pub fn status(status: u16) -> Self {
        let status = error_status(status);
        Self::new(Effect::Refused(match status {
            StatusCode::UNAUTHORIZED => Refusal::new(status, TOKEN_UNKNOWN),
            _ => Refusal::new(status, "The sandbox was instructed to answer this"),
        }))
    }

    /// Answers with a 401 that says that the signature is incorrect, whether or not it is.
    pub fn incorrect_signature() -> Self {
        let detail = "Signature is incorrect";
        Self::new(Effect::Refused(Refusal::new(
            StatusCode::UNAUTHORIZED,
            detail,
        )))
    }

    /// Answers with this status and an HTML page without a request id, as a proxy does when it
    /// cannot reach the API.
    ///
    /// # Panics
    ///
    /// When it is not the status of an error, 400 to 599.
    pub fn html(status: u16) -> Self {
        Self::new(Effect::Html(error_status(status)))
    }

    /// Resets the connection (TCP RST) when the request has been received.
    pub fn reset() -> Self {
        Self::new(Effect::Cut(Cut::Reset))
    }

    /// Closes the connection (TCP FIN) when the request has been received, as a server does that
    /// has just decided to close an idle connection.
    pub fn closed() -> Self {
        Self::new(Effect::Cut(Cut::Closed))
    }

    /// Resets the next connection as soon as it is accepted, before anything is read. This fault is
    /// about connections, not requests: restrictions to some requests do not apply, and requests
    /// over existing connections are not disturbed. Each request over
    /// [`Sandbox::transport`](crate::Sandbox::transport) is a separate connection.
    pub fn connection_reset() -> Self {
        Self::new(Effect::ConnectionReset)
    }

    /// Breaks off the answer after half of its body: `content-length` announces the whole body,
    /// then the connection is closed.
    pub fn truncated() -> Self {
        Self::new(Effect::Truncated)
    }

    /// Sends the head of the answer at once, and each byte of the body when the latch releases one.
    /// While the latch releases nothing, the body stalls.
    pub fn trickling(latch: &Latch) -> Self {
        Self::new(Effect::Trickling(latch.waiter()))
    }

    /// Holds the request at the latch, and serves it when the latch releases it. With
    /// [`after_acting`](Self::after_acting) it is served first, and the latch holds the answer.
    pub fn held(latch: &Latch) -> Self {
        Self::new(Effect::Held(latch.waiter()))
    }

    /// Changes the JSON body of the answer. An answer that is not JSON stays as it is.
    ///
    /// ```
    /// use serde_json::json;
    /// use upvest_sandbox::Fault;
    ///
    /// // Tokens of another type, without a lifetime.
    /// let fault = Fault::json(|token| {
    ///     token["token_type"] = json!("mac");
    ///     token.as_object_mut().unwrap().remove("expires_in");
    /// })
    /// .on_path("/auth/token")
    /// .always();
    /// # drop(fault);
    /// ```
    pub fn json(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::new(Effect::Json(Edit::new(change)))
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            target: Target::All,
            times: Some(1),
            after_acting: false,
            headers: HeaderMap::new(),
        }
    }
}

/// Settings: how often it happens, with which requests (the last restriction counts), and details
/// of the answer.
impl Fault {
    /// Makes the fault happen this many times.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Makes the fault happen until [`Sandbox::clear_faults`](crate::Sandbox::clear_faults) is
    /// called.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Restricts the fault to requests for this path, such as `/auth/token`, whether or not the
    /// sandbox serves the path.
    pub fn on_path(mut self, path: impl Into<String>) -> Self {
        self.target = Target::Path(path.into());
        self
    }

    /// Restricts the fault to requests for this operation, by its id in the API's description.
    ///
    /// # Panics
    ///
    /// When the sandbox has no such operation.
    pub fn on_operation(mut self, id: &str) -> Self {
        let operation = description().operation(id);
        let operation =
            operation.unwrap_or_else(|| panic!("the sandbox serves no operation {id:?}"));
        self.target = Target::Operation(&operation.id);
        self
    }

    /// Restricts the fault to requests that are not token requests.
    pub fn on_calls(mut self) -> Self {
        self.target = Target::Calls;
        self
    }

    /// Checks the request and lets its operation act before the fault happens.
    pub fn after_acting(mut self) -> Self {
        self.after_acting = true;
        self
    }

    /// Adds `retry-after` to the answer, in seconds.
    pub fn retry_after_seconds(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, seconds.into())
    }

    /// Adds `retry-after` to the answer, as a date in whole seconds.
    ///
    /// # Panics
    ///
    /// When the date is before 1970 or after 9999.
    pub fn retry_after_date(self, date: SystemTime) -> Self {
        let date = HeaderValue::from_str(&httpdate::fmt_http_date(date));
        self.header(RETRY_AFTER, date.expect("a date is visible ASCII"))
    }

    /// Sets a header of the answer, and replaces any header of that name.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl Fault {
    pub(crate) fn is_for_request(&self, operation: Option<&Operation>, path: &str) -> bool {
        !self.is_for_connection()
            && match &self.target {
                Target::All => true,
                Target::Path(target) => target == path,
                Target::Operation(target) => operation.is_some_and(|one| one.id == *target),
                Target::Calls => !operation.is_some_and(Operation::issues_tokens),
            }
    }

    pub(crate) fn is_for_connection(&self) -> bool {
        matches!(self.effect, Effect::ConnectionReset)
    }
}

impl Scripted for Fault {
    fn times(&mut self) -> &mut Option<u64> {
        &mut self.times
    }
}

fn error_status(status: u16) -> StatusCode {
    let found = StatusCode::from_u16(status);
    found
        .ok()
        .filter(|status| status.is_client_error() || status.is_server_error())
        .unwrap_or_else(|| panic!("{status} is not the status of an error, 400 to 599"))
}
