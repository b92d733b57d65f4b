//! One call: from arguments to a request, and from a response to a value or an error.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Range;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;
use tracing::Instrument;

use super::attempt::{Limits, Progress};
use super::retry::IDEMPOTENCY_KEY;
use super::{Client, Error, OperationInfo, Options, Response, trace};

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

/// Room for the headers of any call, with those that tokens and signatures add.
const HEADERS: usize = 12;

/// A call in the making. What is wrong with its arguments is gathered, and told all at once.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    client: &'a Client,
    operation: &'static OperationInfo,
    options: Options,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    faults: Vec<String>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        client: &'a Client,
        operation: &'static OperationInfo,
        options: Options,
    ) -> Self {
        let (name, value) = API_VERSION;
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(name, value);
        Self {
            client,
            operation,
            options,
            path: operation.path.to_owned(),
            query: String::new(),
            headers,
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
            if let Some(place) = place(&self.path, name) {
                let escaped: Cow<'_, str> = utf8_percent_encode(&value, ESCAPED).into();
                self.path.replace_range(place, &escaped);
            }
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

    /// Names the call, so that it takes effect once however often it arrives. Left out, a name is
    /// made for it; whoever sends the request again sends that name again.
    pub(crate) fn idempotency_key<V: Display>(self, value: Result<Option<V>, String>) -> Self {
        let made = self.client.idempotency_key();
        let value = value.map(|value| Some(value.map_or(made, |value| value.to_string())));
        self.header(IDEMPOTENCY_KEY, value)
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
        self.send("application/json", |body| serde_json::from_slice(body))
            .await
    }

    /// Sends the call, and leaves unread what is answered.
    pub(crate) async fn send_for_nothing(self) -> Result<Response<()>, Error> {
        self.send("application/json", |_| Ok(())).await
    }

    /// Sends the call, and takes what is answered as it is.
    pub(crate) async fn send_for_bytes(self) -> Result<Response<Bytes>, Error> {
        self.send("*/*", |body| Ok(body.clone())).await
    }

    async fn send<T>(
        self,
        accept: &'static str,
        read: impl FnOnce(&Bytes) -> serde_json::Result<T>,
    ) -> Result<Response<T>, Error> {
        let (client, operation, options) = (self.client, self.operation, self.options);
        let request = self
            .into_request(accept)
            .map_err(|error| error.of(operation))?;
        let limit = options.timeout.unwrap_or(client.timeout());
        let progress = Progress::new(Limits {
            retries: options.retries.unwrap_or(client.retries()),
            deadline: Instant::now().checked_add(limit),
            response_bytes: client.max_response_bytes(),
        });
        let span = trace::call(operation, request.uri());
        let exchange = exchange(client, request, &progress).instrument(span.clone());
        let outcome = timeout(limit, exchange)
            .await
            .unwrap_or_else(|_| Err(Error::timeout(limit)));
        let result = match (outcome, progress.received()) {
            (Ok(()), Some(received)) if received.status.is_success() => {
                match read(&received.body) {
                    Ok(value) => Ok(Response::new(value, received, progress.attempts())),
                    Err(error) => Err(Error::decode(received, error)),
                }
            }
            (Ok(()), Some(received)) => Err(Error::response(received)),
            (Ok(()), None) => unreachable!("an exchange that succeeds has a response"),
            (Err(error), received) => Err(error.with_received(received)),
        };
        let result = result.map_err(|error| error.of(operation).after(progress.attempts()));
        trace::end_call(&span, &result);
        result
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

/// Where a path template has the parameter of this name, braces included.
fn place(path: &str, name: &str) -> Option<Range<usize>> {
    path.match_indices('{').find_map(|(start, _)| {
        let rest = path[start + 1..].strip_prefix(name)?;
        rest.starts_with('}').then(|| start..start + name.len() + 2)
    })
}

/// Sends a request through all layers, and reads what comes out of them.
async fn exchange(
    client: &Client,
    mut request: http::Request<Bytes>,
    progress: &Progress,
) -> Result<(), Error> {
    request.extensions_mut().insert(progress.clone());
    let response = client.service().oneshot(request).await;
    progress
        .receive(response.map_err(Error::from_service)?)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tower::util::BoxCloneSyncService;
    use upvest_models::Uuid;

    use super::*;

    static OPERATION: OperationInfo = OperationInfo {
        id: "create_thing",
        method: http::Method::POST,
        path: "/things/{thing_id}/parts/{part}",
        tag: "Things",
        scopes: &[],
        takes_idempotency_key: true,
        deprecated: false,
    };

    fn ok<T>(value: T) -> Result<T, String> {
        Ok(value)
    }

    fn some<T>(value: T) -> Result<Option<T>, String> {
        Ok(Some(value))
    }

    /// What a call sends; `make` gives it its arguments.
    async fn sent(make: impl FnOnce(Call<'_>) -> Call<'_>) -> Result<http::Request<Bytes>, Error> {
        let sent = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&sent);
        let transport = BoxCloneSyncService::new(tower::service_fn(move |request| {
            *seen.lock().unwrap() = Some(request);
            std::future::ready(Ok(http::Response::new(reqwest::Body::from("file"))))
        }));
        let client = Client::builder("https://api.example")
            .idempotency_keys(|| Uuid::from_u128(7))
            .transport(transport)
            .build()?;
        let call = Call::new(&client, &OPERATION, Options::default())
            .path("thing_id", ok(1))
            .path("part", ok("p"));
        let answer = make(call).send_for_bytes().await?;
        assert_eq!(&**answer, b"file");
        let request = sent.lock().unwrap().take();
        Ok(request.expect("something was sent"))
    }

    #[tokio::test]
    async fn what_is_put_into_path_and_query_is_escaped() {
        let client = Client::builder("https://api.example").build().unwrap();
        let call = Call::new(&client, &OPERATION, Options::default())
            .path("thing_id", ok("a/b?c#d%e f.é"))
            .path("part", ok("x-y_z~1"))
            .query("text", some("1 & 2=3+4"))
            .query("list", some(["a", "b"]))
            .query("number", some(7))
            .query("flag", some(true))
            .query("absent", Ok(None::<u8>));
        let request = call.into_request("application/json").unwrap();
        assert_eq!(
            request.uri(),
            "https://api.example/things/a%2Fb%3Fc%23d%25e%20f.%C3%A9/parts/x-y_z~1\
             ?text=1%20%26%202%3D3%2B4&list=a&list=b&number=7&flag=true"
        );
        // What reqwest makes of it is what was signed.
        let target = reqwest::Request::try_from(request.clone()).unwrap();
        assert_eq!(target.url().as_str(), request.uri().to_string());
    }

    #[tokio::test]
    async fn what_would_make_it_another_path_is_refused() {
        for part in ["", ".", ".."] {
            let error = sent(|call| call.path("part", ok(part))).await.unwrap_err();
            assert!(error.is_invalid_request(), "{part:?}");
        }
    }

    #[tokio::test]
    async fn all_faults_are_told_at_once() {
        let error = sent(|call| {
            call.query("q", Err::<Option<u8>, _>("`q` is wrong".to_owned()))
                .query("deep", some([[1]]))
                .header("h", some("line\nbreak"))
                .json(Err::<u8, _>("`body` is not set".to_owned()))
        })
        .await
        .unwrap_err()
        .to_string();
        for fault in [
            "`q` is wrong",
            "`deep` is too deep",
            "`h`: ",
            "`body` is not set",
        ] {
            assert!(error.contains(fault), "{error}");
        }
    }

    #[tokio::test]
    async fn a_call_without_an_idempotency_key_gets_one() {
        let key = |request: http::Request<Bytes>| request.headers()["idempotency-key"].clone();
        let made = sent(|call| call.idempotency_key(Ok(None::<Uuid>)))
            .await
            .unwrap();
        assert_eq!(key(made), Uuid::from_u128(7).to_string());
        let given = sent(|call| call.idempotency_key(some(Uuid::from_u128(1))))
            .await
            .unwrap();
        assert_eq!(key(given), Uuid::from_u128(1).to_string());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_sent_again_keeps_its_idempotency_key() {
        let keys = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&keys);
        let transport =
            BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
                let key = request.headers()[IDEMPOTENCY_KEY].clone();
                seen.lock().unwrap().push(key);
                let mut response = http::Response::new(reqwest::Body::default());
                *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
                std::future::ready(Ok(response))
            }));
        let made = Mutex::new(0);
        let client = Client::builder("https://api.example")
            .idempotency_keys(move || {
                let mut made = made.lock().unwrap();
                *made += 1;
                Uuid::from_u128(*made)
            })
            .transport(transport)
            .build()
            .unwrap();
        let call = Call::new(&client, &OPERATION, Options::default())
            .path("thing_id", ok(1))
            .path("part", ok("p"))
            .idempotency_key(Ok(None::<Uuid>));
        let error = call.send_for_nothing().await.unwrap_err();
        assert_eq!(error.attempts(), 3);
        let key = Uuid::from_u128(1).to_string();
        assert_eq!(*keys.lock().unwrap(), [&key, &key, &key]);
    }

    #[tokio::test]
    async fn bodies_are_written_once_with_their_type() {
        let json = sent(|call| call.json(ok([1, 2]))).await.unwrap();
        assert_eq!(json.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(&json.body()[..], b"[1,2]");
        let form = sent(|call| call.form(ok([("a", "1 2")]))).await.unwrap();
        assert_eq!(
            form.headers()[CONTENT_TYPE],
            "application/x-www-form-urlencoded"
        );
        assert_eq!(&form.body()[..], b"a=1+2");
    }
}
