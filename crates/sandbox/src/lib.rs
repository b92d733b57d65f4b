//! An in-process stand-in for the Upvest Investment API.
//!
//! It listens on loopback and checks what the API checks: message signatures, access tokens,
//! scopes, headers. Tests that talk to it need no account, no network and no mock of the
//! protocol.
//!
//! ```
//! use upvest_models::{CashBalance, decimal};
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
//! // What the client is to find:
//! let before = sandbox.balance(sandbox.account_group_id()).expect("it is there from the start");
//! sandbox.set_balance(CashBalance { balance: decimal::parse("12.50")?, ..before });
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
//! | operation | scope that the token must have |
//! |---|---|
//! | `POST /auth/token` | none: there is no token yet |
//! | `GET /auth/verify_keys` | `webhooks:read` or `webhooks:admin` |
//! | `GET /account_groups/{account_group_id}/payments/cash_balance` | `positions:read` |
//! | `GET /account_groups/{account_group_id}/payments/cash_balances` | `positions:read` |
//! | `GET /account_groups/{account_group_id}/payments/cash_balances/{currency}` | `positions:read` |
//! | `GET /webhooks`, `GET /webhooks/{webhook_id}` | `webhooks:read` or `webhooks:admin` |
//! | `POST /webhooks`, `PATCH` and `DELETE /webhooks/{webhook_id}` | `webhooks:admin` |
//! | `POST /webhooks/{webhook_id}/test` | `webhooks:admin` |
//!
//! A balance is served as it was set, digit for digit. No amount is computed from another, and
//! none is checked against another: the API promises no such relation either.
//!
//! # What it checks
//!
//! In this order; the first failure is the answer:
//!
//! 1. The path is known (404), and the method is the one for it (405).
//! 2. `upvest-signature-version` is 15 (401).
//! 3. The signature is right (401): made by the client's key over this request, not expired nor
//!    from the future, its nonce not used before, and the digest that of the body as received.
//!    It must cover `@method`, `@path`, `@query` if there is a query, `accept`,
//!    `upvest-client-id`, `authorization` if there is one, and `content-type`, `content-length`
//!    and `content-digest` if there is a body.
//! 4. `upvest-client-id` is the client's (401).
//! 5. The access token was issued here and is neither expired nor revoked (401), and has one of
//!    the scopes of the operation (403).
//! 6. `accept` is `application/json` or `*/*` (406).
//! 7. `upvest-api-version`, if given, is 1 (400).
//! 8. What the operation itself demands: a complete form with `client_credentials` (400), the
//!    right secret and no scope that the client lacks (401), an account group or a webhook
//!    subscription that exists (404), a subscription as described (400).
//!
//! Every response has an `upvest-request-id`. Every failure is `application/problem+json` with
//! the same id.
//!
//! # Webhooks
//!
//! A balance that is [set](Sandbox::set_balance) is an event, `CASH_BALANCE.UPDATED`, for every
//! subscription that is enabled and for it; [`Sandbox::publish`] is for events of any other kind.
//! They are delivered as the API does it:
//!
//! * a `POST` of `{"payload": [...]}`, signed by version 6 with the key that `GET /auth/verify_keys`
//!   publishes;
//! * as many events as there are in one delivery, oldest first, up to `config.max_package_size`
//!   bytes. One that is larger goes by itself;
//! * 200 takes the delivery. After anything else the whole of it is repeated, in growing
//!   [intervals](SandboxBuilder::webhook_pauses) and without end. Meanwhile nothing else is sent to
//!   the subscription, and its events queue up, without limit;
//! * no redirect is followed.
//!
//! The URL of a subscription has to be one of the loopback interface with plain `http`: the sandbox
//! stays there, and speaks no TLS. The API takes nothing but `https` and names.
//!
//! [`Sandbox::deliveries_done`] waits until everything has been taken, and
//! [`rotate_webhook_key`](Sandbox::rotate_webhook_key) changes the key.
//!
//! ```
//! use std::time::Duration;
//! use upvest_models::{CashBalance, decimal};
//! use upvest_sandbox::{DeliveryFault, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // What is refused comes again at once, not after a second, two, three, five ...
//! let sandbox = Sandbox::builder().webhook_pauses(|_| Duration::ZERO).start().await?;
//! // ... the receiver under test is started, subscribed and enabled ...
//! sandbox.fail_delivery(DeliveryFault::duplicated());
//! let before = sandbox.balance(sandbox.account_group_id()).expect("it is there from the start");
//! sandbox.set_balance(CashBalance { balance: decimal::parse("12.50")?, ..before });
//! sandbox.deliveries_done().await;
//! assert!(sandbox.counters().deliveries_refused.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # What can go wrong
//!
//! Everything that goes wrong with a real API, by script, so that a test knows when:
//!
//! * [`Sandbox::fail`] queues [`Fault`]s: errors of all kinds, pages of a proxy, bodies that break
//!   off, trickle or stall, connections that are reset or closed, answers that wait at a [`Gate`]
//!   until the test opens it;
//! * [`Sandbox::fail_delivery`] queues [`DeliveryFault`]s: deliveries of webhooks that come twice,
//!   late, after the next one, changed on the way, or with a signature that is wrong;
//! * [`revoke_tokens`](Sandbox::revoke_tokens), [`set_token_lifetime`](Sandbox::set_token_lifetime)
//!   and [`grant_only`](Sandbox::grant_only) are for tokens that are good for less than expected;
//! * [`set_clock_offset`](Sandbox::set_clock_offset) is for clocks that disagree.
//!
//! Afterwards the [`Counters`] tell what came in: how many requests, attempts, connections, how many
//! at a time; and how deliveries were answered. But for the intervals between deliveries, which can
//! be set, nothing waits for time to pass, and no test has to.
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
//! It follows what Upvest publishes. Not published, and chosen here:
//!
//! * the order of the checks, and that 404 for an unknown path and 405 need no signature;
//! * the limits for signatures: 60 seconds of lifetime, 5 seconds of clock skew, nonces
//!   remembered until the signature has expired;
//! * that `accept` and `upvest-client-id` must be covered. Not all of Upvest's own examples cover
//!   the client id when they ask for a token;
//! * that `accept` must be a single media type, and whatever else of a form or header is refused;
//! * titles and details of problems. That of a wrong signature begins with "Signature is
//!   incorrect", as the API's does; the reason that follows is an addition of this sandbox;
//! * the lifetime of tokens, 1799 seconds unless [set](SandboxBuilder::token_lifetime). The API
//!   has been seen to use it, its description says 86400. Read `expires_in`;
//! * of subscriptions: that they start disabled, which the published examples suggest, for `ALL`
//!   with the `config` of these examples. That types which the description does not have are
//!   refused. That a `PATCH` of one half of `config` leaves the other one alone;
//! * of a subscription that is disabled: what happens meanwhile is not delivered later, and what has
//!   not been taken when it is disabled never is. A test event comes nevertheless. It tells of the
//!   balance of the [demo account group](Sandbox::account_group_id), whatever the types;
//! * of events: times in microseconds, no two the same, so that the latest can be told. An event has
//!   the same id in all subscriptions;
//! * of deliveries: what their signatures cover, that these are valid for 60 seconds, that each
//!   attempt is signed anew unless [told otherwise](SandboxBuilder::sign_deliveries_once), and how
//!   long an [answer is waited for](SandboxBuilder::webhook_timeout). Nothing waits for others to
//!   come along: `config.delay` is kept and has no effect. No subscription is removed because its
//!   deliveries fail.
//!
//! Requests that are signed by version 6, which the API still accepts from early adopters, are
//! refused. There is no rate limit but the 429 that a [`Fault`] plays. The types of the problems
//! that go with 502 and 503 are made up of the names of these statuses.
//!
//! # The program
//!
//! `upvest-sandbox` (feature `cli`, on by default) runs the same as a process of its own and
//! prints the environment variables that make a client talk to it:
//!
//! ```sh
//! upvest-sandbox > sandbox.env &
//! . ./sandbox.env
//! ```
//!
//! `--fail 503:3@/auth/token` lets things go wrong there too; `--help` tells how.
//!
//! The private key is in a file that nobody else can read, and that goes away when the program
//! is interrupted. The client secret is printed, which is what the program is for: all
//! credentials are made up at each start and worth nothing elsewhere.

#![forbid(unsafe_code)]

mod answer;
mod api;
mod builder;
mod call;
mod client;
mod clock;
mod counters;
mod description;
mod examples;
mod fault;
mod faults;
mod gate;
mod line;
mod memory;
mod operations;
mod pages;
mod refusal;
mod replays;
mod sandbox;
mod scripts;
mod server;
mod tokens;
mod webhooks;

pub use answer::{Answer, Answers};
pub use builder::SandboxBuilder;
pub use client::Client;
pub use counters::Counters;
pub use fault::Fault;
pub use gate::Gate;
pub use sandbox::Sandbox;
pub use webhooks::DeliveryFault;
