//! The client with tokens and signatures, and how it is built.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use tower::util::{MapErrLayer, MapRequestLayer, MapResponseLayer};
use upvest_auth_signing::{
    ClientCredentials, Clock, ClockSkew, Scopes, SignLayer, Signer, SigningKey, SystemClock,
    TokenError, TokenLayer, TokenSource,
};
use upvest_client::operations::ISSUE_TOKEN;
use upvest_client::{
    Body, BoxError, Bytes, Error, Hint, OperationInfo, RetryPolicy, Service, ServiceLayer,
};
use upvest_models::Uuid;

use crate::{Environment, env, scopes};

/// A client of the Upvest Investment API that fetches its own tokens and signs every request.
///
/// Each operation is a method of [`upvest_client::Client`], which this one dereferences to. Make
/// one client and clone it: clones are cheap, and share connections and tokens.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let (client_id, client_secret, passphrase, key_id, id) = ("", "", "", "", "");
/// let client = upvest::Client::builder()
///     .environment(upvest::Environment::Sandbox)
///     .credentials(client_id, client_secret)
///     .signing_key(upvest::SigningKey::from_pem_file("key.pem", Some(passphrase))?, key_id)
///     .build()?;
/// let balances = client.retrieve_cash_balances().account_group_id(id).send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client(upvest_client::Client);

impl Client {
    /// Begins to build a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client as the environment variables describe it:
    ///
    /// | variable | what it holds |
    /// |---|---|
    /// | `UPVEST_ENVIRONMENT` | `sandbox` or `live` |
    /// | `UPVEST_BASE_URL` | instead of it: any other address |
    /// | `UPVEST_CLIENT_ID` | the client id |
    /// | `UPVEST_CLIENT_SECRET` | the client secret |
    /// | `UPVEST_KEY_ID` | the id that Upvest gave to the public key |
    /// | `UPVEST_PRIVATE_KEY_FILE` | the path of the private key, in PEM |
    /// | `UPVEST_PRIVATE_KEY_PASSPHRASE` | its passphrase, if it has one |
    ///
    /// # Errors
    /// When a variable is missing or wrong; the error names all that are.
    pub fn from_env() -> Result<Self, Error> {
        env::builder(|name| std::env::var_os(name))?.build()
    }
}

impl Deref for Client {
    type Target = upvest_client::Client;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

type Configure = Box<dyn FnOnce(upvest_client::ClientBuilder) -> upvest_client::ClientBuilder>;

/// Builds a [`Client`]. Address, credentials and signing key are needed; all else has a default.
#[must_use = "there is no client before `build`"]
pub struct ClientBuilder {
    base_url: Option<String>,
    /// Makes the layer that tokens come from, for a token endpoint.
    tokens: Option<Box<dyn FnOnce(Uri) -> TokenLayer>>,
    signing_key: Option<(SigningKey, String)>,
    clock: Arc<dyn Clock>,
    signature_lifetime: Option<Duration>,
    scopes: Arc<dyn Fn(&OperationInfo) -> Scopes + Send + Sync>,
    outer: Vec<Configure>,
    inner: Vec<Configure>,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            base_url: None,
            tokens: None,
            signing_key: None,
            clock: Arc::new(SystemClock),
            signature_lifetime: None,
            scopes: Arc::new(scopes::least),
            outer: Vec::new(),
            inner: Vec::new(),
        }
    }

    /// Calls one of Upvest's servers.
    pub fn environment(self, environment: Environment) -> Self {
        self.base_url(environment.base_url())
    }

    /// Calls another address: `https`, or `http` on this machine.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
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

    /// Instead of credentials: the client id, and where access tokens come from that are fetched
    /// elsewhere, such as from a vault or a sidecar. They are kept and replaced as those that the
    /// client fetches itself.
    pub fn token_source(
        mut self,
        client_id: impl Into<String>,
        source: impl TokenSource + 'static,
    ) -> Self {
        let client_id = client_id.into();
        self.tokens = Some(Box::new(|_| TokenLayer::from_source(client_id, source)));
        self
    }

    /// The private key that requests are signed with, and the id that Upvest gave to its public
    /// half.
    pub fn signing_key(mut self, key: SigningKey, key_id: impl Into<String>) -> Self {
        self.signing_key = Some((key, key_id.into()));
        self
    }

    /// How long a signature is valid. 30 seconds unless set.
    pub fn signature_lifetime(mut self, lifetime: Duration) -> Self {
        self.signature_lifetime = Some(lifetime);
        self
    }

    /// How long a whole call may take, with the tokens it needs, retries and the waits between them.
    /// 30 seconds unless set, here or for the call.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.configure(move |client| client.timeout(timeout))
    }

    /// How calls are retried, as [`RetryPolicy::new`] says unless set, here or for the call.
    pub fn retries(self, policy: RetryPolicy) -> Self {
        self.configure(move |client| client.retries(policy))
    }

    /// How long to wait before a retry, given the longest wait there may be: what is longer is taken
    /// as that. Random unless set, any wait as likely as any other.
    pub fn retry_jitter(self, pick: impl Fn(Duration) -> Duration + Send + Sync + 'static) -> Self {
        self.configure(move |client| client.retry_jitter(pick))
    }

    /// How large a response may be, in bytes of its body. 64 MiB (67,108,864 bytes) unless set. A
    /// larger one is an error with its status and headers, and is not read to the end.
    pub fn max_response_bytes(self, limit: usize) -> Self {
        self.configure(move |client| client.max_response_bytes(limit))
    }

    /// How long a connection may take to come about. 5 seconds unless set.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.configure(move |client| client.connect_timeout(timeout))
    }

    /// Who calls (`user-agent`). It is not signed.
    pub fn user_agent(self, user_agent: impl Into<String>) -> Self {
        let user_agent = user_agent.into();
        self.configure(move |client| client.user_agent(user_agent))
    }

    /// Which scopes to ask for on behalf of an operation. Unless set, one of those that it names,
    /// any of which is enough: one for reading if there is one. Set it if the client was granted
    /// others.
    pub fn scopes(
        mut self,
        choose: impl Fn(&OperationInfo) -> Scopes + Send + Sync + 'static,
    ) -> Self {
        self.scopes = Arc::new(choose);
        self
    }

    /// Where the idempotency keys of calls come from that are not given one. Random UUIDs of version
    /// 4 unless set; the API takes no later versions.
    pub fn idempotency_keys(self, keys: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        self.configure(move |client| client.idempotency_keys(keys))
    }

    /// Adds a [tower](https://docs.rs/tower) layer that sees each call once, however often it is
    /// retried, before its token is there and before it is signed. Calls pass through these layers in
    /// the order of adding.
    pub fn layer(self, layer: impl ServiceLayer) -> Self {
        self.configure(move |client| client.layer(layer))
    }

    /// Adds a layer that sees each request as it is sent: signed, at every attempt, and token requests
    /// as well. It must leave them as they are.
    pub fn transport_layer(mut self, layer: impl ServiceLayer) -> Self {
        self.inner
            .push(Box::new(move |client| client.attempt_layer(layer)));
        self
    }

    /// Sends requests by this service instead of the built-in one.
    pub fn transport(self, transport: Service) -> Self {
        self.configure(move |client| client.transport(transport))
    }

    /// The clock by which tokens expire and signatures are dated.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn configure(
        mut self,
        change: impl FnOnce(upvest_client::ClientBuilder) -> upvest_client::ClientBuilder + 'static,
    ) -> Self {
        self.outer.push(Box::new(change));
        self
    }

    /// Builds the client. Nothing is sent yet: tokens are fetched when they are needed.
    ///
    /// # Errors
    /// When the address, the credentials or the signing key is missing, or the address is none
    /// that may be called.
    pub fn build(self) -> Result<Client, Error> {
        let missing: Vec<&str> = [
            (
                self.base_url.is_none(),
                "an address: `environment` or `base_url`",
            ),
            (self.tokens.is_none(), "`credentials`"),
            (self.signing_key.is_none(), "a `signing_key`"),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect();
        let (Some(base_url), Some(tokens), Some((key, key_id))) =
            (self.base_url, self.tokens, self.signing_key)
        else {
            let missing = missing.join(", ");
            return Err(Error::configuration(format!(
                "the client still needs {missing}"
            )));
        };

        let token_url = format!("{}/auth/token", base_url.trim_end_matches('/'));
        let token_url: Uri = token_url.parse().map_err(|error| {
            Error::configuration(format!("the base URL {base_url:?} is no URL")).with_source(error)
        })?;
        let mut signer = Signer::new(key, key_id).clock(self.clock.clone());
        if let Some(lifetime) = self.signature_lifetime {
            signer = signer.lifetime(lifetime);
        }
        let choose = self.scopes;
        let ask_for_scopes = MapRequestLayer::new(move |mut request: http::Request<Bytes>| {
            if let Some(operation) = OperationInfo::of(&request) {
                request.extensions_mut().insert(choose(operation));
            }
            request
        });

        let mut client = upvest_client::Client::builder(base_url);
        for change in self.outer {
            client = change(client);
        }
        client = client
            .attempt_layer(MapErrLayer::new(token_error))
            .attempt_layer(ask_for_scopes)
            .attempt_layer(tokens(token_url).clock(self.clock))
            .attempt_layer(MapRequestLayer::new(name_token_request))
            .attempt_layer(MapResponseLayer::new(tell_clock_skew))
            .attempt_layer(SignLayer::new(signer));
        for change in self.inner {
            client = change(client);
        }
        client.build().map(Client)
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("signing_key", &self.signing_key)
            .finish_non_exhaustive()
    }
}

/// What the token endpoint answered belongs to the error of the call that needed the token.
fn token_error(error: BoxError) -> BoxError {
    match error.downcast::<TokenError>() {
        Ok(error) => {
            let response = error.response().cloned();
            Error::authentication(*error, response.as_ref()).into()
        }
        Err(error) => error,
    }
}

/// What the token layer sends of its own accord is a call of that operation, too.
fn name_token_request(mut request: http::Request<Bytes>) -> http::Request<Bytes> {
    if OperationInfo::of(&request).is_none() {
        request.extensions_mut().insert(&ISSUE_TOKEN);
    }
    request
}

/// A refusal that comes from a wrong clock says so, be it that of a call or of a token request.
fn tell_clock_skew(mut response: http::Response<Body>) -> http::Response<Body> {
    if let Some(skew) = response.extensions().get::<ClockSkew>() {
        let seconds = skew.offset_seconds();
        let side = if seconds < 0 { "ahead of" } else { "behind" };
        let hint = format!(
            "the clock of this machine is {} s {side} that of the server: set it right",
            seconds.unsigned_abs()
        );
        response.extensions_mut().insert(Hint::new(hint));
    }
    response
}
