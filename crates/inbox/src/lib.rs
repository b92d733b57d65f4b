//! Events of webhooks that are never lost: they are stored in PostgreSQL or SQLite before they are
//! acknowledged, and each takes effect exactly once.
//!
//! - [`Inbox`] stands for the tables; [`Receiver`] fills them.
//! - [`Worker`] hands events to a handler, in order for each entity such as an account group,
//!   inside the transaction in which they take effect. An event that fails is tried again.
//!   After the last attempt it is *parked*: it stays in the tables as a dead letter, with its error,
//!   until an operator replays it or gives it up.
//! - [`Inbox::stats`], [`parked`](Inbox::parked), [`replay`](Inbox::replay), [`give_up`](Inbox::give_up),
//!   [`replays`](Inbox::replays) and [`forget`](Inbox::forget) are for operators. What they return can be
//!   written as JSON ([`serde::Serialize`]).
//! - [`Inbox::relay`] publishes events to a queue or stream that many machines read: see
//!   [`Publisher`].
//! - [`BalanceMirror`] keeps cash balances correct, from events and from snapshots.
//!
//! The chapter "The inbox" of the book, in `docs` of the repository, leads from nothing to a receiver in
//! production.
//!
//! # Features
//!
//! - `sqlite`, on by default: SQLite, which is compiled in, for one process.
//! - `postgres`: PostgreSQL, for any number of processes and machines. `tls`: TLS for its
//!   connections.
//! - `aws-lc`, on by default: aws-lc-rs computes signatures and digests. It is compiled from C.
//! - `pure-rust`: RustCrypto and ed25519-compact compute them, unless `aws-lc` is enabled as well.
//! - `nats`: `JetStream`, the relay to NATS.
//! - `axum`: [`Receiver::router`](Receiver), for axum 0.8.
//! - `otel`: metrics, through the API of OpenTelemetry. See `Inbox::meter`.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backend;
mod batch;
mod claim;
mod delivery;
mod error;
mod expiry;
mod handler;
mod handlers;
mod inbox;
mod lease;
mod metrics;
mod migrate;
mod mirror;
mod operations;
mod pauses;
mod received;
mod receiver;
mod refusal;
mod relay;
mod replay;
mod session;
mod settings;
mod stats;
mod stored_event;
mod time;
mod worked;
mod worker;

#[cfg(feature = "nats")]
pub use async_nats;
pub use backend::Backend;
pub use error::Error;
pub use handler::{Handler, HandlerFuture};
pub use handlers::Handlers;
pub use inbox::Inbox;
pub use mirror::{
    BalanceMirror, BalanceSource, Correction, CorrectionReason, Failed, MirroredBalance,
    Reconciled, Snapshot, Subscription, SubscriptionState,
};
pub use operations::ParkedEvent;
pub use receiver::Receiver;
pub use refusal::Refusal;
#[cfg(feature = "nats")]
pub use relay::JetStream;
pub use relay::{Message, Publisher, Relay};
pub use replay::{Replay, ReplayRecord};
pub use settings::AfterParked;
pub use sqlx;
pub use stats::Stats;
pub use stored_event::StoredEvent;
pub use tower::BoxError;
pub use upvest_models as models;
pub use upvest_webhooks as webhooks;
pub use upvest_webhooks::HandlerError;
pub use worked::Worked;
pub use worker::Worker;

/// The target of spans and events of `tracing`.
pub(crate) const TARGET: &str = "upvest_inbox";

/// The example of the page that the registry shows.
#[cfg(all(doctest, feature = "axum", feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
