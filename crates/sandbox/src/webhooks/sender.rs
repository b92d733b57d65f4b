use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use tokio::sync::watch;
use upvest_auth_signing::{SignatureVersion, Signer};

use super::exchange::exchange;
use super::fault::{AttemptEffect, DeliveryFault};
use super::keys::WebhookKeys;
use super::pauses::Pauses;
use super::target::{Reach, Target};
use crate::clock::SkewedClock;
use crate::counters::SharedCounters;
use crate::faults::Faults;

/// How long signatures are valid.
const LIFETIME: Duration = Duration::from_secs(60);

/// How long ago signatures were made that have expired.
const LONG_AGO: Duration = Duration::from_secs(24 * 60 * 60);

/// How deliveries are to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) pauses: Pauses,
    /// Whether all attempts at a delivery have the signature of the first one.
    pub(crate) signed_once: bool,
    /// How long an answer is waited for.
    pub(crate) timeout: Duration,
    /// How far deliveries may go.
    pub(crate) reach: Reach,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pauses: Pauses::default(),
            signed_once: false,
            timeout: Duration::from_secs(10),
            reach: Reach::default(),
        }
    }
}

/// Signs and sends all deliveries, for every subscription.
pub(super) struct Sender {
    pub(super) clock: Arc<SkewedClock>,
    pub(super) keys: WebhookKeys,
    pub(super) faults: Faults<DeliveryFault>,
    pub(super) counters: Arc<SharedCounters>,
    pub(super) settings: Settings,
    /// How many events are still to be taken.
    pub(super) pending: watch::Sender<usize>,
}

/// A request that is ready to be sent.
#[derive(Clone)]
pub(super) struct SignedRequest {
    target: Arc<Target>,
    request: Request<Bytes>,
}

impl Sender {
    /// A request with this body, signed; with a mistake if there is to be one.
    pub(super) fn sign(
        &self,
        url: &str,
        body: Bytes,
        mistake: Option<&AttemptEffect>,
    ) -> SignedRequest {
        let target =
            Target::read(url, self.settings.reach).expect("it was checked when it was set");
        let body = match mistake {
            Some(AttemptEffect::Oversized(bytes)) => padded(&body, *bytes),
            _ => body,
        };
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from(target.path.clone());
        let host = HeaderValue::from_str(&target.authority).expect("an authority is visible ASCII");
        let headers = request.headers_mut();
        headers.insert(HOST, host);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));

        let signed = self.signer(mistake).sign(&mut request);
        signed.expect("everything that is signed is visible ASCII");
        if let Some(AttemptEffect::Tampered) = mistake {
            tamper(request.body_mut());
        }
        SignedRequest {
            target: Arc::new(target),
            request,
        }
    }

    /// Sends it. Returns whether it was taken.
    pub(super) async fn send(&self, request: SignedRequest) -> bool {
        self.counters.delivery_sent();
        let SignedRequest { target, request } = request;
        let answer = exchange(&target, request);
        let answer = tokio::time::timeout(self.settings.timeout, answer).await;
        let status = answer.ok().and_then(Result::ok);
        self.counters.delivery_answered(status);
        status == Some(StatusCode::OK)
    }

    fn signer(&self, mistake: Option<&AttemptEffect>) -> Signer {
        let mut key = self.keys.current();
        if let Some(AttemptEffect::WrongKey) = mistake {
            key = key.forged().expect("a key could be generated at the start");
        }
        let signer = Signer::new(key.key, key.id.to_string())
            .version(SignatureVersion::V6)
            .lifetime(LIFETIME)
            .clock(Arc::clone(&self.clock));
        match mistake {
            Some(AttemptEffect::Expired) => signer.clock_offset(-(LONG_AGO.as_secs() as i64)),
            _ => signer,
        }
    }
}

/// The same JSON, followed by spaces.
fn padded(body: &Bytes, bytes: usize) -> Bytes {
    let mut body = body.to_vec();
    body.resize(bytes.max(body.len()), b' ');
    body.into()
}

/// Changes one digit.
fn tamper(body: &mut Bytes) {
    let mut bytes = body.to_vec();
    if let Some(digit) = bytes.iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit = if *digit == b'9' { b'1' } else { *digit + 1 };
    }
    *body = bytes.into();
}
