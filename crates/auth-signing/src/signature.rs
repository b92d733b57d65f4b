//! HTTP message signatures, version 15 of the API (draft 15 of what became RFC 9421).

mod base;
mod layer;
mod signer;
mod verifier;

pub use base::{ComponentError, signature_base};
pub use layer::{Sign, SignFuture, SignLayer};
pub use signer::{SignError, Signer};
pub use verifier::{KeyLookup, Verified, Verifier, VerifyError};

use sfv::KeyRef;

/// The value of `upvest-signature-version`.
const VERSION: &str = "15";

/// The label under which a signature stands in both headers.
const LABEL: &str = "sig1";

const KEY_ID: &KeyRef = sfv::key_ref("keyid");
const CREATED: &KeyRef = sfv::key_ref("created");
const EXPIRES: &KeyRef = sfv::key_ref("expires");
const NONCE: &KeyRef = sfv::key_ref("nonce");
const ALG: &KeyRef = sfv::key_ref("alg");
