use std::fmt;
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
use crate::counters::Counters;
use crate::description::{Operation, description};
use crate::fault::Fault;
use crate::listener::serve;
use crate::memory::{Balance, DEMO_ACCOUNT_GROUP, main_balance};
use crate::running::Running;
use crate::transport::InProcessTransport;
use crate::webhooks::DeliveryFault;

/// A running stand-in for the API, with one client registered. See the [crate] for what it
/// checks.
///
/// It runs on the tokio runtime on which it was started, which must have time enabled for webhooks
/// to be delivered. It stops when dropped: it accepts no more connections, open connections end
/// after the response that is under way, and webhook deliveries end at once. [`stop`](Self::stop)
/// also waits until that is done.
///
/// `Debug` shows no secret.
pub struct Sandbox {
    base_url: String,
    client: Client,
    api: Arc<Api>,
    running: Arc<Running>,
    server: JoinHandle<()>,
}

impl Sandbox {
    pub(crate) fn serve(listener: TcpListener, client: Client, api: Api) -> io::Result<Self> {
        let base_url = format!("http://{}", listener.local_addr()?);
        let api = Arc::new(api);
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, Arc::<Api>::clone(&api), stopped));
        let running = Arc::new(Running::new(Arc::clone(&api), stop));
        Ok(Self {
            base_url,
            client,
            api,
            running,
            server,
        })
    }

    /// Stops the sandbox and waits until it has stopped: no connection is left open, and new ones
    /// are refused. It waits for requests that are half sent, and for requests that a
    /// [`Latch`](crate::Latch) holds. It does not wait for requests over a
    /// [`transport`](Self::transport), nor for webhook deliveries: those that were not acknowledged
    /// are lost.
    pub async fn stop(self) {
        for subscription in self.api.webhooks.clear() {
            subscription.stop().await;
        }
        drop(self.running);
        // A server that panicked has stopped too.
        let _ = self.server.await;
    }

    /// The address on which it listens, such as `http://127.0.0.1:49152`, without a slash at the
    /// end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Makes a transport that brings requests to this sandbox within the process, without a socket.
    /// Clients take it as their transport: [`InProcessTransport`] says how it differs from
    /// connections.
    pub fn transport(&self) -> InProcessTransport {
        InProcessTransport::new(&self.running)
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

    /// The private key of the client, which signs its requests.
    pub fn signing_key(&self) -> &SigningKey {
        self.client.signing_key()
    }

    /// The id of an account group that exists from the start, the one of the API's published
    /// examples: `d0fc0305-97b7-4e3b-bddf-66d3c434898c`. Its balance is 100.25 EUR, of which 10 are
    /// locked for trading, 10 are pending settlement, and 80 are available for withdrawal and for
    /// trading.
    pub fn account_group_id(&self) -> Uuid {
        DEMO_ACCOUNT_GROUP
    }

    /// The balance in euros that is served for an account group, or the balance in its first
    /// currency if it has no euros. `None` if the account group does not exist.
    pub fn balance(&self, account_group_id: Uuid) -> Option<CashBalance> {
        main_balance(self.balances_as_json(account_group_id)).and_then(typed)
    }

    /// All balances that are served for an account group, in the order of their currencies; an
    /// empty list if the account group does not exist.
    pub fn balances(&self, account_group_id: Uuid) -> Vec<CashBalance> {
        let balances = self.balances_as_json(account_group_id).into_iter();
        balances.filter_map(typed).collect()
    }

    /// Sets the balance of the account group and the currency that it names. The group exists from
    /// then on, and its other currencies stay as they are. The balance is served exactly as it is:
    /// nothing is checked or computed.
    ///
    /// Every webhook subscription for it gets a `CASH_BALANCE.UPDATED`, even if nothing has
    /// changed.
    pub fn set_balance(&self, balance: CashBalance) {
        let balance = serde_json::to_value(balance).expect("a balance is plain text");
        let balance = balance.as_object().cloned().unwrap_or_default();
        self.api.with_store(|store| store.set_balance(balance));
    }

    /// Delivers events unchanged to the webhook subscriptions for their types. The caller sets
    /// `webhook_id` and all other fields; events may have types that do not exist, and may lack any
    /// field. They are sent in one delivery, in the order of their `created_at`, if they fit into
    /// one and no delivery is under way.
    ///
    /// The types of a subscription say which events it gets: `CASH_BALANCE` stands for all types
    /// with that part before the dot, and `ALL` for every event, even one without a type.
    pub fn publish(&self, events: impl IntoIterator<Item = Value>) {
        let events: Vec<Value> = events.into_iter().collect();
        self.api.webhooks.publish(&events);
    }

    /// Delivers an example of each event of a type (such as `ORDER.FILLED`) or of a category (such
    /// as `ORDER`) to the webhook subscriptions for it. Returns the number of these examples: 0 if
    /// the description has no such event.
    ///
    /// The examples are those of the API's description, with new ids and times.
    pub fn publish_example(&self, kind: &str) -> usize {
        let examples = description().event_examples(kind);
        let now = self.api.calendar.now();
        for (type_, object) in &examples {
            self.api.webhooks.emit(type_, object, now);
        }
        examples.len()
    }

    /// Sets the answers of an operation, instead of the sandbox's own: one answer that is given
    /// from now on, or several (an array or a `Vec`) that are given one after the other, after
    /// which the operation is answered as usual. It replaces answers that were set before.
    ///
    /// The request is checked as usual before it is answered, and has no effect.
    ///
    /// # Panics
    ///
    /// When the API's description has no operation with this id.
    pub fn answer(&self, operation: &str, answers: impl Into<Answers>) {
        let found = description().operation(operation);
        let operation =
            found.unwrap_or_else(|| panic!("the sandbox serves no operation {operation:?}"));
        self.api.scripts.set(&operation.id, answers.into());
    }

    /// Removes all answers that were set: all operations are answered as usual again.
    pub fn clear_answers(&self) {
        self.api.scripts.clear();
    }

    /// Lets time pass for processing and settlement: what is due by then happens at once, in
    /// order, and webhooks report it. Two days settle trades unless [set
    /// otherwise](crate::SandboxBuilder::settlement_time).
    ///
    /// Signatures and tokens do not age by this: they have another clock, see
    /// [`set_clock_offset`](Self::set_clock_offset).
    pub fn advance(&self, time: Duration) {
        self.api.calendar.skip(time);
        self.api.with_store(|_| ());
    }

    /// Sets the price of one share of an instrument, named by its ISIN. 100 unless set. Orders that
    /// waited for such a price are executed.
    ///
    /// # Panics
    ///
    /// When the price is not above 0.
    pub fn set_price(&self, isin: &str, price: Decimal) {
        assert!(
            price > Decimal::ZERO,
            "the price of {isin} is {price}; expected more than 0"
        );
        self.api.with_store(|store| store.set_price(isin, price));
    }

    /// The id of a resource that exists from the start, by the name of its parameter in paths:
    /// `user_id`, `account_id`, `mandate_id` and so on. These resources are the examples of the
    /// API's description, and belong to each other. `None` if there is no such resource.
    pub fn demo_id(&self, parameter: &str) -> Option<String> {
        self.api.with_store(|store| store.first(parameter))
    }

    /// Registers the public half of another key of the client whose credentials this sandbox shows, such
    /// as one that is in an HSM, and returns its id. Requests may be signed with either key.
    pub fn add_key(&self, key: VerifyingKey) -> String {
        self.client.add_key(key)
    }

    /// Registers another client, with its own credentials and key, which may ask for these
    /// scopes. All clients see the same users and accounts; each has its own tokens and idempotency
    /// keys.
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

    /// Waits until every event that is to be delivered was acknowledged with 200, or was dropped
    /// with its subscription.
    pub async fn deliveries_done(&self) {
        self.api.webhooks.done().await;
    }

    /// Signs deliveries with a new key from now on. Earlier keys stay published until
    /// [`retire_webhook_keys`](Self::retire_webhook_keys) is called. Returns the id of the new key.
    ///
    /// # Panics
    ///
    /// When no key can be generated.
    pub fn rotate_webhook_key(&self) -> Uuid {
        let key = self.api.webhooks.keys().rotate();
        key.expect("a key could be generated at the start")
    }

    /// Publishes only the current webhook key from now on.
    pub fn retire_webhook_keys(&self) {
        self.api.webhooks.keys().retire();
    }

    /// Makes all access tokens issued so far invalid: a call with one of them gets a 401.
    pub fn revoke_tokens(&self) {
        self.api.tokens.revoke();
    }

    /// Sets how long access tokens issued from now on are valid, in whole seconds (fractions are
    /// dropped). With zero, a token has expired when it arrives.
    ///
    /// To change what a token response *says*, see [`Fault::json`].
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        let lifetime = Duration::from_secs(lifetime.as_secs());
        self.api.tokens.set_lifetime(lifetime);
    }

    /// Grants only these scopes to tokens issued from now on, of those that a request asks for; the
    /// token response says so. Asking for more is not an error, but asking for a scope that the
    /// client [lacks](crate::SandboxBuilder::scopes) is.
    pub fn grant_only(&self, scopes: impl Into<Scopes>) {
        self.api.tokens.grant_only(scopes.into());
    }

    /// Sets how far the sandbox's clock is ahead (or, if negative, behind), in seconds: 0 at first.
    /// Signatures and tokens expire by that clock, and responses (`date`), events and deliveries
    /// are dated by it.
    pub fn set_clock_offset(&self, seconds: i32) {
        self.api.clock.set_offset(seconds);
    }

    /// Adds a fault of a request.
    ///
    /// Faults queue up in the order of these calls. Each request gets the first fault in the queue
    /// whose restrictions it meets, and no other fault. A fault leaves the queue when it has
    /// happened as often as was set.
    pub fn fail(&self, fault: Fault) {
        self.api.faults.add(fault);
    }

    /// Adds a fault of a webhook delivery.
    ///
    /// These faults queue up like those of [`fail`](Self::fail): each delivery gets the first fault
    /// for deliveries, and each attempt at it the first fault for attempts.
    pub fn fail_delivery(&self, fault: DeliveryFault) {
        self.api.webhooks.faults().add(fault);
    }

    /// Removes all faults of requests and of deliveries. Faults that are happening already are not
    /// undone.
    pub fn clear_faults(&self) {
        self.api.faults.clear();
        self.api.webhooks.faults().clear();
    }

    /// Returns the counters as they are now.
    pub fn counters(&self) -> Counters {
        self.api.counters.snapshot()
    }

    /// Sets all counters to zero.
    pub fn reset_counters(&self) {
        self.api.counters.reset();
    }

    /// How many requests have come in, including token requests, whatever their answers. It is one
    /// of the [`counters`](Self::counters).
    pub fn requests(&self) -> u64 {
        self.counters().requests
    }

    /// How many requests for a token (`POST /auth/token`) have come in, whatever their answers. It
    /// is one of the [`counters`](Self::counters).
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
