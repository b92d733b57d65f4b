use std::time::Duration;

use http::HeaderName;

use super::SignatureVersion;
use super::base::ComponentError;
use crate::{DigestError, Excerpt, KeyAlgorithm};

/// Why a request was refused.
///
/// Its text shows values from the request as an [`Excerpt`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The header `upvest-signature-version` is missing or names a version that is not accepted.
    #[error(
        "upvest-signature-version is {}; expected {}",
        Excerpt::new(found.as_deref().unwrap_or("missing")),
        versions(accepted)
    )]
    Version {
        /// The value found.
        found: Option<String>,
        /// What the verifier accepts.
        accepted: Vec<SignatureVersion>,
    },
    /// `signature-input` or `signature` is missing.
    #[error("the header {name} is missing")]
    MissingHeader {
        /// The header.
        name: HeaderName,
    },
    /// `signature-input` is not a structured dictionary of lists of strings with parameters, or
    /// `signature` is not a structured dictionary of byte sequences.
    #[error("the header {name} is malformed: {reason}")]
    MalformedHeader {
        /// The header.
        name: HeaderName,
        /// What is wrong.
        reason: &'static str,
        /// The error of the parser, if there is one.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// `signature-input` or `signature` is longer than the limit.
    #[error("the header {name} has {length} bytes; at most {limit} are accepted")]
    HeaderTooLong {
        /// The header.
        name: HeaderName,
        /// Its length in bytes.
        length: usize,
        /// See [`Limits`](super::Limits).
        limit: usize,
    },
    /// `signature-input` or `signature` has more signatures, components or parameters than the
    /// limit.
    #[error("the header {name} has too many {what}; at most {limit} are accepted")]
    TooMany {
        /// The header.
        name: HeaderName,
        /// Signatures, components or parameters.
        what: &'static str,
        /// See [`Limits`](super::Limits).
        limit: usize,
    },
    /// `signature-input` or `signature` has two members with the same label.
    #[error("the header {name} has two signatures labelled `{label}`", label = Excerpt::new(label))]
    DuplicateLabel {
        /// The header.
        name: HeaderName,
        /// The label.
        label: String,
    },
    /// A signature or a component has the same parameter twice.
    #[error("the signature has the parameter `{name}` twice", name = Excerpt::new(name))]
    DuplicateParameter {
        /// The parameter.
        name: String,
    },
    /// `signature-input` or `signature` has no member with the label looked for.
    #[error("the header {name} has no signature labelled `{label}`")]
    MissingLabel {
        /// The header.
        name: HeaderName,
        /// The label.
        label: String,
    },
    /// A parameter of the signature is missing.
    #[error("the signature has no parameter `{name}`")]
    MissingParameter {
        /// The parameter.
        name: &'static str,
    },
    /// A parameter of the signature has the wrong type or is out of range.
    #[error("the parameter `{name}` of the signature is malformed; expected {expected}")]
    MalformedParameter {
        /// The parameter.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The parameter `alg` names another algorithm than that of the key. RFC 9421 has no name for
    /// P-521.
    #[error("the parameter `alg` is not the algorithm of the key, {key}")]
    AlgorithmMismatch {
        /// The algorithm of the key.
        key: KeyAlgorithm,
    },
    /// A component is covered twice.
    #[error("the component `{name}` is covered twice", name = Excerpt::new(name))]
    DuplicateComponent {
        /// The component.
        name: String,
    },
    /// A covered component is not known, or has parameters, which the API does not use.
    #[error("the signature covers an unknown component {name}", name = Excerpt::new(name))]
    UnknownComponent {
        /// The component as it stands in `signature-input`.
        name: String,
    },
    /// A component that must be covered is not covered.
    #[error("the signature does not cover the component `{name}`")]
    MissingComponent {
        /// The component.
        name: String,
    },
    /// A component is covered that the request does not have.
    #[error("the signature covers `{name}`, which the request does not have", name = Excerpt::new(name))]
    AbsentComponent {
        /// The component.
        name: String,
    },
    /// A covered component has a value with bytes other than visible ASCII and spaces.
    #[error("the value of `{name}` has bytes other than visible ASCII and spaces", name = Excerpt::new(name))]
    MalformedComponent {
        /// The component.
        name: String,
    },
    /// `expires` is not later than `created`.
    #[error("the signature is never valid: `expires` is not later than `created`")]
    ExpiresBeforeCreated,
    /// The signature is valid for longer than is accepted.
    #[error(
        "the signature is valid for {} s; at most {} s are accepted",
        lifetime.as_secs(),
        limit.as_secs()
    )]
    LifetimeTooLong {
        /// `expires` minus `created`.
        lifetime: Duration,
        /// The longest lifetime accepted.
        limit: Duration,
    },
    /// The signature was made in the future, beyond the skew allowed: one of the clocks is off.
    #[error("the signature was created {} s in the future", ahead.as_secs())]
    CreatedInFuture {
        /// How far ahead.
        ahead: Duration,
    },
    /// The signature is no longer valid, beyond the skew allowed.
    #[error("the signature expired {} s ago", ago.as_secs())]
    Expired {
        /// How long ago.
        ago: Duration,
    },
    /// No key is known by this `keyid`.
    #[error("no key is known with the keyid `{key_id}`", key_id = Excerpt::new(key_id))]
    UnknownKey {
        /// The `keyid`.
        key_id: String,
    },
    /// An ECDSA signature has an encoding that is not accepted.
    #[error("the signature, of {length} bytes, is not encoded as {expected}")]
    SignatureEncoding {
        /// The length of the signature in bytes.
        length: usize,
        /// What is accepted.
        expected: &'static str,
    },
    /// The signature was not made by this key over this request.
    #[error("the signature does not match the request and the key")]
    SignatureMismatch,
    /// `content-length` is not the length of the body.
    #[error("content-length is `{declared}`, but the body has {actual} bytes", declared = Excerpt::new(declared))]
    ContentLengthMismatch {
        /// The value of the header.
        declared: String,
        /// The length of the body in bytes.
        actual: usize,
    },
    /// `content-digest` is not the digest of the body.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The nonce was used before with this key: the request is a replay.
    #[error("the nonce `{nonce}` was used before", nonce = Excerpt::new(nonce))]
    NonceReplayed {
        /// The nonce.
        nonce: String,
    },
    /// The nonce cannot be remembered, so a replay could not be noticed.
    #[error("too many signatures at a time: no more nonces can be remembered")]
    NonceStoreFull,
}

impl From<ComponentError> for VerifyError {
    fn from(error: ComponentError) -> Self {
        match error {
            ComponentError::Unknown { name } => Self::UnknownComponent {
                name: format!("\"{name}\""),
            },
            ComponentError::Missing { name } => Self::AbsentComponent { name },
            ComponentError::NotAscii { name } => Self::MalformedComponent { name },
        }
    }
}

/// `15`, or `missing (version 6)`, or both.
fn versions(accepted: &[SignatureVersion]) -> String {
    let names: Vec<&str> = accepted
        .iter()
        .map(|version| version.header().unwrap_or("missing (version 6)"))
        .collect();
    names.join(" or ")
}
