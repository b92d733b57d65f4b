//! Every type of the [Upvest Investment API](https://docs.upvest.co): requests, answers,
//! and the events of its webhooks. Only types: no HTTP, nothing asynchronous.
//!
//! ```
//! use upvest_models::{CashBalance, Currency, Decimal};
//!
//! # fn main() -> Result<(), serde_json::Error> {
//! let balance: CashBalance = serde_json::from_str(
//!     r#"{
//!         "account_group_id": "d0fc0305-97b7-4e3b-bddf-66d3c434898c",
//!         "currency": "EUR",
//!         "balance": "100.250",
//!         "locked_for_trading": "10",
//!         "pending_settlement": "10",
//!         "available_for_withdrawal": "80",
//!         "available_for_trading": "80"
//!     }"#,
//! )?;
//! assert_eq!(balance.currency, Currency::Eur);
//! assert_eq!(balance.balance, Decimal::new(100_250, 3));
//! assert!(serde_json::to_string(&balance)?.contains(r#""balance":"100.250""#));
//! # Ok(())
//! # }
//! ```
//!
//! - **Money is exact.** Amounts are [`Decimal`]s, read without rounding and without passing
//!   through a floating-point number, and written back digit for digit: see [`decimal`].
//! - **Tomorrow's values parse today.** Fields that are not known are ignored. An enum value that
//!   is not known becomes `Unknown`, and is written back unchanged.
//! - **An object has names.** A struct is read only from a JSON object. An array has no names, so an
//!   optional field that is left out would shift the others.
//! - **Requests keep to the limits** of the description: [`limits::check`] reports every value that
//!   breaks one, and the client calls it before it sends.
//! - **Secrets do not print.** A client secret or an access token is a [`Secret`].
//!
//! # Features
//!
//! - `testing`: `example` makes a value of every type that the API answers. Off by default.
//! - `schemars`: every type implements `schemars::JsonSchema`, for those who use these types in
//!   their own API. Off by default.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod decimal;
#[allow(dead_code)] // Not every description has webhooks.
mod event;
#[cfg(test)]
mod examples;
#[allow(dead_code)] // What objects consist of depends on the description.
mod fields;
#[allow(dead_code, unused_macros)] // Not every description sends objects.
pub mod limits;
#[allow(unused_macros)] // What there is to make depends on the description.
mod object;
mod open_enum;
mod optional;
mod secret;
#[allow(unused_imports, unused_macros)] // Not every description has ids.
mod typed_id;
#[allow(dead_code)] // Not every description has unions.
mod union;

// Some descriptions have brackets in them that are not links.
#[allow(clippy::large_enum_variant, rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]
#[rustfmt::skip]
mod generated;

pub use chrono::{DateTime, NaiveDate, Utc};
pub use event::UnknownEvent;
pub use generated::*;
pub use object::Unset;
pub use optional::{Given, Maybe, Optional};
pub use rust_decimal::Decimal;
pub use secret::Secret;
pub use uuid::Uuid;

/// The examples of the front page of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
