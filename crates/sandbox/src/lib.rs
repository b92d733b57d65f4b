//! An in-process stand-in for the Upvest Investment API.
//!
//! It listens on loopback and checks what the API checks: message signatures, access tokens,
//! scopes, headers. Tests that talk to it need no account, no network and no mock of the
//! protocol. Clients that are tower services need no socket either: [`Sandbox::transport`] answers
//! them within the process.
//!
//! ```
//! use upvest_models::decimal;
//! use upvest_sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//!
//! // What the client under test is configured with:
//! let base_url = sandbox.base_url();
//! let credentials = (sandbox.client_id(), sandbox.client_secret());
//! let signing_key = (sandbox.signing_key().clone(), sandbox.key_id());
//!
//! // What the client should find:
//! let before = sandbox.balance(sandbox.account_group_id()).expect("it is there from the start");
//! sandbox.set_balance(before.balance(decimal::parse("12.50")?));
//!
//! // ... and after some calls of it:
//! assert_eq!(sandbox.token_requests(), 0);
//! # let _ = (base_url, credentials, signing_key);
//! # Ok(())
//! # }
//! ```
//!
//! # What it serves
//!
//! It serves every operation of the API's description, with the scopes, limits and statuses given
//! there:
//!
//! * It **remembers** users, businesses, checks, identifiers, account groups, accounts, reference
//!   accounts, mandates, orders with their executions, positions, transactions, cash balances,
//!   direct debits, top-ups, withdrawals, cash balance transfers, virtual cash, reports, webhook
//!   subscriptions; savings plans with their executions, virtual bank accounts with what is
//!   transferred to them, valuations and returns; portfolios, their orders and rebalancing,
//!   liquidations, transfers of securities and accounts, ISA, fees, roles, tax exemptions and
//!   residencies, which have states and events, but move neither cash nor shares. Resources that
//!   were created can be retrieved and are listed; other ids are not found (404); states change,
//!   and webhooks report the changes.
//! * It answers everything else with the **example** of the description that is closest to the
//!   request, with the request's own ids, amounts and names where the fields are the same.
//!
//! One resource of each type exists from the start: [`Sandbox::demo_id`] returns its id.
//! [`Sandbox::answer`] sets other answers. A request with an idempotency key gets the answer of the
//! earlier request with the same key, if that succeeded. Lists come in pages.
//!
//! # What happens by itself
//!
//! | what | states | cash |
//! |---|---|---|
//! | order to buy | `NEW`, `PROCESSING`, `FILLED` | set aside at once, spent when filled |
//! | order to sell | the same | earned when filled, settled later |
//! | direct debit | `NEW`, `PROCESSING`, `CONFIRMED` | received when confirmed, settled later |
//! | top-up | `CONFIRMED`, `SETTLED` | received at once, settled later |
//! | withdrawal | `NEW`, `PROCESSING`, `CONFIRMED` | set aside at once, paid when settled |
//! | cash balance transfer | `ISSUED`, `CONFIRMED` | set aside at once, moved when confirmed |
//! | credit funding, by a simulated bank transaction | `CONFIRMED` | received at once |
//! | execution of a savings plan in an instrument | those of its order, then `SETTLED` | that of its order |
//! | execution of a savings plan in a portfolio | `NEW`, `PROCESSING`, `FILLED`, `SETTLED` | none moves |
//! | order of a rebalancing | `NEW`, `PROCESSING`, `FILLED` | none moves |
//!
//! Processing is done by the time of the next request, and settlement takes two days:
//! [`SandboxBuilder::processing_time`] and [`settlement_time`](SandboxBuilder::settlement_time) set
//! both, and [`Sandbox::advance`] lets time pass. A share costs 100 units of any currency until
//! [`Sandbox::set_price`] sets another price; orders with a limit or stop wait for their price. The
//! fees of an order are the absolute amounts that, by the order, Upvest is to collect. An order
//! that cannot be paid for is cancelled. An order that names only a number of shares sets aside a
//! tenth more than they cost.
//!
//! A savings plan is executed at the beginning of each of its days (UTC), including today if it is
//! one of them. At the end of each day, every account with positions is valued and gets a
//! time-weighted return, by the prices of what it held the night before.
//!
//! A balance is served as it was [set](Sandbox::set_balance), digit for digit, and changes with
//! orders and payments. No amount is computed from another or checked against another, since the
//! API promises no such relation either.
//!
//! # What it checks
//!
//! It checks requests in this order, and answers with the first failure:
//!
//! 1. The path is known (404), and has an operation of this method (405).
//! 2. `upvest-signature-version` is 15 (401).
//! 3. The signature is valid (401): it was made by a client's key over this request, is neither
//!    expired nor from the future, has a nonce that was not used before, and covers the digest of
//!    the body as received. It must cover `@method`, `@path`, `@query` if there is a query,
//!    `accept`, `upvest-client-id`, `authorization` if there is one, and `content-type`,
//!    `content-length` and `content-digest` if there is a body.
//! 4. `upvest-client-id` is that of the client to which the key belongs (401).
//! 5. The access token was issued here to this client and is neither expired nor revoked (401), and
//!    has one of the scopes of the operation (403).
//! 6. `accept` is a media type of the operation's answers, or `*/*` (406).
//! 7. `upvest-api-version`, if given, is 1 (400).
//! 8. Headers, query and body are valid by the description (400). The problem details name each
//!    invalid place by its JSON pointer, and say what was expected there.
//! 9. The resources that the request names exist (404), and what it asks for is possible (400, or
//!    409 or 422 if the description of the operation has them).
//!
//! Every response has an `upvest-request-id`. Every failure is `application/problem+json` with
//! the same id.
//!
//! # Webhooks
//!
//! Every change is an event for each enabled subscription of its type, in the order in which it
//! happens: `ORDER.NEW`, `ORDER.PROCESSING`, `EXECUTION.FILLED`, `ORDER.FILLED`, `POSITION.UPDATED`
//! and so on. [`Sandbox::publish`] and [`Sandbox::publish_example`] are for all other events.
//! Events are delivered as the API delivers them:
//!
//! * a `POST` of `{"payload": [...]}`, signed by version 6 with the key that `GET /auth/verify_keys`
//!   publishes;
//! * one delivery has all waiting events, oldest first, up to `config.max_package_size` bytes. An
//!   event that is larger is delivered alone;
//! * a status of 200 acknowledges the delivery. After anything else the whole delivery is repeated,
//!   at growing [intervals](SandboxBuilder::webhook_pauses) and without end. Meanwhile nothing else
//!   is sent to the subscription, and its events queue up without limit;
//! * no redirect is followed.
//!
//! The URL of a subscription must be one of the loopback interface with plain `http`: the sandbox
//! stays there unless the [network is allowed](SandboxBuilder::allow_network), and does not support
//! TLS. The API itself accepts only `https` and host names.
//!
//! [`Sandbox::deliveries_done`] waits until every delivery has been acknowledged, and
//! [`rotate_webhook_key`](Sandbox::rotate_webhook_key) changes the key.
//!
//! ```
//! use std::time::Duration;
//! use upvest_models::decimal;
//! use upvest_sandbox::{DeliveryFault, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // What is refused comes again at once, not after a second, two, three, five ...
//! let sandbox = Sandbox::builder().webhook_pauses(|_| Duration::ZERO).start().await?;
//! // ... the receiver under test is started, subscribed and enabled ...
//! sandbox.fail_delivery(DeliveryFault::duplicated());
//! let before = sandbox.balance(sandbox.account_group_id()).expect("it is there from the start");
//! sandbox.set_balance(before.balance(decimal::parse("12.50")?));
//! sandbox.deliveries_done().await;
//! assert!(sandbox.counters().deliveries_refused.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # What can go wrong
//!
//! Tests script what goes wrong with a real API, so that they know when it happens:
//!
//! * [`Sandbox::fail`] queues [`Fault`]s: errors of all kinds, pages of a proxy, bodies that break
//!   off, trickle or stall, connections that are reset or closed, answers that a [`Latch`] holds
//!   until the test releases them;
//! * [`Sandbox::fail_delivery`] queues [`DeliveryFault`]s: webhook deliveries that come twice,
//!   late, after the next one, changed after signing, or with a wrong signature;
//! * [`revoke_tokens`](Sandbox::revoke_tokens), [`set_token_lifetime`](Sandbox::set_token_lifetime)
//!   and [`grant_only`](Sandbox::grant_only) are for tokens that end early or lack scopes;
//! * [`set_clock_offset`](Sandbox::set_clock_offset) is for clocks that disagree.
//!
//! Afterwards, the [`Counters`] say how many requests, attempts and connections came in, how many
//! at a time, and how deliveries were answered. Nothing waits for time to pass, except the
//! intervals between deliveries, which can be set. So no test has to wait.
//!
//! ```
//! use upvest_sandbox::{Fault, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start().await?;
//! sandbox.fail(Fault::closed().on_path("/auth/token").times(2));
//! sandbox.fail(Fault::status(429).retry_after_seconds(2).on_calls());
//! // ... the client under test makes a call ...
//! let counters = sandbox.counters();
//! assert!(counters.requests_by_operation["issue_token"] <= 3);
//! assert_eq!(counters.repeated_nonces, 0);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not claim
//!
//! It follows what Upvest publishes. Upvest does not publish the following, which is chosen here:
//!
//! * the order of the checks, and that 404 for an unknown path and 405 need no signature;
//! * the limits for signatures: 60 seconds of lifetime, 5 seconds of clock skew, nonces
//!   remembered until the signature has expired;
//! * that `accept` and `upvest-client-id` must be covered. Not all of Upvest's own examples cover
//!   the client id when they ask for a token;
//! * that `accept` must be a single media type, and which other forms and headers are refused;
//! * titles and details of problems. The detail for a wrong signature begins with "Signature is
//!   incorrect", as that of the API does; the reason that follows is an addition of this sandbox;
//! * the lifetime of tokens, 1799 seconds unless [set](SandboxBuilder::token_lifetime). The API has
//!   been seen to use that lifetime, although its description says 86400. Read `expires_in`;
//! * how cash moves with payments and orders, and between which amounts of a balance; that a
//!   withdrawal or transfer of more than is available for withdrawal is refused; that settlement
//!   takes two days on any day of the week; and in which order the events of one moment come;
//! * that an idempotency key that was used for another request is a conflict (409), that keys are
//!   never forgotten, and that fields of the query that the description does not have are ignored;
//! * that at least one variant of a `oneOf` must fit, not exactly one;
//! * that `user_id`, `business_id`, `account_group_id`, `account_id`, `reference_account_id` and
//!   `mandate_id` in a body must exist (404), and other ids do not have to exist;
//! * that the test of a subscription is answered with the example of the description, whatever the
//!   receiver answers;
//! * that subscriptions start disabled, as the published examples suggest, for `ALL` with the
//!   `config` of these examples; that types which the description does not have are refused; that a
//!   `PATCH` of one half of `config` leaves the other half unchanged;
//! * that events which happen while a subscription is disabled are not delivered later, and that
//!   events which were not acknowledged when it was disabled are dropped. A test event is delivered
//!   nevertheless. It has the balance of the [demo account group](Sandbox::account_group_id),
//!   whatever the types of the subscription;
//! * that events have distinct times in microseconds, so that the latest is known, and that an
//!   event has the same id in all subscriptions;
//! * what the signatures of deliveries cover, that they are valid for 60 seconds, that each attempt
//!   gets a new signature unless [set otherwise](SandboxBuilder::sign_deliveries_once), and [how
//!   long](SandboxBuilder::webhook_timeout) a delivery waits for its answer. Events are not held
//!   back to be delivered together: `config.delay` is stored and has no effect. No subscription is
//!   removed because its deliveries fail.
//!
//! Requests that are signed by version 6, which the API still accepts from early adopters, are
//! refused. There is no rate limit except the 429 that a [`Fault`] produces. The problem types for
//! 502 and 503 are made from the names of these statuses.
//!
//! # Features
//!
//! - `cli`, on by default: the program `upvest-sandbox`.
//! - `aws-lc`, on by default: aws-lc-rs checks and makes signatures. It is compiled from C.
//! - `pure-rust`: RustCrypto and ed25519-compact do that, unless `aws-lc` is enabled as well.
//!
//! # The program
//!
//! `upvest-sandbox` runs the sandbox as a separate process and
//! prints the environment variables that make a client call it:
//!
//! ```sh
//! upvest-sandbox > sandbox.env &
//! . ./sandbox.env
//! ```
//!
//! `--fail 503:3@/auth/token` scripts faults there too; `--help` explains the format.
//!
//! `--seed FILE` sets the initial state from JSON: `balances`, `prices` by ISIN, `faults` as for
//! `--fail`, and `answers`, as the admin interface accepts them.
//!
//! `--admin 127.0.0.1:8081` opens an admin interface, which reads and writes JSON:
//!
//! | request | what it does |
//! |---|---|
//! | `GET /environment` | returns what a client needs, with the private key |
//! | `POST /clients` | registers a client: `{"scopes": "orders:admin"}` |
//! | `PUT /balances` | sets a cash balance |
//! | `PUT /prices` | sets a price: `{"isin": "US0378331005", "price": "120.50"}` |
//! | `POST /events` | publishes examples, `{"example": "ORDER.FILLED"}`, or a list of events |
//! | `POST /time` | lets time pass: `{"seconds": 172800}` |
//! | `POST /faults`, `DELETE` | `{"fault": "503:3@/auth/token"}`, as for `--fail` |
//! | `PUT /answers`, `DELETE` | `{"operation": "place_order", "status": 409}`, or a `body` |
//! | `GET /counters`, `DELETE` | returns the [`Counters`], or sets them to zero |
//!
//! Everybody who can reach the admin interface can do all of this: it has no password.
//!
//! `--listen 0.0.0.0:8080` is for containers, for which there is a `Containerfile`; `--url
//! http://sandbox:8080` is the name by which other containers reach it. A client must be configured
//! to allow plain `http` for that host.
//!
//! The private key is in a file that only its owner can read, and that is removed when the program
//! is interrupted. The client secret is printed on purpose: all credentials are made up at each
//! start and are valid only for this sandbox.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod api;
mod builder;
mod call;
mod checks;
mod client;
mod clock;
mod connection_handle;
mod counters;
mod description;
mod examples;
mod fault;
mod faults;
mod latch;
mod listener;
mod memory;
mod operations;
mod pages;
#[cfg(feature = "cli")]
pub mod program;
mod refusal;
mod replays;
mod request_body;
mod response_body;
mod running;
mod sandbox;
mod scripts;
mod server;
mod tokens;
mod transport;
mod webhooks;

pub use answer::{Answer, Answers};
pub use builder::SandboxBuilder;
pub use checks::{
    body_violations, description_json, event_example, event_types, parameter_violations,
};
pub use client::Client;
pub use counters::Counters;
pub use fault::Fault;
pub use latch::Latch;
pub use response_body::ResponseBody;
pub use sandbox::Sandbox;
pub use transport::InProcessTransport;
pub use webhooks::DeliveryFault;

/// The examples of the front page of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
