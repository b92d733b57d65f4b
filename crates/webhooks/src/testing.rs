//! Events and signed deliveries, for tests of handlers and receivers.
//!
//! ```
//! use upvest_models::WebhookEvent;
//! use upvest_webhooks::testing::TestSender;
//! use upvest_webhooks::{Event, Receiver};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let event = Event::of(WebhookEvent::from_json(
//!     r#"{ "id": "8962b496-8d42-4560-bfab-10490dd1a724", "created_at": "2021-07-21T14:10:00Z",
//!          "type": "MOON.FULL" }"#,
//! )?);
//! let sender = TestSender::new();
//! let receiver = Receiver::new(sender.verifier(), |event: Event| async move {
//!     assert_eq!(event.event_type(), Some("MOON.FULL"));
//!     Ok(())
//! });
//!
//! let delivery = sender.delivery("https://example.com/hooks/upvest", [&event]);
//! assert_eq!(receiver.receive(&delivery).await, 200);
//! # Ok(())
//! # })
//! # }
//! ```

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Uri};
pub use upvest_auth_signing::testing::ManualClock;
use upvest_auth_signing::{Clock, KeyAlgorithm, SignatureVersion, Signer, SigningKey};
use upvest_models::WebhookEvent;

use crate::{DeliveryVerifier, Event, StaticKeys};

/// Makes deliveries as Upvest does, signed by the rules of version 6 with its own key.
#[derive(Clone, Debug)]
pub struct TestSender {
    signer: Signer,
    keys: StaticKeys,
}

/// The `keyid` of its signatures.
const KEY_ID: &str = "00000000-0000-4000-8000-000000000001";

impl TestSender {
    /// Makes a sender with a new key.
    ///
    /// # Panics
    ///
    /// When the operating system provides no random numbers.
    pub fn new() -> Self {
        let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("random numbers");
        Self {
            keys: StaticKeys::from_iter([(KEY_ID.to_owned(), key.verifying_key())]),
            signer: Signer::new(key, KEY_ID).version(SignatureVersion::V6),
        }
    }

    /// The clock by which deliveries are signed, such as a [`ManualClock`]. Give the same clock to
    /// the verifier.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.signer = self.signer.clock(clock);
        self
    }

    /// The public half of the key.
    pub fn keys(&self) -> StaticKeys {
        self.keys.clone()
    }

    /// A verifier that knows the key.
    pub fn verifier(&self) -> DeliveryVerifier {
        DeliveryVerifier::new(self.keys())
    }

    /// Makes a delivery of these events to an address such as `https://example.com/hooks/upvest`.
    ///
    /// # Panics
    ///
    /// When the address is not a URI.
    pub fn delivery<'e>(
        &self,
        address: &str,
        events: impl IntoIterator<Item = &'e Event>,
    ) -> Request<Bytes> {
        let events: Vec<&str> = events.into_iter().map(Event::raw).collect();
        let body = format!(r#"{{"payload":[{}]}}"#, events.join(","));
        self.delivery_of(address, body)
    }

    /// Makes a delivery with this body, valid or not.
    ///
    /// # Panics
    ///
    /// When the address is not a URI.
    pub fn delivery_of(&self, address: &str, body: impl Into<Bytes>) -> Request<Bytes> {
        let mut request = Request::new(body.into());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = address.parse::<Uri>().expect("the address is a URI");
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        self.signer
            .sign(&mut request)
            .expect("the request is valid");
        request
    }
}

impl Default for TestSender {
    fn default() -> Self {
        Self::new()
    }
}

impl Event {
    /// Makes an event with this content, and with the JSON of that content.
    ///
    /// # Panics
    ///
    /// When the content cannot be written as JSON.
    pub fn of(content: impl Into<WebhookEvent>) -> Self {
        let json = serde_json::to_string(&content.into()).expect("events are JSON");
        Self::from_json(&json)
    }
}
