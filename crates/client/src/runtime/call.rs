//! One call: from arguments to a request, and from a response to a value or an error.

use std::fmt::Display;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use super::{Client, Error, OperationInfo, Response};

/// What stays as it is in path and query: the unreserved characters of RFC 3986, section 2.3.
/// Nothing else does, so that no one on the way has a reason to write the signed target anew.
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

/// A call in the making. What is wrong with its arguments is gathered, and told all at once.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    client: &'a Client,
    operation: &'static OperationInfo,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    faults: Vec<String>,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, operation: &'static OperationInfo) -> Self {
        let (name, value) = API_VERSION;
        Self {
            client,
            operation,
            path: operation.path.to_owned(),
            query: String::new(),
            headers: HeaderMap::from_iter([(name, value)]),
            body: Bytes::new(),
            faults: Vec::new(),
        }
    }

    /// Puts an argument into the path.
    pub(crate) fn path<V: Display>(mut self, name: &str, value: Result<V, String>) -> Self {
        if let Some(value) = self.accept(value) {
            let value = value.to_string();
            if matches!(value.as_str(), "" | "." | "..") {
                // Each of these would make it another path.
                self.faults.push(format!("`{name}` must not be {value:?}"));
            }
            let escaped = utf8_percent_encode(&value, ESCAPED).to_string();
            self.path = self.path.replace(&format!("{{{name}}}"), &escaped);
        }
        self
    }

    /// Puts an argument into the query: once, or for a list once per element.
    pub(crate) fn query<V: Serialize>(
        mut self,
        name: &str,
        value: Result<Option<V>, String>,
    ) -> Self {
        let Some(Some(value)) = self.accept(value) else {
            return self;
        };
        match serde_json::to_value(value) {
            Ok(Value::Array(values)) => {
                for value in &values {
                    self.query_one(name, value);
                }
            }
            Ok(value) => self.query_one(name, &value),
            Err(error) => self.faults.push(format!("`{name}`: {error}")),
        }
        self
    }

    fn query_one(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::Null => return,
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => {
                self.faults
                    .push(format!("`{name}` is too deep for a query"));
                return;
            }
        };
        self.query
            .push(if self.query.is_empty() { '?' } else { '&' });
        self.query.extend(utf8_percent_encode(name, ESCAPED));
        self.query.push('=');
        self.query.extend(utf8_percent_encode(&text, ESCAPED));
    }

    /// Puts an argument into a header.
    pub(crate) fn header<V: Display>(
        mut self,
        name: &'static str,
        value: Result<Option<V>, String>,
    ) -> Self {
        if let Some(Some(value)) = self.accept(value) {
            match HeaderValue::from_str(&value.to_string()) {
                Ok(value) => {
                    self.headers.insert(name, value);
                }
                Err(error) => self.faults.push(format!("`{name}`: {error}")),
            }
        }
        self
    }

    /// Sends a value as JSON.
    pub(crate) fn json<B: Serialize>(self, body: Result<B, String>) -> Self {
        self.body(body, "application/json", |body| {
            serde_json::to_vec(body).map_err(|error| error.to_string())
        })
    }

    /// Sends a value as a form.
    pub(crate) fn form<B: Serialize>(self, body: Result<B, String>) -> Self {
        self.body(body, "application/x-www-form-urlencoded", |body| {
            let form = serde_urlencoded::to_string(body).map_err(|error| error.to_string())?;
            Ok(form.into_bytes())
        })
    }

    fn body<B>(
        mut self,
        body: Result<B, String>,
        content_type: &'static str,
        write: impl FnOnce(&B) -> Result<Vec<u8>, String>,
    ) -> Self {
        if let Some(body) = self.accept(body) {
            match write(&body) {
                Ok(bytes) => {
                    self.body = bytes.into();
                    self.headers
                        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
                }
                Err(error) => self.faults.push(format!("`body`: {error}")),
            }
        }
        self
    }

    fn accept<V>(&mut self, value: Result<V, String>) -> Option<V> {
        value.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// Sends the call, and reads JSON.
    pub(crate) async fn send_for_json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let operation = self.operation;
        let received = self.send("application/json").await?;
        match serde_json::from_slice(&received.body) {
            Ok(value) => Ok(Response::new(value, received.status, received.headers)),
            Err(error) => Err(Error::decode(received, error).of(operation)),
        }
    }

    /// Sends the call, and leaves unread what is answered.
    pub(crate) async fn send_for_nothing(self) -> Result<Response<()>, Error> {
        let received = self.send("application/json").await?;
        Ok(Response::new((), received.status, received.headers))
    }

    /// Sends the call, and takes what is answered as it is.
    pub(crate) async fn send_for_bytes(self) -> Result<Response<Bytes>, Error> {
        let received = self.send("*/*").await?;
        Ok(Response::new(
            received.body,
            received.status,
            received.headers,
        ))
    }

    async fn send(self, accept: &'static str) -> Result<Received, Error> {
        let (client, operation) = (self.client, self.operation);
        let request = self
            .into_request(accept)
            .map_err(|error| error.of(operation))?;
        let mut arriving = None;
        let exchange = exchange(client, request, &mut arriving);
        let outcome = match tokio::time::timeout(client.timeout(), exchange).await {
            Ok(outcome) => outcome.map_err(Error::from_service),
            Err(_) => Err(Error::timeout(client.timeout())),
        };
        let arrived = arriving.map(Arriving::finish);
        match (outcome, arrived) {
            (Ok(()), Some(received)) if received.status.is_success() => Ok(received),
            (Ok(()), Some(received)) => Err(Error::response(received).of(operation)),
            (Ok(()), None) => unreachable!("an exchange that succeeds has a response"),
            (Err(error), arrived) => Err(error.with_received(arrived).of(operation)),
        }
    }

    fn into_request(self, accept: &'static str) -> Result<http::Request<Bytes>, Error> {
        if !self.faults.is_empty() {
            return Err(Error::invalid_request(self.faults.join("; ")));
        }
        let target = format!("{}{}{}", self.client.base_url(), self.path, self.query);
        let mut request = http::Request::builder()
            .method(&self.operation.method)
            .uri(&target)
            .body(self.body)
            .map_err(|error| {
                Error::invalid_request(format!("{target:?} is no address: {error}"))
            })?;
        *request.headers_mut() = self.headers;
        request
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static(accept));
        request.extensions_mut().insert(self.operation);
        Ok(request)
    }
}

/// Everything of a response, decoded or not.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A response of which there may be more to come.
struct Arriving {
    status: StatusCode,
    headers: HeaderMap,
    body: BytesMut,
}

impl Arriving {
    fn finish(self) -> Received {
        Received {
            status: self.status,
            headers: self.headers,
            body: self.body.freeze(),
        }
    }
}

/// Sends a request and reads its response. What has arrived stays in `arriving`, even if the rest
/// does not follow, or if this is dropped on the way.
async fn exchange(
    client: &Client,
    request: http::Request<Bytes>,
    arriving: &mut Option<Arriving>,
) -> Result<(), super::BoxError> {
    let (head, mut body) = client.service().oneshot(request).await?.into_parts();
    let arriving = arriving.insert(Arriving {
        status: head.status,
        headers: head.headers,
        body: BytesMut::new(),
    });
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            arriving.body.extend_from_slice(&data);
        }
    }
    Ok(())
}
