use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use upvest_auth_signing::{Scopes, SigningKey, VerifyingKey};
use upvest_models::{CashBalance, Decimal, Uuid};

use crate::answer::Answers;
use crate::api::Api;
use crate::client::Client;
use crate::connection_handle::ConnectionHandle;
use crate::counters::Counters;
use crate::description::{Operation, description};
use crate::fault::Fault;
use crate::memory::{Balance, DEMO_ACCOUNT_GROUP, main_balance};
use crate::server::{ConnectionListener, router};
use crate::webhooks::DeliveryFault;

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
    client: Client,
    api: Arc<Api>,
    running: Running,
    server: JoinHandle<io::Result<()>>,
}

/// Keeps the server and the deliveries going until it is dropped.
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
    pub(crate) fn serve(listener: TcpListener, client: Client, api: Api) -> io::Result<Self> {
        let base_url = format!("http://{}", listener.local_addr()?);
        let api = Arc::new(api);
        let (running, stopped) = oneshot::channel();
        let service =
            router(Arc::clone(&api)).into_make_service_with_connect_info::<ConnectionHandle>();
        let server = axum::serve(ConnectionListener::new(listener, Arc::clone(&api)), service)
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
            client,
            api,
            running,
            server: tokio::spawn(server),
        })
    }

    /// Stops the sandbox and waits until it is done: no connection is left open, and new ones
    /// are refused. A request that is half sent is waited for, and so is one that waits at a closed
    /// [`Latch`](crate::Latch). Deliveries of webhooks are not: what has not been taken is lost.
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
        self.client.id()
    }

    /// The secret of the client.
    pub fn client_secret(&self) -> &str {
        self.client.secret()
    }

    /// The id, a UUID, by which the client's key is known.
    pub fn key_id(&self) -> &str {
        self.client.key_id()
    }

    /// The private key of the client, which its requests are to be signed with.
    pub fn signing_key(&self) -> &SigningKey {
        self.client.signing_key()
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
        main_balance(self.balances_as_json(account_group_id)).and_then(typed)
    }

    /// All balances that are served for an account group, in the order of their currencies; none
    /// if it does not exist.
    pub fn balances(&self, account_group_id: Uuid) -> Vec<CashBalance> {
        let balances = self.balances_as_json(account_group_id).into_iter();
        balances.filter_map(typed).collect()
    }

    /// Sets what is served for the account group and the currency that the balance names. The group
    /// exists from then on, and its other currencies stay as they are. It is served just so: nothing
    /// is checked or computed.
    ///
    /// Every webhook subscription that is for it gets a `CASH_BALANCE.UPDATED`, even if nothing has
    /// changed.
    pub fn set_balance(&self, balance: CashBalance) {
        let balance = serde_json::to_value(balance).expect("a balance is plain text");
        let balance = balance.as_object().cloned().unwrap_or_default();
        self.api.with_store(|store| store.set_balance(balance));
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

    /// Delivers an example of each event of this type, or of these types if it is a category, to the
    /// webhook subscriptions that are for it: `ORDER.FILLED` for example, or `ORDER`. Returns how
    /// many examples that are: 0 if the description has no such event.
    ///
    /// The examples are those of the API's description, with ids and times of their own.
    pub fn publish_example(&self, kind: &str) -> usize {
        let examples = description().event_examples(kind);
        let now = self.api.calendar.now();
        for (type_, object) in &examples {
            self.api.webhooks.emit(type_, object, now);
        }
        examples.len()
    }

    /// Sets what an operation is answered with from now on, instead of what the sandbox would say:
    /// one answer for good, or several (an array or a `Vec`) that are given one after the other, after
    /// which the operation is as usual. It takes the place of what was set before.
    ///
    /// The request is checked as ever before it is answered, and does nothing.
    ///
    /// # Panics
    ///
    /// If the API's description has no operation with this id.
    pub fn answer(&self, operation: &str, answers: impl Into<Answers>) {
        let found = description().operation(operation);
        let operation =
            found.unwrap_or_else(|| panic!("the sandbox serves no operation {operation:?}"));
        self.api.scripts.set(&operation.id, answers.into());
    }

    /// All operations are answered as usual again.
    pub fn clear_answers(&self) {
        self.api.scripts.clear();
    }

    /// Lets time pass in what the API books: what is due by then happens at once, in its order, and
    /// is told to webhooks. Two days settle what was traded, unless
    /// [told otherwise](crate::SandboxBuilder::settlement_time).
    ///
    /// Signatures and tokens grow no older: their clock is another one, see
    /// [`set_clock_offset`](Self::set_clock_offset).
    pub fn advance(&self, time: Duration) {
        self.api.calendar.skip(time);
        self.api.with_store(|_| ());
    }

    /// Sets what one share of an instrument, named by its ISIN, costs from now on; 100 unless it was
    /// set. Orders that waited for such a price are executed.
    ///
    /// # Panics
    ///
    /// If the price is not above 0.
    pub fn set_price(&self, isin: &str, price: Decimal) {
        assert!(
            price > Decimal::ZERO,
            "the price of {isin} is {price}; expected more than 0"
        );
        self.api.with_store(|store| store.set_price(isin, price));
    }

    /// The id of the resource that is there from the start, by the name of the parameter in paths:
    /// `user_id`, `account_id`, `mandate_id` and so on. Those resources are the examples of the API's
    /// description, and belong to one another. Nothing if there is no such resource.
    pub fn demo_id(&self, parameter: &str) -> Option<String> {
        self.api.with_store(|store| store.first(parameter))
    }

    /// Registers the public half of another key of the client whose credentials this sandbox shows, such
    /// as one that is in an HSM, and returns its id. Requests may be signed with either key.
    pub fn add_key(&self, key: VerifyingKey) -> String {
        self.client.add_key(key)
    }

    /// Registers another client, with credentials and a key of its own, which may ask for these
    /// scopes. Clients see the same users and accounts; tokens and idempotency keys are their own.
    ///
    /// # Errors
    ///
    /// When no key can be generated.
    pub fn add_client(&self, scopes: impl Into<Scopes>) -> io::Result<Client> {
        let secret = Uuid::new_v4().simple().to_string().into();
        let algorithm = self.client.signing_key().algorithm();
        let client = Client::generate(Uuid::new_v4(), secret, scopes.into(), algorithm)?;
        self.api.clients.add(client.clone());
        Ok(client)
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
    /// [lacks](crate::SandboxBuilder::scopes).
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
        self.api.counters.snapshot()
    }

    /// Begins to count anew.
    pub fn reset_counters(&self) {
        self.api.counters.reset();
    }

    /// How many requests have come in, token requests included, whatever they were answered. Short
    /// for one of the [`counters`](Self::counters).
    pub fn requests(&self) -> u64 {
        self.counters().requests
    }

    /// How many requests for a token (`POST /auth/token`) have come in, whatever they were
    /// answered. Short for one of the [`counters`](Self::counters).
    pub fn token_requests(&self) -> u64 {
        let operations = &description().operations;
        let requests = self.counters().requests_by_operation;
        let issuing = operations
            .iter()
            .filter(|one| Operation::issues_tokens(one));
        issuing.map(|one| requests[one.id.as_str()]).sum()
    }
}

impl Sandbox {
    fn balances_as_json(&self, account_group_id: Uuid) -> Vec<Balance> {
        let id = account_group_id.to_string();
        self.api.with_store(|store| store.balances(&id))
    }
}

/// A balance as a type.
fn typed(balance: Balance) -> Option<CashBalance> {
    serde_json::from_value(balance.into()).ok()
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
