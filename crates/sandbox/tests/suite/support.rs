//! A sandbox under a clock to set, and a client that sends exactly what the test says.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upvest_auth_signing::testing::ManualClock;
use upvest_auth_signing::{Clock, Signer, SigningKey, content_digest, signature_base};
use upvest_models::{AccessToken, Problem, Uuid};
use upvest_sandbox::{Sandbox, SandboxBuilder};

/// Where the demo account group's balance is.
pub(crate) const BALANCE: &str =
    "/account_groups/d0fc0305-97b7-4e3b-bddf-66d3c434898c/payments/cash_balance";

/// The scopes of what the tests do.
const SCOPES: &str = "positions:read webhooks:admin users:admin checks:admin accounts:admin \
    orders:admin reference_accounts:admin mandates:admin payments:admin topups:admin \
    cash_balance_transfers:admin transactions:read reports:admin reports:read \
    portfolios:admin taxes:admin account_liquidations:admin savings_plans:admin valuations:read \
    account_returns:read tests:admin";

/// A sandbox under a clock of the test's own.
pub(crate) struct Fixture {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: ManualClock,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    pub(crate) async fn start_with(
        configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder,
    ) -> Self {
        let clock = ManualClock::new();
        let builder = Sandbox::builder().clock(clock.clone());
        let sandbox = configure(builder).start().await.expect("it starts");
        Self { sandbox, clock }
    }

    /// A sandbox that was started with nothing set, under the time of the system.
    pub(crate) async fn start_plain() -> Self {
        let sandbox = Sandbox::start().await.expect("it starts");
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let clock = ManualClock::at(now.expect("it is after 1970").as_secs());
        Self { sandbox, clock }
    }

    /// What signs as the client does.
    pub(crate) fn signer(&self) -> Signer {
        let key = self.sandbox.signing_key().clone();
        Signer::new(key, self.sandbox.key_id()).clock(self.clock.clone())
    }

    pub(crate) fn sign(&self, request: &mut Request<Bytes>) {
        self.signer().sign(request).expect("it can be signed");
    }

    /// A signature over these components and no others; the body's headers are set.
    pub(crate) fn sign_covering(&self, request: &mut Request<Bytes>, components: &[&str]) {
        let since_1970 = self.clock.now().duration_since(UNIX_EPOCH);
        let created = since_1970.expect("it is after 1970").as_secs();
        let list: Vec<String> = components.iter().map(|name| format!("{name:?}")).collect();
        let params = format!(
            r#"({});keyid="{}";created={created};expires={};nonce="{}""#,
            list.join(" "),
            self.sandbox.key_id(),
            created + 30,
            Uuid::new_v4(),
        );
        if !request.body().is_empty() {
            set(request, "content-digest", &content_digest(request.body()));
            set(request, "content-length", &request.body().len().to_string());
        }
        let base = signature_base(request, components, &params).expect("all are there");
        let signature = self.sandbox.signing_key().sign(base.as_bytes()).unwrap();
        let signature = STANDARD.encode(signature);
        set(request, "signature-input", &format!("sig1={params}"));
        set(request, "signature", &format!("sig1=:{signature}:"));
        set(request, "upvest-signature-version", "15");
    }

    /// A request that is complete but for token and signature.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request<Bytes> {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.sandbox.base_url()))
            .header("accept", "application/json")
            .header("upvest-client-id", self.sandbox.client_id())
            .body(Bytes::new())
            .expect("it is a request")
    }

    /// A request with a token for every scope, unsigned.
    pub(crate) async fn authorised(&self, method: &str, path: &str) -> Request<Bytes> {
        let token = self.token(SCOPES).await;
        let mut request = self.request(method, path);
        set(&mut request, "authorization", &format!("Bearer {token}"));
        request
    }

    /// A call with this body, JSON, and its response.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Response<Bytes> {
        let mut request = self.authorised(method, path).await;
        if !body.is_empty() {
            set(&mut request, "content-type", "application/json");
            *request.body_mut() = Bytes::copy_from_slice(body.as_bytes());
        }
        self.sign_and_send(request).await
    }

    /// A `POST` of this body, with a new idempotency key.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response<Bytes> {
        let key = Uuid::new_v4().to_string();
        self.post_with_key(path, body, &key).await
    }

    pub(crate) async fn post_with_key(
        &self,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Response<Bytes> {
        let mut request = self.authorised("POST", path).await;
        set(&mut request, "content-type", "application/json");
        set(&mut request, "idempotency-key", key);
        *request.body_mut() = body.to_string().into();
        self.sign_and_send(request).await
    }

    /// What a `POST` made.
    pub(crate) async fn make(&self, path: &str, body: Value) -> Value {
        let response = self.post(path, &body).await;
        let text = String::from_utf8_lossy(response.body());
        assert!(response.status().is_success(), "{path}: {text}");
        serde_json::from_str(&text).expect("it is JSON")
    }

    /// What there is at a path.
    pub(crate) async fn get(&self, path: &str) -> Value {
        success(self.call("GET", path, "").await)
    }

    /// A request for the demo balance that lacks nothing but the signature.
    pub(crate) async fn balance_request(&self) -> Request<Bytes> {
        self.authorised("GET", BALANCE).await
    }

    /// A request for a token, unsigned.
    pub(crate) fn form_request(&self, form: impl Into<Bytes>) -> Request<Bytes> {
        let mut request = self.request("POST", "/auth/token");
        set(
            &mut request,
            "content-type",
            "application/x-www-form-urlencoded",
        );
        *request.body_mut() = form.into();
        request
    }

    /// The form that the client has to send.
    pub(crate) fn form(&self, scope: &str) -> String {
        let scope = scope.replace(' ', "+").replace(':', "%3A");
        format!(
            "client_id={}&client_secret={}&grant_type=client_credentials&scope={scope}",
            self.sandbox.client_id(),
            self.sandbox.client_secret(),
        )
    }

    /// Asks for a token.
    pub(crate) async fn request_token(&self, scope: &str) -> Response<Bytes> {
        self.sign_and_send(self.form_request(self.form(scope)))
            .await
    }

    pub(crate) async fn token(&self, scope: &str) -> String {
        let token: AccessToken = success(self.request_token(scope).await);
        token.access_token.expose().to_owned()
    }

    pub(crate) async fn sign_and_send(&self, mut request: Request<Bytes>) -> Response<Bytes> {
        self.sign(&mut request);
        self.send(request).await
    }

    /// Sends a request as it is. The response must have a request id, and the same one in its
    /// problem details.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let response = exchange(request).await;
        let length = response.body().len().to_string();
        let has_length = response.status() != StatusCode::NO_CONTENT;
        let length = has_length.then_some(length.as_str());
        assert_eq!(header(&response, "content-length"), length);
        let id = header(&response, "upvest-request-id").expect("every response has an id");
        let id: Uuid = id.parse().expect("the id is a UUID");
        assert_eq!(id.get_version_num(), 4);
        if response.status().is_success() {
            let content_type = header(&response, "content-type");
            let is_known = [Some("application/json"), Some("application/pdf")];
            let is_right = match response.body().is_empty() {
                true => content_type.is_none(),
                false => is_known.contains(&content_type),
            };
            assert!(is_right, "{content_type:?}");
        } else {
            let content_type = header(&response, "content-type");
            assert_eq!(content_type, Some("application/problem+json"));
            let problem: Problem = serde_json::from_slice(response.body()).expect("a problem");
            assert_eq!(problem.request_id, Some(id.to_string()));
            assert_eq!(problem.status, i64::from(response.status().as_u16()));
        }
        response
    }
}

/// Sets a header, whether or not it was there before.
pub(crate) fn set(request: &mut Request<Bytes>, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("it is a header value");
    request.headers_mut().insert(name, value);
}

pub(crate) fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

/// What a successful response holds.
#[track_caller]
pub(crate) fn success<T: DeserializeOwned>(response: Response<Bytes>) -> T {
    read(response, StatusCode::OK)
}

/// What was made.
#[track_caller]
pub(crate) fn created<T: DeserializeOwned>(response: Response<Bytes>) -> T {
    read(response, StatusCode::CREATED)
}

#[track_caller]
fn read<T: DeserializeOwned>(response: Response<Bytes>, status: StatusCode) -> T {
    let body = String::from_utf8_lossy(response.body());
    assert_eq!(response.status(), status, "{body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// Checks that a request was refused for this reason: status, kind, and how the detail begins.
#[track_caller]
pub(crate) fn refused(response: &Response<Bytes>, status: u16, slug: &str, detail: &str) {
    let body = String::from_utf8_lossy(response.body());
    assert_eq!(response.status().as_u16(), status, "{body}");
    let problem: Problem = serde_json::from_slice(response.body()).expect("problem details");
    assert_eq!(
        problem.type_,
        format!("https://docs.upvest.co/errors/{slug}")
    );
    assert!(problem.title.is_some_and(|title| !title.is_empty()));
    let found = problem.detail.expect("there is a detail");
    assert!(
        found.starts_with(detail),
        "`{found}` instead of `{detail}...`"
    );
}

/// Checks that a signature was refused for this reason.
#[track_caller]
pub(crate) fn signature_refused(response: &Response<Bytes>, reason: &str) {
    let detail = format!("Signature is incorrect: {reason}");
    refused(response, 401, "unauthorised", &detail);
}

/// One request and its response on a separate connection.
pub(crate) async fn exchange(request: Request<Bytes>) -> Response<Bytes> {
    let (received, end) = attempt(request).await;
    end.expect("it responds");
    parse(&received)
}

/// Whatever arrives on a separate connection after a request, and how that ended.
pub(crate) async fn attempt(request: Request<Bytes>) -> (Vec<u8>, io::Result<()>) {
    let mut stream = open(request).await;
    let mut received = Vec::new();
    let end = stream.read_to_end(&mut received).await;
    (received, end.map(drop))
}

/// A connection over which a request was sent, and nothing else will be.
pub(crate) async fn open(request: Request<Bytes>) -> TcpStream {
    let (head, body) = request.into_parts();
    let authority = head.uri.authority().expect("the URI is absolute").as_str();
    let target = head.uri.path_and_query().expect("there is a path").as_str();
    let mut message = format!(
        "{} {target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n",
        head.method
    )
    .into_bytes();
    for (name, value) in &head.headers {
        message.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    message.extend(b"\r\n");
    message.extend(&body);

    let mut stream = TcpStream::connect(authority).await.expect("it listens");
    stream.write_all(&message).await.expect("it takes requests");
    stream
}

/// The head of a response, and so much of its body as arrived.
pub(crate) fn parse(received: &[u8]) -> Response<Bytes> {
    let end = received
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("the head is complete");
    let head = std::str::from_utf8(&received[..end]).expect("the head is text");
    let body = Bytes::copy_from_slice(&received[end + 4..]);

    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut response = Response::builder().status(status.expect("there is a status"));
    for line in lines {
        let (name, value) = line.split_once(": ").expect("it is a header");
        response = response.header(name, value);
    }
    response.body(body).expect("it is a response")
}

/// A key that the sandbox does not know.
pub(crate) fn foreign_key(fixture: &Fixture) -> SigningKey {
    SigningKey::generate(fixture.sandbox.signing_key().algorithm()).expect("there is randomness")
}
