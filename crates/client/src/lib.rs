//! Every operation of the [Upvest Investment API](https://docs.upvest.co), each as a method of
//! [`Client`] that returns a call. Required values are arguments of that method; optional values
//! are set by methods of the call.
//!
//! This crate writes calls and reads answers. Tokens and signatures are added by [tower] layers of
//! `upvest-auth-signing`, which the feature `auth` puts together. Most programs use the crate
//! `upvest`, which has everything.
//!
//! ```no_run
//! # async fn example() -> Result<(), upvest_client::Error> {
//! use upvest_client::Client;
//!
//! let client = Client::builder("https://sandbox.upvest.co")
//!     // .attempt_layer(tokens).attempt_layer(signatures)
//!     .build()?;
//! let account_group = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";
//! let balance = client.retrieve_cash_balance_by_currency(account_group, "EUR").await?;
//! println!("{} {}", balance.available_for_trading, balance.currency);
//! # Ok(())
//! # }
//! ```
//!
//! - Every call fails with the same type, [`Error`], which always keeps status, headers, request
//!   id, problem details and the raw body.
//! - A call that may be repeated is sent again when the API cannot be reached for a moment: see
//!   [`RetryPolicy`]. It is set for a client ([`ClientBuilder::retries`]) or for a call.
//! - A call without a required value does not compile.
//!   ```compile_fail,E0061
//!   # async fn example(client: upvest_client::Client) {
//!   client.retrieve_cash_balance_by_currency("d0fc0305-97b7-4e3b-bddf-66d3c434898c").await;
//!   # }
//!   ```
//!   Neither does a call with an argument of the wrong type.
//!   ```compile_fail,E0277
//!   # async fn example(client: upvest_client::Client) {
//!   client.retrieve_webhook(4711).await;
//!   # }
//!   ```
//! - A call ends after 30 seconds, an attempt after a third of that, and the attempt to connect
//!   after 5 seconds, unless [other limits](ClientBuilder::timeout) are set. A response of more
//!   than 64 MiB is [refused](ClientBuilder::max_response_bytes). Redirects are not followed.
//!   Addresses must be `https`, except those of this machine.
//! - [`OperationInfo`] travels with each request, so that layers know which scopes it needs.
//!
//! # Observability
//!
//! Calls can be followed with [tracing](https://docs.rs/tracing), by spans of the target
//! `upvest_client` at the level INFO. Names follow OpenTelemetry's [conventions for
//! HTTP](https://opentelemetry.io/docs/specs/semconv/http/http-spans/), so that
//! `tracing-opentelemetry` turns them into what dashboards expect. The spans hold what the
//! description says, and what the server says about itself: never an argument, an id, an amount, a
//! header or a body.
//!
//! ```
//! use opentelemetry::trace::TracerProvider as _;
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! // With your own exporter.
//! let provider = SdkTracerProvider::builder().build();
//! let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("my-service"));
//! tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))?;
//! # Ok::<(), tracing::subscriber::SetGlobalDefaultError>(())
//! ```
//!
//! - `upvest.call`: one span for each call, from `send` to the value or the error.
//! - `upvest.request`, within it: one span for each request, from sending it until the head of its
//!   answer has arrived. There is one for each attempt, for each token request, and for each
//!   request that a layer sends again after a 401.
//!
//! | field | of | what it holds |
//! |---|---|---|
//! | `otel.name` | both | the operation; method and path template of a request |
//! | `otel.kind` | both | `internal` for a call, `client` for a request |
//! | `otel.status_code` | both | `ERROR`, if it failed |
//! | `upvest.operation` | both | the operation, such as `retrieve_cash_balance` |
//! | `http.request.method` | both | the method |
//! | `url.template` | both | the path template, as in the description |
//! | `server.address`, `server.port` | both | the server |
//! | `http.response.status_code` | both | the status, if an answer came |
//! | `upvest.request_id` | both | what the server calls the exchange |
//! | `url.full` | request | the address, with the path template in place of the path and without a query |
//! | `error.type` | both | if it failed: the status, or `timeout`, `connect`, `tls`, `transport`, `middleware`, `cancelled` if nobody waited for its end, and for a call `authentication`, `too_large` and `decode` |
//! | `upvest.scopes` | call | the scopes that the operation names |
//! | `upvest.attempts` | call | how many attempts were made |
//! | `upvest.attempt` | request | which attempt it belongs to, from 1 on |
//! | `http.request.resend_count` | request | how often the call had been sent before, if it had |
//!
//! An event at DEBUG within a call reports each retry, or why no retry was made.
//!
//! # Metrics
//!
//! With the feature `otel`, the global meter provider, or the meter that a client is [built
//! with](ClientBuilder#method.meter), has these instruments. They hold no argument, id or amount
//! either.
//!
//! | instrument | unit | what it measures | attributes |
//! |---|---|---|---|
//! | `upvest.client.call.duration` | s | how long calls took, with tokens, retries and waits | `upvest.operation`, `error.type` |
//! | `upvest.client.call.attempts` | {attempt} | how many attempts calls took | `upvest.operation`, `error.type` |
//! | `http.client.request.duration` | s | how long requests took, until the head of the response | `http.request.method`, `server.address`, `server.port`, `http.response.status_code`, `url.template`, `error.type` |
//! | `upvest.client.retries.refused` | {retry} | how often a call was not sent again though its failure may pass | `upvest.retry.refusal`: `attempts`, `deadline`, `budget` |
//!
//! With `auth`, tokens and signatures are measured too: see `upvest_auth_signing`.
//!
//! A call that is dropped before its end is measured up to that moment, and its `error.type` is
//! `cancelled`. If a request ends because the time of its attempt or call is over, its `error.type`
//! is `timeout`.
//!
//! # Features
//!
//! - `transport`, on by default: [`Transport`], by reqwest. Without it, a client needs
//!   [your own transport](ClientBuilder::transport).
//! - `auth`: clients that fetch their own tokens and sign every request.
//! - `aws-lc`, on by default: aws-lc-rs computes signatures and digests. It is compiled from C.
//! - `pure-rust`: RustCrypto and ed25519-compact compute them, unless `aws-lc` is enabled as well.
//! - `otel`: metrics.
//! - `testing`: a client whose answers come from a script, errors and responses as the API would
//!   give them, and with `auth` a clock that tests can set.
//!
//! [tower]: https://docs.rs/tower

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "auth")]
pub mod auth;
mod runtime;
#[cfg(feature = "testing")]
pub mod testing;

// Some descriptions leave things undescribed, or have brackets in them that are not links.
#[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]
#[rustfmt::skip]
mod generated;

pub use bytes::Bytes;
pub use generated::*;
pub use runtime::{
    Argument, Body, BoxError, CallOptions, Client, ClientBuilder, Error, File, FileCall,
    FileProgress, Hint, Listing, OperationCall, OperationInfo, OptionalArgument, Page, Response,
    RetryPolicy, Service, ServiceLayer,
};
#[cfg(feature = "transport")]
pub use runtime::{Transport, TransportBuilder};
pub use upvest_models as models;

/// The examples of the front page of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
