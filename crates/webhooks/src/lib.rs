//! Webhooks of the Upvest Investment API: from a raw delivery to a typed event, safely.
//!
//! - [`DeliveryVerifier`] checks whether a request was sent by Upvest, and reads its events.
//! - [`Event`] is one event: its typed content, and its JSON unchanged.
//! - [`Inbox`] makes sure that an event is handled once although it is delivered several times, and
//!   [`LatestBalances`] or [`Moment`] restore the order of events that overtake each other.
//! - [`Receiver`] does all of that, and answers as Upvest expects. It is a [`tower::Service`], and
//!   with the feature `axum` also a router.
//!
//! ```
//! use upvest_models::WebhookEvent;
//! use upvest_webhooks::{DeliveryVerifier, Event, FetchedKeys, HandlerError, Receiver};
//!
//! async fn handle(event: Event) -> Result<(), HandlerError> {
//!     match event.content() {
//!         Ok(WebhookEvent::CashBalance(event)) => println!("{}", event.object.balance),
//!         Ok(other) => println!("nothing to do for {}", other.event_type()),
//!         Err(malformed) => eprintln!("{malformed}: {}", event.raw()),
//!     }
//!     Ok(())
//! }
//!
//! # fn receiver(client: upvest::Client) -> impl Sized {
//! let keys = FetchedKeys::new(move || {
//!     let client = client.clone();
//!     async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
//! });
//! let receiver = Receiver::new(DeliveryVerifier::new(keys), handle)
//!     .observe(|report| eprintln!("{report}"));
//! # receiver
//! # }
//! ```
//!
//! The chapter "Webhooks" of the book, in `docs` of the repository, leads from nothing to a receiver in
//! production.
//!
//! # Features
//!
//! All but `aws-lc` are off by default.
//!
//! - `aws-lc`, on by default: aws-lc-rs computes signatures and digests. It is compiled from C.
//! - `pure-rust`: RustCrypto and ed25519-compact compute them, unless `aws-lc` is enabled as well.
//! - `axum`: [`Receiver::router`](Receiver), for axum 0.8.
//! - `otel`: metrics through the API of OpenTelemetry, named by its conventions. (Spans come through
//!   `tracing` without it.)
//! - `testing`: events, signed deliveries and a clock that tests can set, for tests of handlers and
//!   receivers.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attempts;
mod delivery_verifier;
mod event;
mod fetched_keys;
mod handler;
mod in_progress;
mod inbox;
mod keys;
mod metrics;
mod order;
mod receiver;
mod refusal;
mod report;
mod service;
mod static_keys;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod untaken;
mod work;

pub use delivery_verifier::{Delivery, DeliveryError, DeliveryVerifier, UnverifiedDelivery};
pub use event::{Event, MalformedEvent};
pub use fetched_keys::FetchedKeys;
pub use handler::{Handler, HandlerError};
pub use inbox::{Inbox, MemoryInbox};
pub use keys::{KeyFuture, KeySource, KeySourceError};
pub use order::{LatestBalances, Moment};
pub use receiver::Receiver;
pub use refusal::Refusal;
pub use report::Report;
pub use static_keys::{JwksError, StaticKeys};
pub use upvest_auth_signing as signing;
pub use upvest_models as models;

/// The examples of the front page of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
