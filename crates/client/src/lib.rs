//! Every operation of the [Upvest Investment API](https://docs.upvest.co), each a method of
//! [`Client`] that returns a builder.
//!
//! This crate knows how calls are written and how answers are read. Tokens and signatures are not
//! its affair: they come as [tower] layers, ready-made in `upvest-auth-signing` and put together in
//! the `upvest` crate, which is what most people want.
//!
//! ```no_run
//! # async fn example() -> Result<(), upvest_client::Error> {
//! use upvest_client::Client;
//!
//! let client = Client::builder("https://sandbox.upvest.co")
//!     // .layer(tokens).layer(signatures)
//!     .build()?;
//! let balance = client
//!     .retrieve_cash_balance_with_currency()
//!     .account_group_id("d0fc0305-97b7-4e3b-bddf-66d3c434898c")
//!     .currency("EUR")
//!     .send()
//!     .await?;
//! println!("{} {}", balance.available_for_trading, balance.currency);
//! # Ok(())
//! # }
//! ```
//!
//! - A call fails with one [`Error`], which keeps status, headers, request id, problem details and
//!   the raw body, whatever happened.
//! - A call ends after 30 seconds, and a connection that does not come about after 5, unless
//!   [told otherwise](ClientBuilder::timeout). Redirects are not followed. Only `https` is spoken,
//!   but for addresses of this machine.
//! - [`OperationInfo`] travels with each request, so that layers know which scopes it needs.
//!
//! [tower]: https://docs.rs/tower

#![forbid(unsafe_code)]

mod runtime;

// Some descriptions leave things undescribed, or have brackets in them that are no links.
#[allow(missing_docs, rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]
#[rustfmt::skip]
mod generated;

pub use bytes::Bytes;
pub use generated::*;
pub use reqwest::Body;
pub use runtime::{
    BoxError, Client, ClientBuilder, Error, Hint, OperationInfo, Page, Response, RetryPolicy,
    Service, ServiceLayer,
};
pub use upvest_models as models;
