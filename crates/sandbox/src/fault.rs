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

/// Something that goes wrong with a request, by script. Given to
/// [`Sandbox::fail`](crate::Sandbox::fail).
///
/// A fault is what goes wrong, how often, and with which requests: once and with any request
/// unless told otherwise.
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
/// "Acts" means that the request is checked and answered as if there were no fault. One that does
/// not act never does: the request was received whole, and nothing came of it, not even a check.
/// [`after_acting`](Self::after_acting) is for the request that was obeyed, and whose answer got
/// lost.
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
    /// An answer with this status and problem details as the API gives them. 401 says what it says
    /// of a token that is unknown or was revoked.
    ///
    /// # Panics
    ///
    /// If it is not the status of an error, 400 to 599.
    pub fn status(status: u16) -> Self {
        let status = error_status(status);
        Self::new(Effect::Refused(match status {
            StatusCode::UNAUTHORIZED => Refusal::new(status, TOKEN_UNKNOWN),
            _ => Refusal::new(status, "So it was told to answer"),
        }))
    }

    /// A 401 that says that the signature is incorrect, whether or not it is.
    pub fn incorrect_signature() -> Self {
        let detail = "Signature is incorrect";
        Self::new(Effect::Refused(Refusal::new(
            StatusCode::UNAUTHORIZED,
            detail,
        )))
    }

    /// An answer with this status and a page in HTML, without a request id: what a proxy sends when
    /// there is no API behind it.
    ///
    /// # Panics
    ///
    /// If it is not the status of an error, 400 to 599.
    pub fn html(status: u16) -> Self {
        Self::new(Effect::Html(error_status(status)))
    }

    /// The connection is reset (TCP RST) when the request has been received.
    pub fn reset() -> Self {
        Self::new(Effect::Cut(Cut::Reset))
    }

    /// The connection is closed (TCP FIN) when the request has been received, as by a server that
    /// had just decided to close an idle connection.
    pub fn closed() -> Self {
        Self::new(Effect::Cut(Cut::Closed))
    }

    /// The next connection is reset as soon as it was accepted, before anything was read. It happens
    /// to connections, not to requests: restrictions to some requests do not apply, and requests
    /// over connections that exist are not disturbed.
    pub fn connection_reset() -> Self {
        Self::new(Effect::ConnectionReset)
    }

    /// The answer breaks off after half of its body: `content-length` announces the whole, then the
    /// connection is closed.
    pub fn truncated() -> Self {
        Self::new(Effect::Truncated)
    }

    /// The head of the answer is sent at once, and each byte of the body when the latch releases
    /// one. While the latch releases nothing, the body stalls.
    pub fn trickling(latch: &Latch) -> Self {
        Self::new(Effect::Trickling(latch.waiter()))
    }

    /// The latch holds the request, which is served when it is released. With
    /// [`after_acting`](Self::after_acting) it is served first, and the latch holds the answer.
    pub fn held(latch: &Latch) -> Self {
        Self::new(Effect::Held(latch.waiter()))
    }

    /// The answer comes with another body: the JSON of the answer, changed. An answer that is no
    /// JSON stays as it is.
    ///
    /// ```
    /// use serde_json::json;
    /// use upvest_sandbox::Fault;
    ///
    /// // Tokens that tell no lifetime, and are of another kind.
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

/// How often, with which requests (the last restriction counts), and how exactly.
impl Fault {
    /// It happens this many times, then it is gone.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// It happens until [`Sandbox::clear_faults`](crate::Sandbox::clear_faults).
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Only with requests for this path, `/auth/token` for example, whether or not the sandbox
    /// serves anything there.
    pub fn on_path(mut self, path: impl Into<String>) -> Self {
        self.target = Target::Path(path.into());
        self
    }

    /// Only with requests for this operation, by the id that the API's description gives it.
    ///
    /// # Panics
    ///
    /// If the sandbox has no such operation.
    pub fn on_operation(mut self, id: &str) -> Self {
        let operation = description().operation(id);
        let operation =
            operation.unwrap_or_else(|| panic!("the sandbox serves no operation {id:?}"));
        self.target = Target::Operation(&operation.id);
        self
    }

    /// Only with requests that are not for a token.
    pub fn on_calls(mut self) -> Self {
        self.target = Target::Calls;
        self
    }

    /// The request is checked, and its operation acts, before the fault has its way.
    pub fn after_acting(mut self) -> Self {
        self.after_acting = true;
        self
    }

    /// The answer asks to come again in so many seconds (`retry-after`).
    pub fn retry_after_seconds(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, seconds.into())
    }

    /// The answer asks to come again at this time (`retry-after` as a date, in whole seconds).
    ///
    /// # Panics
    ///
    /// If it is before 1970 or after 9999.
    pub fn retry_after_date(self, date: SystemTime) -> Self {
        let date = HeaderValue::from_str(&httpdate::fmt_http_date(date));
        self.header(RETRY_AFTER, date.expect("a date is visible ASCII"))
    }

    /// The answer has this header, instead of any that it has by that name.
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
