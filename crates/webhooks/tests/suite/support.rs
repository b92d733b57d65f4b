//! A sender of deliveries, with every step of signing in reach.
//!
//! It writes the signature base by itself, so that it does not share mistakes with what it tests.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use tower::ServiceExt;
use upvest_webhooks::signing::{KeyAlgorithm, SigningKey, digest};
use upvest_webhooks::{DeliveryVerifier, Event, Inbox, Receiver, StaticKeys};

pub(crate) const KEY_ID: &str = "9ed77463-c18e-4794-ab5c-17423f9b801a";

/// The time at which everything happens, in seconds since 1970.
pub(crate) const NOW: u64 = 1_700_000_000;

pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(key);

/// The key of somebody else.
pub(crate) static STRANGER: LazyLock<SigningKey> = LazyLock::new(key);

fn key() -> SigningKey {
    SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).unwrap()
}

pub(crate) fn keys() -> StaticKeys {
    StaticKeys::from_iter([(KEY_ID.to_owned(), KEY.verifying_key())])
}

pub(crate) fn verifier() -> DeliveryVerifier {
    DeliveryVerifier::new(keys()).clock(|| at(NOW))
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// An event about a cash balance with this number in its id and this amount.
pub(crate) fn balance_event(number: u64, amount: &str) -> String {
    format!(
        r#"{{"id":"00000000-0000-4000-8000-{number:012x}","created_at":"2023-11-14T22:13:{:02}Z","type":"CASH_BALANCE.UPDATED","object":{{"account_group_id":"d0fc0305-97b7-4e3b-bddf-66d3c434898c","currency":"EUR","balance":"{amount}","locked_for_trading":"0","pending_settlement":"0","available_for_withdrawal":"{amount}","available_for_trading":"{amount}"}},"webhook_id":"9df39835-be87-4243-9018-f2500b39cee6"}}"#,
        number % 60
    )
}

pub(crate) fn payload(events: &[String]) -> String {
    format!(r#"{{"payload":[{}]}}"#, events.join(","))
}

/// A delivery to be signed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The components as they stand in the list.
    pub(crate) components: Vec<String>,
    pub(crate) params: String,
    pub(crate) label: String,
    pub(crate) quote: &'static str,
    pub(crate) key: SigningKey,
    pub(crate) fixed_width: bool,
}

impl Draft {
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        let mut draft = Self {
            method: Method::POST,
            uri: Uri::from_static("/hooks/upvest?tenant=7"),
            headers: HeaderMap::new(),
            body: Vec::new(),
            components: [
                "@method",
                "@path",
                "@query",
                "accept",
                "content-length",
                "content-type",
                "digest",
            ]
            .map(quoted)
            .into(),
            params: params(NOW - 1, NOW + 4),
            label: "sig1".to_owned(),
            quote: "",
            key: KEY.clone(),
            fixed_width: false,
        };
        draft.set("host", "hooks.example.com");
        draft.set("accept", "*/*");
        draft.set("content-type", "application/json");
        draft.set_body(body);
        draft
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.headers
            .insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }

    pub(crate) fn set_body(&mut self, body: impl Into<Vec<u8>>) {
        self.body = body.into();
        self.set("content-length", &self.body.len().to_string());
        self.set("digest", &digest(&self.body));
    }

    pub(crate) fn cover(&mut self, component: &str) {
        self.components.push(quoted(component));
    }

    pub(crate) fn uncover(&mut self, component: &str) {
        let before = self.components.len();
        self.components.retain(|one| *one != quoted(component));
        assert!(self.components.len() < before, "{component} was covered");
    }

    fn value(&self, component: &str) -> Vec<u8> {
        match component {
            "@method" => self.method.as_str().into(),
            "@path" => self.uri.path().into(),
            "@query" => format!("?{}", self.uri.query().unwrap_or_default()).into(),
            "@authority" => self.headers["host"].as_bytes().into(),
            name => {
                let lines = self.headers.get_all(name).iter();
                let lines: Vec<&[u8]> = lines.map(|line| line.as_bytes().trim_ascii()).collect();
                lines.join(&b", "[..])
            }
        }
    }

    /// The list of components and the parameters, and the signature.
    pub(crate) fn signature(&self) -> (String, Vec<u8>) {
        let q = self.quote;
        let mut base = Vec::new();
        for component in &self.components {
            let name = component.split('"').nth(1).unwrap_or(component);
            base.extend(format!("{q}{name}{q}: ").bytes());
            base.extend(self.value(name));
            base.push(b'\n');
        }
        let input = format!("({}){}", self.components.join(" "), self.params);
        base.extend(format!("{q}@signature-params{q}: {input}").bytes());
        let der = self.key.sign(&base).unwrap();
        let signature = if self.fixed_width {
            fixed_width(&der)
        } else {
            der
        };
        (input, signature)
    }

    pub(crate) fn sign(&self) -> Request<Vec<u8>> {
        let (input, signature) = self.signature();
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let label = &self.label;
        set(&mut request, "signature-input", &format!("{label}={input}"));
        set(
            &mut request,
            "signature",
            &format!("{label}=:{}:", STANDARD.encode(signature)),
        );
        request
    }
}

pub(crate) fn set(request: &mut Request<Vec<u8>>, name: &'static str, value: &str) {
    let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
    request.headers_mut().insert(name, value);
}

pub(crate) fn header(request: &Request<Vec<u8>>, name: &str) -> String {
    request.headers()[name].to_str().unwrap().to_owned()
}

pub(crate) fn params(created: u64, expires: u64) -> String {
    format!(";keyid=\"{KEY_ID}\";created={created};expires={expires};nonce=\"o085M4cMgpbicuOL\"")
}

pub(crate) fn quoted(component: &str) -> String {
    format!("\"{component}\"")
}

/// `r` and `s` of a DER signature, 66 bytes each.
pub(crate) fn fixed_width(der: &[u8]) -> Vec<u8> {
    // SEQUENCE, whose length takes two bytes or one, then two INTEGERs with short lengths.
    let mut rest = if der[1] == 0x81 { &der[3..] } else { &der[2..] };
    let mut fixed = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        fixed.extend(vec![0; 66 - number.len()]);
        fixed.extend(number);
        rest = &rest[2 + length..];
    }
    fixed
}

/// What a receiver did.
#[derive(Clone, Default)]
pub(crate) struct Log {
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    pub(crate) reports: Arc<Mutex<Vec<String>>>,
}

impl Log {
    pub(crate) fn receiver(
        &self,
        verifier: DeliveryVerifier,
    ) -> Receiver<impl upvest_webhooks::Handler + use<>> {
        let events = Arc::clone(&self.events);
        let reports = Arc::clone(&self.reports);
        Receiver::new(verifier, move |event: Event| {
            events.lock().unwrap().push(event);
            std::future::ready(Ok(()))
        })
        .observe(move |report| reports.lock().unwrap().push(report.to_string()))
    }

    /// The keys of the events that were handed out since the last time, by their last digits.
    pub(crate) fn handed_out(&self) -> Vec<u64> {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        events
            .iter()
            .map(|event| event.key().as_u64_pair().1 & 0xffff)
            .collect()
    }

    pub(crate) fn reports(&self) -> Vec<String> {
        std::mem::take(&mut *self.reports.lock().unwrap())
    }
}

/// The status of the answer to a request.
pub(crate) async fn send<H, I>(receiver: &Receiver<H, I>, request: Request<Vec<u8>>) -> StatusCode
where
    H: upvest_webhooks::Handler + 'static,
    I: Inbox + 'static,
{
    let request = request.map(http_body_util::Full::<bytes::Bytes>::from);
    receiver.clone().oneshot(request).await.unwrap().status()
}
