use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use upvest_auth_signing::{Scopes, SigningKey};
use upvest_models::{CashBalance, Uuid};

use crate::api::Api;
use crate::balances::DEMO_ACCOUNT_GROUP;
use crate::line::{Entrance, Line};
use crate::operations::ISSUE_TOKEN;
use crate::routes::router;
use crate::{Counters, DeliveryFault, Fault, SandboxBuilder};

/// A running stand-in for the API, with one client registered. See the [crate] for what it
/// checks.
///
/// It runs on the Tokio runtime that it was started on, whose timers have to be enabled for webhooks
/// to be delivered. It stops when dropped: no connection is accepted any more, those that are open
/// end with the response they are about to get, and deliveries of webhooks end at once.
/// [`stop`](Self::stop) also waits until that is done.
///
/// `Debug` shows no secret.
pub struct Sandbox {
    base_url: String,
    api: Arc<Api>,
    running: Running,
    server: JoinHandle<io::Result<()>>,
}

/// Whatever runs, until this is dropped.
struct Running {
    api: Arc<Api>,
    /// Closing this channel is what stops the server.
    _server: oneshot::Sender<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.api.webhooks.clear();
    }
}

impl Sandbox {
    /// Starts a sandbox as it comes: on a free port of 127.0.0.1, by the system's clock, with a
    /// client made up at random that has all scopes of the API's description.
    ///
    /// # Errors
    ///
    /// When no port can be listened on, or no key can be generated.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// For a sandbox that is to be different.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    pub(crate) fn serve(listener: TcpListener, api: Api) -> io::Result<Self> {
        let base_url = format!("http://{}", listener.local_addr()?);
        let api = Arc::new(api);
        let (running, stopped) = oneshot::channel();
        let service = router(Arc::clone(&api)).into_make_service_with_connect_info::<Line>();
        let server = axum::serve(Entrance::new(listener, Arc::clone(&api)), service)
            .with_graceful_shutdown(async {
                let _ = stopped.await;
            })
            .into_future();
        let running = Running {
            api: Arc::clone(&api),
            _server: running,
        };
        Ok(Self {
            base_url,
            api,
            running,
            server: tokio::spawn(server),
        })
    }

    /// Stops the sandbox and waits until it is done: no connection is left open, and new ones
    /// are refused. A request that is half sent is waited for, and so is one that waits at a closed
    /// [`Gate`](crate::Gate). Deliveries of webhooks are not: what has not been taken is lost.
    pub async fn stop(self) {
        for subscription in self.api.webhooks.clear() {
            subscription.stop().await;
        }
        drop(self.running);
        // A server that panicked has stopped too, and it knows no other errors.
        let _ = self.server.await;
    }

    /// Where it listens, `http://127.0.0.1:49152` for example, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The id of the client, a UUID.
    pub fn client_id(&self) -> &str {
        &self.api.client.id
    }

    /// The secret of the client.
    pub fn client_secret(&self) -> &str {
        self.api.client.secret.expose()
    }

    /// The id, a UUID, by which the client's key is known.
    pub fn key_id(&self) -> &str {
        &self.api.client.key_id
    }

    /// The private key of the client, which its requests are to be signed with.
    pub fn signing_key(&self) -> &SigningKey {
        &self.api.client.signing_key
    }

    /// The id of an account group that exists from the start: that of the API's published
    /// examples, `d0fc0305-97b7-4e3b-bddf-66d3c434898c`. Its balance is 100.25 EUR, of which 10
    /// are locked for trading, 10 are pending settlement, and 80 are available for withdrawal
    /// and for trading.
    pub fn account_group_id(&self) -> Uuid {
        DEMO_ACCOUNT_GROUP
    }

    /// The balance in euros that is served for an account group; in the first currency it has if
    /// there are no euros. None if it does not exist.
    pub fn balance(&self, account_group_id: Uuid) -> Option<CashBalance> {
        self.api.balances.main(account_group_id)
    }

    /// All balances that are served for an account group, in the order of their currencies; none
    /// if it does not exist.
    pub fn balances(&self, account_group_id: Uuid) -> Vec<CashBalance> {
        self.api.balances.of(account_group_id)
    }

    /// Sets what is served for the account group and the currency that the balance names. The group
    /// exists from then on, and its other currencies stay as they are. It is served just so: nothing
    /// is checked or computed.
    ///
    /// Every webhook subscription that is for it gets a `CASH_BALANCE.UPDATED`, even if nothing has
    /// changed.
    pub fn set_balance(&self, balance: CashBalance) {
        self.api.webhooks.set_balance(&self.api.balances, balance);
    }

    /// Delivers events to the webhook subscriptions that are for them, each as it is given, to the
    /// letter: `webhook_id` and all else is the caller's business, and events may be of types that
    /// do not exist or lack anything. They go together in one delivery, in the order of their
    /// `created_at`, if they fit into one and none is under way.
    ///
    /// A subscription is for what its types say: `CASH_BALANCE` for all types that begin like that
    /// up to the dot, `ALL` for everything, even what has no type.
    pub fn publish(&self, events: impl IntoIterator<Item = Value>) {
        let events: Vec<Value> = events.into_iter().collect();
        self.api.webhooks.publish(&events);
    }

    /// Waits until every event was taken that is to be delivered: answered with 200, or dropped
    /// with its subscription.
    pub async fn deliveries_done(&self) {
        self.api.webhooks.done().await;
    }

    /// Deliveries are signed with a new key from now on. Those before it stay published, until
    /// [`retire_webhook_keys`](Self::retire_webhook_keys). Returns the id of the new key.
    ///
    /// # Panics
    ///
    /// When no key can be generated.
    pub fn rotate_webhook_key(&self) -> Uuid {
        let key = self.api.webhooks.keys().rotate();
        key.expect("a key could be generated at the start")
    }

    /// Of the keys that deliveries are verified by, only the current one is published from now on.
    pub fn retire_webhook_keys(&self) {
        self.api.webhooks.keys().retire();
    }

    /// Makes all access tokens issued so far invalid: a call with one of them gets a 401.
    pub fn revoke_tokens(&self) {
        self.api.tokens.revoke();
    }

    /// How long access tokens issued from now on are valid, in whole seconds (fractions are
    /// dropped). With no time at all a token has expired when it comes.
    ///
    /// What a token response *says* can be anything: see [`Fault::json`].
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        let lifetime = Duration::from_secs(lifetime.as_secs());
        self.api.tokens.set_lifetime(lifetime);
    }

    /// Of the scopes that are asked for, tokens issued from now on are good for these alone, and say
    /// so. Asking for more is no error, unlike asking for a scope that the client
    /// [lacks](SandboxBuilder::scopes).
    pub fn grant_only(&self, scopes: impl Into<Scopes>) {
        self.api.tokens.grant_only(scopes.into());
    }

    /// How far the sandbox's clock is ahead (or, if negative, behind), in seconds: 0 at first.
    /// Signatures and tokens expire by that clock, and responses (`date`), events and deliveries are
    /// dated by it.
    pub fn set_clock_offset(&self, seconds: i32) {
        self.api.clock.set_offset(seconds);
    }

    /// Something is to go wrong.
    ///
    /// Faults queue up in the order of these calls. Each request gets the first fault of the queue
    /// that is meant for such a request, and no other; it leaves those before it, which are meant
    /// for other requests, where they are. A fault that has happened as often as it is to happen is
    /// gone.
    pub fn fail(&self, fault: Fault) {
        self.api.faults.add(fault);
    }

    /// Something is to go wrong with a delivery of webhooks.
    ///
    /// These faults queue up like those of [`fail`](Self::fail): each delivery gets the first one
    /// that is for deliveries, and each attempt at it the first one that is for attempts.
    pub fn fail_delivery(&self, fault: DeliveryFault) {
        self.api.webhooks.faults().add(fault);
    }

    /// Nothing goes wrong any more, neither with requests nor with deliveries, but for what is going
    /// wrong already.
    pub fn clear_faults(&self) {
        self.api.faults.clear();
        self.api.webhooks.faults().clear();
    }

    /// What has come in so far.
    pub fn counters(&self) -> Counters {
        self.api.tally.counters()
    }

    /// Begins to count anew.
    pub fn reset_counters(&self) {
        self.api.tally.reset();
    }

    /// How many requests have come in, token requests included, whatever they were answered. Short
    /// for one of the [`counters`](Self::counters).
    pub fn requests(&self) -> u64 {
        self.counters().requests
    }

    /// How many requests for a token (`POST /auth/token`) have come in, whatever they were
    /// answered. Short for one of the [`counters`](Self::counters).
    pub fn token_requests(&self) -> u64 {
        self.counters().requests_by_operation[ISSUE_TOKEN]
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.base_url)
            .field("client_id", &self.client_id())
            .field("key_id", &self.key_id())
            .field("account_group_id", &self.account_group_id())
            .finish_non_exhaustive()
    }
}
