//! HTTP message signatures: versions 15 and 6 of the API (drafts 15 and 6 of what became RFC 9421).

mod base;
mod coverage;
mod dictionary;
pub(crate) mod ecdsa;
mod explain;
mod fields;
mod input;
mod inspect;
mod key;
mod layer;
mod limits;
mod lookup;
mod message;
mod refusal;
mod rotation;
mod sign_error;
mod signer;
mod skew;
mod unverified;
mod validity;
mod verified;
mod verifier;
mod version;
#[cfg(test)]
pub(crate) mod wycheproof;

pub use base::{ComponentError, signature_base};
pub use ecdsa::EcdsaEncoding;
pub use explain::{ClaimedLine, Difference, ExplainedLine, Explanation, explain};
pub use key::RequestKey;
pub use layer::{Sign, SignFuture, SignLayer};
pub use limits::Limits;
pub use lookup::KeyLookup;
pub use message::Message;
pub use refusal::VerifyError;
pub use rotation::Switch;
pub use sign_error::SignError;
pub use signer::Signer;
pub use skew::ClockSkew;
pub use unverified::Unverified;
pub use verified::Verified;
pub use verifier::Verifier;
pub use version::SignatureVersion;

/// The label under which a signature stands in both headers.
const LABEL: &str = "sig1";
