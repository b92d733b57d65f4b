//! The builder of a client that fetches its own tokens and signs every request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::InvalidUri;
use tower::util::{MapErrLayer, MapRequestLayer, MapResponseLayer};
use upvest_auth_signing::{
    ClientCredentials, Clock, ClockSkew, ExtraRequest, RequestBudget, RequestKey, Scopes,
    SignLayer, Signer, SigningKey, Switch, SystemClock, TokenError, TokenLayer, TokenSource,
};
use upvest_models::Uuid;

use super::{Environment, scopes};
use crate::operations::ISSUE_TOKEN;
use crate::runtime::Progress;
use crate::{
    Body, BoxError, Bytes, Client, ClientBuilder, Error, Hint, OperationInfo, RetryPolicy,
    ServiceLayer,
};

/// Begins to build a client that fetches its own tokens and signs every request.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let (client_id, client_secret, passphrase, key_id, id) = ("", "", "", "", "");
/// use upvest_auth_signing::SigningKey;
/// use upvest_client::auth::{self, Environment};
///
/// let client = auth::builder()
///     .environment(Environment::Sandbox)
///     .credentials(client_id, client_secret)
///     .signing_key(SigningKey::from_pem_file("key.pem", Some(passphrase))?, key_id)
///     .build()?;
/// let balances = client.list_cash_balances(id).await?;
/// # Ok(())
/// # }
/// ```
///
/// Make one client and clone it: clones are cheap, and share connections and tokens.
pub fn builder() -> Builder {
    Builder {
        client: Client::builder(""),
        tokens: None,
        signing_key: None,
        next_signer: None,
        clock: Arc::new(SystemClock),
        signature_lifetime: None,
        token_timeout: Duration::from_secs(5),
        #[cfg(feature = "otel")]
        meter: None,
        scopes: Arc::new(scopes::least),
    }
}

/// Builds a [`Client`] with tokens and signatures. Address, credentials and signing key are
/// required; everything else has a default.
#[must_use = "there is no client before `build`"]
pub struct Builder {
    client: ClientBuilder,
    /// Makes the layer that provides tokens, for a token endpoint.
    tokens: Option<Box<dyn FnOnce(Uri) -> TokenLayer>>,
    signing_key: Option<(RequestKey, String)>,
    next_signer: Option<(RequestKey, String, Switch)>,
    clock: Arc<dyn Clock>,
    signature_lifetime: Option<Duration>,
    token_timeout: Duration,
    #[cfg(feature = "otel")]
    meter: Option<opentelemetry::metrics::Meter>,
    scopes: Arc<dyn Fn(&OperationInfo) -> Scopes + Send + Sync>,
}

impl Builder {
    /// Calls one of Upvest's servers.
    pub fn environment(self, environment: Environment) -> Self {
        self.base_url(environment.base_url())
    }

    /// Calls another address: `https`, or `http` on this machine and on [hosts that you
    /// name](Self::allow_insecure_host).
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.client.base_url = base_url.into();
        self
    }

    /// The client id and client secret that Upvest issued. The secret is sent to the token endpoint
    /// of the same address, and nowhere else.
    pub fn credentials(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        let credentials = ClientCredentials::new(client_id.into(), client_secret);
        self.tokens = Some(Box::new(|url| TokenLayer::new(credentials, url)));
        self
    }

    /// Instead of credentials: the client id, and a source of access tokens, such as a
    /// vault or a sidecar. They are cached and replaced like those that the client fetches itself.
    pub fn token_source(
        mut self,
        client_id: impl Into<String>,
        source: impl TokenSource + 'static,
    ) -> Self {
        let client_id = client_id.into();
        self.tokens = Some(Box::new(|_| TokenLayer::from_source(client_id, source)));
        self
    }

    /// The private key with which requests are signed, and the id that Upvest gave to its public
    /// half.
    pub fn signing_key(self, key: SigningKey, key_id: impl Into<String>) -> Self {
        self.signer(key, key_id)
    }

    /// Instead of a [`signing_key`](Self::signing_key): a
    /// [`RemoteSigner`](upvest_auth_signing::RemoteSigner), which signs with a remote key,
    /// such as in an HSM, and the id that Upvest gave to its public half. The crate `upvest-signers`
    /// has several.
    pub fn signer(mut self, signer: impl Into<RequestKey>, key_id: impl Into<String>) -> Self {
        self.signing_key = Some((signer.into(), key_id.into()));
        self
    }

    /// A second key or signer, the id of its public half, and when it takes the place of the first
    /// one, as [`Signer::next_key`] says.
    pub fn next_signer(
        mut self,
        signer: impl Into<RequestKey>,
        key_id: impl Into<String>,
        switch: Switch,
    ) -> Self {
        self.next_signer = Some((signer.into(), key_id.into(), switch));
        self
    }

    /// How long a signature is valid. 30 seconds unless set.
    pub fn signature_lifetime(mut self, lifetime: Duration) -> Self {
        self.signature_lifetime = Some(lifetime);
        self
    }

    /// The function that chooses which scopes to ask for on behalf of an operation. Unless set, it
    /// is one of the scopes that the operation names, since any of them is enough: a scope for
    /// reading if there is one. Set it if the client was granted other scopes.
    pub fn scopes(
        mut self,
        choose: impl Fn(&OperationInfo) -> Scopes + Send + Sync + 'static,
    ) -> Self {
        self.scopes = Arc::new(choose);
        self
    }

    /// The clock by which tokens expire and signatures are dated. The system's clock unless set.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// As [`ClientBuilder::allow_insecure_host`].
    pub fn allow_insecure_host(self, host: impl Into<String>) -> Self {
        self.configure(|client| client.allow_insecure_host(host))
    }

    /// As [`ClientBuilder::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        self.configure(|client| client.timeout(timeout))
    }

    /// As [`ClientBuilder::attempt_timeout`].
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.configure(|client| client.attempt_timeout(timeout))
    }

    /// How long one token request may take, from sending it to the last byte of the response. 5
    /// seconds unless set. The limits of the call that waits for the token hold as well.
    pub fn token_timeout(mut self, timeout: Duration) -> Self {
        self.token_timeout = timeout;
        self
    }

    /// As [`ClientBuilder::retries`].
    pub fn retries(self, policy: RetryPolicy) -> Self {
        self.configure(|client| client.retries(policy))
    }

    /// As [`ClientBuilder::retry_jitter`].
    pub fn retry_jitter(self, pick: impl Fn(Duration) -> Duration + Send + Sync + 'static) -> Self {
        self.configure(|client| client.retry_jitter(pick))
    }

    /// As [`ClientBuilder::max_response_bytes`].
    pub fn max_response_bytes(self, limit: usize) -> Self {
        self.configure(|client| client.max_response_bytes(limit))
    }

    /// As [`ClientBuilder::idempotency_keys`].
    pub fn idempotency_keys(self, keys: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        self.configure(|client| client.idempotency_keys(keys))
    }

    /// Adds a [tower](https://docs.rs/tower) layer that sees each call once, however often it is
    /// retried, before it gets its token and its signature. Calls pass through these layers in the
    /// order in which they were added.
    pub fn layer(self, layer: impl ServiceLayer) -> Self {
        self.configure(|client| client.layer(layer))
    }

    /// Adds a layer that sees each request as it is sent: signed, at every attempt, and also token
    /// requests. The layer must not change them.
    pub fn transport_layer(self, layer: impl ServiceLayer) -> Self {
        self.configure(|client| client.attempt_layer(layer))
    }

    /// As [`ClientBuilder::transport`].
    pub fn transport<S, B>(self, transport: S) -> Self
    where
        S: tower::Service<
                http::Request<Bytes>,
                Response = http::Response<B>,
                Error: Into<BoxError>,
                Future: Send,
            > + Clone
            + Send
            + Sync
            + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        self.configure(|client| client.transport(transport))
    }

    /// As [`ClientBuilder::meter`], for tokens and signatures too.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.meter = Some(meter.clone());
        self.configure(|client| client.meter(meter))
    }

    fn configure(mut self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.client = change(self.client);
        self
    }

    /// Builds the client. Nothing is sent yet: tokens are fetched when they are needed.
    ///
    /// # Errors
    /// When the address, the credentials or the signing key is missing, or when the address may not
    /// be called.
    pub fn build(self) -> Result<Client, Error> {
        let Self {
            mut client,
            tokens,
            signing_key,
            next_signer,
            clock,
            signature_lifetime,
            token_timeout,
            #[cfg(feature = "otel")]
            meter,
            scopes,
        } = self;
        let has_address = !client.base_url.is_empty();
        let missing = missing(has_address, tokens.is_some(), signing_key.is_some());
        let (Some(tokens), Some((key, key_id)), None) = (tokens, signing_key, missing.as_ref())
        else {
            let missing = missing.unwrap_or_default();
            return Err(Error::configuration(format!(
                "the client still needs {missing}"
            )));
        };
        let address = client.address()?;
        let token_url = format!("{address}{}", ISSUE_TOKEN.path);
        let token_url: Uri = token_url.parse().map_err(|error: InvalidUri| {
            Error::configuration(format!("the token URL {token_url:?} is not valid"))
                .with_source(error)
        })?;
        let mut signer = Signer::new(key, key_id).clock(clock.clone());
        if let Some(lifetime) = signature_lifetime {
            signer = signer.lifetime(lifetime);
        }
        if let Some((key, key_id, switch)) = next_signer {
            signer = signer.next_key(key, key_id, switch);
        }
        let tokens = tokens(token_url).clock(clock).timeout(token_timeout);
        #[cfg(feature = "otel")]
        let (tokens, signer) = match &meter {
            Some(meter) => (tokens.meter(meter), signer.meter(meter)),
            None => (tokens, signer),
        };
        let prepare = MapRequestLayer::new(move |request| prepare(request, &*scopes));

        // The layers that the user added see the signed request.
        let below = std::mem::take(&mut client.attempt_layers);
        client = client
            .attempt_layer(MapErrLayer::new(token_error))
            .attempt_layer(prepare)
            .attempt_layer(tokens)
            .attempt_layer(MapRequestLayer::new(name_token_request))
            .attempt_layer(MapResponseLayer::new(tell_clock_skew))
            .attempt_layer(SignLayer::new(signer));
        client.attempt_layers.extend(below);
        client.build()
    }
}

/// Passes to the token layer which scopes a request needs and which budget its call has left.
fn prepare(
    mut request: http::Request<Bytes>,
    scopes: &dyn Fn(&OperationInfo) -> Scopes,
) -> http::Request<Bytes> {
    if let Some(operation) = OperationInfo::of(&request) {
        request.extensions_mut().insert(scopes(operation));
    }
    if let Some(progress) = Progress::of(&request).cloned() {
        request.extensions_mut().insert(budget(progress));
    }
    request
}

/// What a client still needs.
fn missing(has_address: bool, has_tokens: bool, has_key: bool) -> Option<String> {
    let needed = [
        (has_address, "an address: `environment` or `base_url`"),
        (has_tokens, "`credentials`"),
        (has_key, "a `signing_key` or a `signer`"),
    ];
    let missing = needed.iter().filter(|(is_there, _)| !is_there);
    let missing: Vec<&str> = missing.map(|(_, what)| *what).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("client", &self.client)
            .field("signing_key", &self.signing_key)
            .finish_non_exhaustive()
    }
}

/// Requests that layers send again for a call count against the budget of the call.
fn budget(progress: Progress) -> RequestBudget {
    RequestBudget::new(move |extra| match extra {
        ExtraRequest::Replay => progress.allows_replay(),
        _ => progress.allows_token_retry(),
    })
}

/// Adds the answer of the token endpoint to the error of the call that needed the token.
fn token_error(error: BoxError) -> BoxError {
    match error.downcast::<TokenError>() {
        Ok(error) => {
            let response = error.response().cloned();
            Error::authentication(*error, response.as_ref()).into()
        }
        Err(error) => error,
    }
}

/// Marks requests that the token layer sends as calls of their operation.
fn name_token_request(mut request: http::Request<Bytes>) -> http::Request<Bytes> {
    if OperationInfo::of(&request).is_none() {
        request.extensions_mut().insert(&ISSUE_TOKEN);
    }
    request
}

/// Adds to a refusal the hint that a wrong clock caused it, for calls and for token requests.
fn tell_clock_skew(mut response: http::Response<Body>) -> http::Response<Body> {
    if let Some(skew) = response.extensions().get::<ClockSkew>() {
        let seconds = skew.offset_seconds();
        let side = if seconds < 0 { "ahead of" } else { "behind" };
        let hint = format!(
            "the clock of this machine is {} s {side} that of the server: correct it",
            seconds.unsigned_abs()
        );
        response.extensions_mut().insert(Hint::new(hint));
    }
    response
}
