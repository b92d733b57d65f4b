use super::ComponentError;
use crate::{KeyError, SignerError};

/// Why a request cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A covered component has a value that cannot be signed.
    #[error("cannot sign the request: {0}")]
    Component(ComponentError),
    /// The key id or the nonce is not visible ASCII.
    #[error(
        "cannot sign the request: the {what} has characters other than visible ASCII and spaces"
    )]
    NotAscii {
        /// Which of the two.
        what: &'static str,
    },
    /// The time of the clock, or the end of the lifetime, cannot be written as seconds since
    /// 1970.
    #[error(
        "cannot sign the request: the clock or the end of the lifetime is before 1970 or too far ahead"
    )]
    Time,
    /// The key failed to sign.
    #[error("cannot sign the request: {0}")]
    Key(KeyError),
    /// The remote signer gave no signature.
    #[error(transparent)]
    Signer(SignerError),
    /// The key is remote, so signing is asynchronous.
    #[error("cannot sign the request: its key is remote, so use `sign_async` instead of `sign`")]
    Elsewhere,
}

impl SignError {
    /// The error of a remote signer, if that is the reason.
    pub fn signer(&self) -> Option<&SignerError> {
        match self {
            Self::Signer(error) => Some(error),
            _ => None,
        }
    }

    /// Whether a remote signer is at fault.
    pub fn is_signer(&self) -> bool {
        self.signer().is_some()
    }
}

impl From<ComponentError> for SignError {
    fn from(error: ComponentError) -> Self {
        Self::Component(error)
    }
}

impl From<KeyError> for SignError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<SignerError> for SignError {
    fn from(error: SignerError) -> Self {
        Self::Signer(error)
    }
}
