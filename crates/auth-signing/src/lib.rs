//! Access tokens and HTTP message signatures for the Upvest Investment API.
//!
//! Every request to the API carries a signature over its method, path, query, selected header
//! fields and body, and nearly every one carries an access token. This crate makes and checks
//! both. It knows the [`http`] types and [`tower`], and no particular HTTP client.
//!
//! * Keys: [`SigningKey`] and [`VerifyingKey`], P-521 ECDSA or Ed25519, read from
//!   PEM, DER and [`Jwk`]s, and written encrypted.
//! * Remote keys: a [`RequestSigner`] signs with a key in an HSM, an agent or a key service, and
//!   a [`RemoteSigner`] limits its time and the number of its signatures. The crate
//!   `upvest-signers` has several.
//! * Signatures, versions 15 and 6 of the API: [`Signer`] and [`SignLayer`] make them, [`Verifier`]
//!   checks them strictly, as a server does. [`signature_base()`] is what gets signed, and
//!   [`explain()`] says where a request and its signature differ.
//! * Tokens: [`TokenLayer`] fetches them with [`ClientCredentials`] or from a [`TokenSource`],
//!   caches them per set of [`Scopes`] and puts them on requests.
//!
//! The token layer goes outside the sign layer. The sign layer is the last one before the
//! transport, since a change of a covered header after signing breaks the signature.
//!
//! ```
//! use bytes::Bytes;
//! use tower::ServiceBuilder;
//! use upvest_auth_signing::{
//!     ClientCredentials, KeyAlgorithm, SignLayer, Signer, SigningKey, TokenLayer,
//! };
//!
//! # fn main() -> Result<(), upvest_auth_signing::KeyError> {
//! # let transport = tower::service_fn(|_: http::Request<Bytes>| async {
//! #     Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Full::<Bytes>::default()))
//! # });
//! let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)?;
//! let signer = Signer::new(key, "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
//! let credentials = ClientCredentials::new("5ec16164-6173-461d-b90d-116d68f55b40", "secret");
//! let token_url = http::Uri::from_static("https://sandbox.upvest.co/auth/token");
//!
//! let service = ServiceBuilder::new()
//!     .layer(TokenLayer::new(credentials, token_url))
//!     .layer(SignLayer::new(signer))
//!     .service(transport);
//! # let _ = service;
//! # Ok(())
//! # }
//! ```
//!
//! # Observability
//!
//! [tracing](https://docs.rs/tracing) gets spans and events about tokens, at DEBUG and WARN, and a
//! span `sign` at DEBUG for each signature of a remote signer. With the feature `otel`, the
//! global meter provider, or the meter that a layer or signer is given, has these instruments:
//!
//! | instrument | unit | what it measures | attributes |
//! |---|---|---|---|
//! | `upvest.auth.token.duration` | s | how long attempts to get an access token took | `error.type` |
//! | `upvest.auth.signatures` | {signature} | how many requests were signed | `upvest.key.algorithm` |
//! | `upvest.auth.signer.duration` | s | how long signatures of a remote signer took, including the wait for their turn | `upvest.signer`, `error.type` |
//!
//! `error.type` is missing after success. It is `cancelled` when nobody waited for the end.
//!
//! # Features
//!
//! - `aws-lc`, on by default: aws-lc-rs computes signatures and digests. It is compiled from C.
//! - `pure-rust`: RustCrypto and ed25519-compact compute them, unless `aws-lc` is enabled as well.
//!   P-521 signatures take four times as long, and nobody has audited `p521` independently.
//! - `otel`: metrics.
//! - `testing`: a clock that tests can set.
//!
//! Without `aws-lc` and `pure-rust`, the crate does not compile.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
mod clock;
mod crypto;
mod digest;
pub mod header;
mod key;
mod metrics;
mod nonce;
mod remote;
mod scopes;
mod signature;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod unauthorized;

pub use algorithm::KeyAlgorithm;
pub use clock::{Clock, SystemClock};
pub use digest::{DigestError, content_digest, digest, verify_content_digest, verify_digest};
pub use key::{InvalidSignature, Jwk, KeyError, SigningKey, VerifyingKey};
pub use nonce::{MemoryNonceStore, NonceSource, NonceStore, NonceVerdict, RandomNonce};
pub use remote::{RemoteSigner, RequestSigner, Signature, SignatureFormError, SignerError};
pub use scopes::Scopes;
pub use signature::{
    ClaimedLine, ClockSkew, ComponentError, Difference, EcdsaEncoding, ExplainedLine, Explanation,
    KeyLookup, Limits, Message, RequestKey, Sign, SignError, SignFuture, SignLayer,
    SignatureVersion, Signer, Switch, Unverified, Verified, Verifier, VerifyError, explain,
    signature_base,
};
pub use token::{
    AccessToken, ClientCredentials, Executor, ExtraRequest, Jitter, RandomJitter, RequestBudget,
    Timer, TokenError, TokenLayer, TokenService, TokenSource, TokioExecutor, TokioTimer,
};
pub use upvest_http::{Excerpt, retry_after};

/// The examples of the front page of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
