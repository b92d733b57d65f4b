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
use serde::de::DeserializeOwned;
use serde_json::Value;
use upvest_models::Given;

use super::argument::OptionalArgument;
use super::options::Options;
use super::retry::IDEMPOTENCY_KEY;
use super::{Client, Error, File, OperationInfo, Response, exchange};

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

/// What `.await` on a call waits for.
pub(crate) type Sending<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Error>> + Send>>;

/// What every generated operation is: a call in the making.
pub trait Operation: Sized {
    /// The call.
    fn call(&mut self) -> &mut Call;
}

/// A call in the making. What is wrong with its arguments is gathered, and told all at once.
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
    /// What is wrong with which argument.
    faults: Vec<(&'static str, String)>,
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
    pub(crate) fn path<T: Serialize, K>(
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
    pub(crate) fn query<T: Serialize, K>(
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
    pub(crate) fn query_joined<T: Serialize, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) {
        let texts = self.texts(name, value);
        self.query.retain(|(there, _)| *there != name);
        self.query.extend(texts.map(|texts| (name, joined(&texts))));
    }

    /// Puts an argument into a header; the elements of a list with commas in between.
    pub(crate) fn header<T: Serialize, K>(
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

    /// Sends a value as JSON.
    pub(crate) fn json<B: Serialize>(&mut self, body: impl Into<B>) {
        let bytes = serde_json::to_vec(&body.into()).map_err(|error| error.to_string());
        self.set_body("application/json", bytes);
    }

    /// Sends a value as a form.
    pub(crate) fn form<B: Serialize>(&mut self, body: impl Into<B>) {
        let form = serde_urlencoded::to_string(body.into()).map_err(|error| error.to_string());
        self.set_body(
            "application/x-www-form-urlencoded",
            form.map(String::into_bytes),
        );
    }

    fn set_body(&mut self, content_type: &'static str, bytes: Result<Vec<u8>, String>) {
        self.accept("body");
        match bytes {
            Ok(bytes) => {
                self.body = bytes.into();
                let content_type = HeaderValue::from_static(content_type);
                self.headers.insert(CONTENT_TYPE, content_type);
            }
            Err(error) => self.fault("body", format!("cannot be written: {error}")),
        }
    }

    /// The value of an argument as text, a list as one text per element; none if it is left out or
    /// wrong. What was said of it before is forgotten.
    fn texts<T: Serialize, K>(
        &mut self,
        name: &'static str,
        value: impl OptionalArgument<T, K>,
    ) -> Option<Vec<String>> {
        self.accept(name);
        let written = value.into_argument().and_then(|value| match value {
            Some(value) => texts(&value).map(Some),
            None => Ok(None),
        });
        written.map_err(|fault| self.fault(name, fault)).ok()?
    }

    fn accept(&mut self, name: &str) {
        self.faults.retain(|(faulty, _)| *faulty != name);
    }

    fn fault(&mut self, name: &'static str, fault: String) {
        self.faults.push((name, fault));
    }

    /// The number in an argument of the query, if there is one.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        let (_, value) = self.query.iter().find(|(there, _)| *there == name)?;
        value.parse().ok()
    }

    /// Sends the call, and reads JSON.
    pub(crate) async fn json_answer<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        exchange::whole(self, "application/json", |body| {
            serde_json::from_slice(body)
        })
        .await
    }

    /// Sends the call, and leaves unread what is answered.
    pub(crate) async fn empty_answer(self) -> Result<Response<()>, Error> {
        exchange::whole(self, "application/json", |_| Ok(())).await
    }

    /// Sends the call, and hands on what is answered as it comes.
    pub(crate) async fn file_answer(self) -> Result<Response<File>, Error> {
        exchange::file(self).await
    }

    /// The client, the operation, and its settings.
    pub(super) fn parts(&self) -> (Client, &'static OperationInfo, Options) {
        (self.client.clone(), self.operation, self.options)
    }

    pub(super) fn into_request(
        mut self,
        accept: &'static str,
    ) -> Result<http::Request<Bytes>, Error> {
        if !self.faults.is_empty() {
            let told = self
                .faults
                .iter()
                .map(|(name, fault)| format!("`{name}` {fault}"));
            return Err(Error::invalid_request(told.collect::<Vec<_>>().join("; ")));
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
                Error::invalid_request(format!("{target:?} is no address: {error}"))
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
        Value::Array(_) | Value::Object(_) => Err("is too deep to be an argument".to_owned()),
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
mod tests {
    use std::sync::{Arc, Mutex};

    use chrono::{NaiveDate, TimeZone, Utc};
    use tower::util::BoxCloneSyncService;
    use upvest_models::Uuid;

    use super::super::Body;
    use super::*;
    use upvest_models::Maybe;

    static OPERATION: OperationInfo = OperationInfo {
        id: "create_thing",
        method: http::Method::POST,
        path: "/things/{thing_id}/parts/{part}",
        tag: "Things",
        scopes: &[],
        takes_idempotency_key: true,
        deprecated: false,
    };

    fn call(client: &Client) -> Call {
        let mut call = Call::new(client, &OPERATION);
        call.path::<i32, Given>("thing_id", 1);
        call.path::<String, Given>("part", "p");
        call
    }

    /// A client that keeps what it sends, and is answered with a status.
    fn recording(status: u16) -> (Client, Arc<Mutex<Vec<http::Request<Bytes>>>>) {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sent);
        let transport = BoxCloneSyncService::new(tower::service_fn(move |request| {
            seen.lock().unwrap().push(request);
            let response = http::Response::builder().status(status);
            std::future::ready(response.body(Body::from("file")))
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
        (client, sent)
    }

    /// What a call sends; `make` gives it its arguments.
    fn request(make: impl FnOnce(&mut Call)) -> Result<http::Request<Bytes>, Error> {
        let (client, _) = recording(200);
        let mut call = call(&client);
        make(&mut call);
        call.into_request("application/json")
    }

    #[test]
    fn what_is_put_into_path_and_query_is_escaped() {
        let request = request(|call| {
            *call = Call::new(&call.client, &OPERATION);
            call.path::<String, Given>("thing_id", "a/b?c#d%e f.\u{e9}");
            call.path::<String, Given>("part", "x-y_z~1");
            call.query::<String, Given>("text", "1 & 2=3+4");
            call.query::<Vec<String>, Given>("list", vec!["a".to_owned(), "b,c".to_owned()]);
            call.query_joined::<Vec<i32>, Given>("joined", vec![1, 2]);
            call.query_joined::<Vec<String>, Given>(
                "escaped",
                vec!["b,c".to_owned(), "d".to_owned()],
            );
            call.query::<i32, Given>("number", 7);
            call.query::<bool, Given>("flag", true);
            call.query::<u8, Maybe>("absent", None);
        })
        .unwrap();
        assert_eq!(
            request.uri(),
            "https://api.example/things/a%2Fb%3Fc%23d%25e%20f.%C3%A9/parts/x-y_z~1\
             ?text=1%20%26%202%3D3%2B4&list=a&list=b%2Cc&joined=1,2&escaped=b%2Cc,d\
             &number=7&flag=true"
        );
        // What the transport makes of it is what was signed.
        let target = url::Url::parse(&request.uri().to_string()).unwrap();
        assert_eq!(target.as_str(), request.uri().to_string());
    }

    #[test]
    fn dates_and_moments_are_written_alike_wherever_they_are() {
        let date = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
        let moment = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let request = request(|call| {
            *call = Call::new(&call.client, &OPERATION);
            call.path::<NaiveDate, Given>("thing_id", date);
            call.path::<chrono::DateTime<Utc>, Given>("part", moment);
            call.query::<NaiveDate, Given>("date", date);
            call.query::<chrono::DateTime<Utc>, Given>("moment", moment);
            call.header::<NaiveDate, Given>("x-date", date);
            call.header::<chrono::DateTime<Utc>, Given>("x-moment", moment);
        })
        .unwrap();
        assert_eq!(
            request.uri(),
            "https://api.example/things/2026-01-02/parts/2026-01-02T03%3A04%3A05Z\
             ?date=2026-01-02&moment=2026-01-02T03%3A04%3A05Z"
        );
        assert_eq!(request.headers()["x-date"], "2026-01-02");
        assert_eq!(request.headers()["x-moment"], "2026-01-02T03:04:05Z");
    }

    #[test]
    fn what_would_make_it_another_path_is_refused() {
        for part in ["", ".", ".."] {
            let error = request(|call| {
                *call = Call::new(&call.client, &OPERATION);
                call.path::<String, Given>("part", part);
            });
            assert!(error.unwrap_err().is_invalid_request(), "{part:?}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let error = request(|call| {
            call.query::<u8, Given>("q", 256);
            call.query::<[[u8; 1]; 1], Given>("deep", [[1]]);
            call.header::<String, Given>("h", "line\nbreak");
            call.form::<[u8; 1]>([1]);
        });
        insta::assert_snapshot!(error.unwrap_err(), @"`q` is no `u8`: out of range integral type conversion attempted; `deep` is too deep to be an argument; `h` cannot be sent: failed to parse header value; `body` cannot be written: unsupported pair");
    }

    #[test]
    fn a_call_without_an_idempotency_key_gets_one() {
        let key = |request: http::Request<Bytes>| request.headers()[IDEMPOTENCY_KEY].clone();
        let made = request(|_| {}).unwrap();
        assert_eq!(key(made), Uuid::from_u128(1).to_string());
        let given = Uuid::from_u128(7);
        let request = request(|call| call.header::<Uuid, Given>(IDEMPOTENCY_KEY, given)).unwrap();
        assert_eq!(key(request), given.to_string());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_sent_again_keeps_its_idempotency_key() {
        let (client, sent) = recording(503);
        let error = call(&client).empty_answer().await.unwrap_err();
        assert_eq!(error.attempts(), 3);
        let sent = sent.lock().unwrap();
        let keys: Vec<_> = sent
            .iter()
            .map(|sent| &sent.headers()[IDEMPOTENCY_KEY])
            .collect();
        let key = Uuid::from_u128(1).to_string();
        assert_eq!(keys, [&key, &key, &key]);
    }

    #[test]
    fn bodies_are_written_once_with_their_type() {
        let json = request(|call| call.json::<[i32; 2]>([1, 2])).unwrap();
        assert_eq!(json.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(&json.body()[..], b"[1,2]");
        let form = request(|call| call.form::<[(&str, &str); 1]>([("a", "1 2")])).unwrap();
        assert_eq!(
            form.headers()[CONTENT_TYPE],
            "application/x-www-form-urlencoded"
        );
        assert_eq!(&form.body()[..], b"a=1+2");
    }

    #[tokio::test]
    async fn a_file_is_handed_on_as_it_comes() {
        let (client, sent) = recording(200);
        let file = call(&client).file_answer().await.unwrap();
        assert_eq!(sent.lock().unwrap()[0].headers()[ACCEPT], "*/*");
        assert_eq!(file.into_inner().bytes().await.unwrap(), "file");
    }
}
