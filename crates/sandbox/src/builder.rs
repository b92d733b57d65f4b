use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use upvest_auth_signing::{Clock, KeyAlgorithm, Scopes, SystemClock};
use upvest_models::{Secret, Uuid};

use crate::api::Api;
use crate::client::Client;
use crate::clock::SkewedClock;
use crate::description::description;
use crate::memory::Durations;
use crate::sandbox::Sandbox;
use crate::tokens::Tokens;
use crate::webhooks::{Pauses, Reach, Settings, WebhookKeys};

/// The settings of a new [`Sandbox`]. [`Sandbox::builder`] makes it.
///
/// ```
/// use std::time::Duration;
/// use upvest_auth_signing::KeyAlgorithm;
/// use upvest_sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::builder()
///     .token_lifetime(Duration::from_secs(1))
///     .scopes("positions:read")
///     .key_algorithm(KeyAlgorithm::Ed25519)
///     .start()
///     .await?;
/// # let _ = sandbox;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    address: SocketAddr,
    clock: Arc<dyn Clock>,
    token_lifetime: Duration,
    client_id: Uuid,
    client_secret: Secret,
    scopes: Scopes,
    key_algorithm: KeyAlgorithm,
    durations: Durations,
    webhooks: Settings,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            clock: Arc::new(SystemClock),
            token_lifetime: Duration::from_secs(1799),
            client_id: Uuid::new_v4(),
            client_secret: Uuid::new_v4().simple().to_string().into(),
            scopes: Scopes::new(&description().scopes),
            key_algorithm: KeyAlgorithm::EcdsaP521Sha512,
            durations: Durations::default(),
            webhooks: Settings::default(),
        }
    }

    /// The address to listen on, which must be of the loopback interface. `127.0.0.1` unless set.
    /// Port 0 stands for any free port.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// The port to listen on. 0, the default, stands for any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// Allows the network: the address may be of any interface, so everybody who can reach this
    /// machine can reach the sandbox, and webhooks may go to any host with plain `http`. It is for
    /// containers that only reach other containers. Unless allowed, the sandbox stays on the
    /// loopback interface.
    pub fn allow_network(mut self) -> Self {
        self.webhooks.reach = Reach::Network;
        self
    }

    /// How long each change of state takes that needs processing, such as from `NEW` to
    /// `PROCESSING`. Zero unless set, so that the request after the one that places an order finds
    /// it executed. This time passes by the clock, and by [`Sandbox::advance`].
    pub fn processing_time(mut self, time: Duration) -> Self {
        self.durations.processing = time;
        self
    }

    /// How long it takes to settle trades and payments. Two days unless set. This time passes by
    /// the clock, and by [`Sandbox::advance`].
    pub fn settlement_time(mut self, time: Duration) -> Self {
        self.durations.settlement = time;
        self
    }

    /// The clock by which signatures and tokens expire, and events and deliveries are dated. The
    /// system's clock unless set.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long access tokens are valid, in whole seconds (fractions are dropped). 1799 seconds
    /// unless set.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = Duration::from_secs(lifetime.as_secs());
        self
    }

    /// Which scopes the client may ask for. All scopes of the API's description unless set.
    pub fn scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// The id and the secret of the client. Random unless set.
    pub fn credentials(mut self, client_id: Uuid, client_secret: impl Into<Secret>) -> Self {
        self.client_id = client_id;
        self.client_secret = client_secret.into();
        self
    }

    /// The algorithm of the client's key. ECDSA on P-521 unless set.
    pub fn key_algorithm(mut self, algorithm: KeyAlgorithm) -> Self {
        self.key_algorithm = algorithm;
        self
    }

    /// How long a webhook delivery waits before it is repeated, by the number of attempts so far.
    /// Unless set, 1, 2, 3, 5, 8 seconds and so on up to 600, as in the API. Tests should use `|_|
    /// Duration::ZERO`.
    pub fn webhook_pauses(
        mut self,
        pause: impl Fn(u32) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.webhooks.pauses = Pauses::new(pause);
        self
    }

    /// How long a webhook delivery waits for its answer. 10 seconds unless set. Upvest does not
    /// publish how long the API waits.
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.webhooks.timeout = timeout;
        self
    }

    /// Repeats webhook deliveries byte for byte, with the signature of the first attempt, even if
    /// it has expired. Unless set, each attempt gets a new signature. Upvest does not publish what
    /// the API does.
    pub fn sign_deliveries_once(mut self) -> Self {
        self.webhooks.signed_once = true;
        self
    }

    /// Starts the sandbox, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] when the address is not of the loopback interface and the
    /// [network](Self::allow_network) is not allowed; the error of the operating system when it
    /// cannot listen there; [`io::ErrorKind::Other`] when no key can be generated.
    pub async fn start(self) -> io::Result<Sandbox> {
        let address = self.address;
        if self.webhooks.reach == Reach::Loopback && !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{address} is not a loopback address; call `allow_network` to listen on others"
                ),
            ));
        }
        let listener = TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?;

        let client = Client::generate(
            self.client_id,
            self.client_secret,
            self.scopes,
            self.key_algorithm,
        )?;
        let webhook_keys = WebhookKeys::generate().map_err(io::Error::other)?;
        let clock = Arc::new(SkewedClock::new(self.clock));
        let tokens = Tokens::new(clock.clone(), self.token_lifetime);
        let api = Api::new(
            client.clone(),
            tokens,
            clock,
            self.durations,
            webhook_keys,
            self.webhooks,
        );
        Sandbox::serve(listener, client, api)
    }
}

impl Sandbox {
    /// Starts a sandbox with the default settings: on a free port of 127.0.0.1, by the system's
    /// clock, with a random client that has all scopes of the API's description.
    ///
    /// # Errors
    ///
    /// When it cannot listen on a port, or when no key can be generated.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Makes a builder for a sandbox with other settings.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }
}
