//! One call: from arguments to a request.

use std::borrow::Cow;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;
use upvest_models::Given;
use upvest_models::limits::{self, Check, Faults, Place};

use super::argument::OptionalArgument;
use super::options::Options;
use super::retry::IDEMPOTENCY_KEY;
use super::{Client, Error, OperationInfo, Response};

/// What stays as it is in path and query: the unreserved characters of RFC 3986, section 2.3.
/// Nothing else does, so that no proxy has a reason to rewrite the signed target.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The version of the API that is asked for with each call. There is no other so far.
const API_VERSION: (HeaderName, HeaderValue) = (
    HeaderName::from_static("upvest-api-version"),
    HeaderValue::from_static("1"),
);

/// How errors call the body.
const BODY: &str = "body";

/// Room for the headers of any call, with those that tokens and signatures add.
const HEADERS: usize = 12;

/// What `.await` on a call waits for.
pub(crate) type Sending<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Error>> + Send>>;

/// Every generated operation: a call that is being built.
pub trait Operation: Sized {
    /// The call.
    fn call(&mut self) -> &mut Call;
}

/// A call that is being built. All errors of its arguments are collected, and reported together.
#[derive(Clone, Debug)]
pub struct Call {
    client: Client,
    operation: &'static OperationInfo,
    pub(super) options: Options,
    path: Cow<'static, str>,
    /// Names and values, escaped.
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    body: Bytes,
    faults: Vec<Fault>,
}

/// What is wrong with an argument.
#[derive(Clone, Debug)]
struct Fault {
    argument: &'static str,
    told: String,
    /// Whether it could be sent nevertheless, as it only breaks a limit of the description.
    is_limit: bool,
}

impl Call {
    pub(crate) fn new(client: &Client, operation: &'static OperationInfo) -> Self {
        let (name, value) = API_VERSION;
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(name, value);
        Self {
            client: client.clone(),
            operation,
            options: Options::default(),
            path: operation.path.into(),
            query: Vec::new(),
            headers,
            body: Bytes::new(),
            faults: Vec::new(),
        }
    }

    /// Puts an argument into the path; the elements of a list with commas in between.
    pub(crate) fn path<T: Serialize + Check, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) {
        let Some(texts) = self.texts(name, value) else {
            return;
        };
        if let [text] = texts.as_slice()
            && matches!(text.as_str(), "" | "." | "..")
        {
            // Each of these would make it another path.
            self.fault(name, format!("must not be {text:?}"));
        }
        if let Some(place) = place(&self.path, name) {
            self.path.to_mut().replace_range(place, &joined(&texts));
        }
    }

    /// Puts an argument into the query: once, or for a list once per element (`form`, exploded).
    pub(crate) fn query<T: Serialize + Check, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) {
        let texts = self.texts(name, value).unwrap_or_default();
        self.query.retain(|(there, _)| *there != name);
        let escaped = texts.iter().map(|text| (name, escape(text).into_owned()));
        self.query.extend(escaped);
    }

    /// Puts an argument into the query once; the elements of a list with commas in between (`form`,
    /// not exploded).
    pub(crate) fn query_joined<T: Serialize + Check, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) {
        let texts = self.texts(name, value);
        self.query.retain(|(there, _)| *there != name);
        self.query.extend(texts.map(|texts| (name, joined(&texts))));
    }

    /// Puts an argument into a header; the elements of a list with commas in between.
    pub(crate) fn header<T: Serialize + Check, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) {
        let texts = self.texts(name, value);
        self.headers.remove(name);
        match texts.map(|texts| HeaderValue::try_from(texts.join(","))) {
            Some(Ok(value)) => drop(self.headers.insert(name, value)),
            Some(Err(error)) => self.fault(name, format!("cannot be sent: {error}")),
            None => {}
        }
    }

    /// The name of an argument of the path that was not given.
    pub(super) fn open_place(&self) -> Option<&str> {
        let (_, rest) = self.path.split_once('{')?;
        rest.split_once('}').map(|(name, _)| name)
    }

    /// Sends a value as JSON.
    pub(crate) fn json<B: Serialize + Check>(&mut self, body: impl Into<B>) {
        let body = body.into();
        let bytes = serde_json::to_vec(&body).map_err(|error| error.to_string());
        self.set_body("application/json", bytes);
        self.check(BODY, &body, &[]);
    }

    /// Sends a value as a form.
    pub(crate) fn form<B: Serialize + Check>(&mut self, body: impl Into<B>) {
        let body = body.into();
        let form = serde_urlencoded::to_string(&body).map_err(|error| error.to_string());
        self.set_body(
            "application/x-www-form-urlencoded",
            form.map(String::into_bytes),
        );
        self.check(BODY, &body, &[]);
    }

    fn set_body(&mut self, content_type: &'static str, bytes: Result<Vec<u8>, String>) {
        self.accept(BODY);
        match bytes {
            Ok(bytes) => {
                self.body = bytes.into();
                let content_type = HeaderValue::from_static(content_type);
                self.headers.insert(CONTENT_TYPE, content_type);
            }
            Err(error) => self.fault(BODY, format!("cannot be written: {error}")),
        }
    }

    /// The value of an argument as text, a list as one text per element; `None` if it is left out or
    /// wrong. Its earlier faults are dropped.
    fn texts<T: Serialize + Check, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) -> Option<Vec<String>> {
        self.accept(name);
        let given = value.into_argument();
        let value = given.map_err(|fault| self.fault(name, fault)).ok()??;
        let rules = self.operation.limits_of(name);
        self.check(name, &value, rules);
        let texts = texts(&value);
        texts.map_err(|fault| self.fault(name, fault)).ok()
    }

    /// Notes where an argument breaks limits of the description.
    fn check(&mut self, argument: &'static str, value: &impl Check, rules: &[limits::Rule]) {
        let mut faults = Faults::default();
        value.check(rules, &Place::Root(argument), &mut faults);
        self.faults
            .extend(faults.into_vec().iter().map(|fault| Fault {
                argument,
                told: fault.to_string(),
                is_limit: true,
            }));
    }

    fn accept(&mut self, argument: &str) {
        self.faults.retain(|fault| fault.argument != argument);
    }

    fn fault(&mut self, argument: &'static str, fault: String) {
        self.faults.push(Fault {
            argument,
            told: format!("`{argument}` {fault}"),
            is_limit: false,
        });
    }

    /// All faults that keep the call from being sent, in one line.
    fn faults(&self) -> Option<String> {
        let counts = |fault: &&Fault| !(fault.is_limit && self.options.beyond_limits);
        let told = self.faults.iter().filter(counts).map(|fault| &*fault.told);
        let told: Vec<&str> = told.collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// The number in an argument of the query, if there is one.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        let (_, value) = self.query.iter().find(|(there, _)| *there == name)?;
        value.parse().ok()
    }

    /// The client, the operation, and its settings.
    pub(super) fn parts(&self) -> (Client, &'static OperationInfo, Options) {
        (self.client.clone(), self.operation, self.options)
    }

    pub(super) fn into_request(
        mut self,
        accept: &'static str,
    ) -> Result<http::Request<Bytes>, Error> {
        if let Some(faults) = self.faults() {
            return Err(Error::invalid_request(faults));
        }
        if self.operation.takes_idempotency_key && !self.headers.contains_key(IDEMPOTENCY_KEY) {
            let made = self.client.idempotency_key();
            self.header::<String, Given>(IDEMPOTENCY_KEY, made);
        }
        let mut target = format!("{}{}", self.client.base_url(), self.path);
        for (place, (name, value)) in self.query.iter().enumerate() {
            target.push(if place == 0 { '?' } else { '&' });
            target.extend([&escape(name), "=", value]);
        }
        let mut request = http::Request::builder()
            .method(&self.operation.method)
            .uri(&target)
            .body(self.body)
            .map_err(|error| {
                Error::invalid_request(format!("{target:?} is not a valid URI: {error}"))
            })?;
        *request.headers_mut() = self.headers;
        let accept = HeaderValue::from_static(accept);
        request.headers_mut().insert(ACCEPT, accept);
        request.extensions_mut().insert(self.operation);
        Ok(request)
    }
}

/// A value as text, a list as one text per element. Dates and moments are written as in JSON.
fn texts(value: &impl Serialize) -> Result<Vec<String>, String> {
    match serde_json::to_value(value).map_err(|error| error.to_string())? {
        Value::Array(values) => values.into_iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null => Ok(String::new()),
        Value::Array(_) | Value::Object(_) => {
            Err("is nested too deeply to be an argument".to_owned())
        }
    }
}

fn escape(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ESCAPED).into()
}

/// Values with commas in between, those within the values escaped.
fn joined(texts: &[String]) -> String {
    let escaped: Vec<_> = texts.iter().map(|text| escape(text)).collect();
    escaped.join(",")
}

/// Where a path template has the parameter of this name, braces included.
fn place(path: &str, name: &str) -> Option<Range<usize>> {
    path.match_indices('{').find_map(|(start, _)| {
        let rest = path[start + 1..].strip_prefix(name)?;
        rest.starts_with('}').then(|| start..start + name.len() + 2)
    })
}

#[cfg(test)]
mod tests;
