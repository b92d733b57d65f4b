use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::BoxError;

use crate::KeyAlgorithm;

/// Why a remote signer gave no usable signature. The request was not sent.
///
/// `Display` is one line that names the signer. What the signer itself said is the source.
pub struct SignerError {
    signer: Option<Arc<str>>,
    kind: SignerErrorKind,
}

enum SignerErrorKind {
    Unavailable(BoxError),
    Failed(BoxError),
    Timeout(Duration),
    Busy { limit: usize, timeout: Duration },
    Down { pause: Duration },
    WrongAlgorithm { found: KeyAlgorithm },
    WrongKey,
}

impl SignerError {
    /// Makes the error of a signer that cannot be reached or is too busy. After several of these in
    /// a row, [`RemoteSigner`](crate::RemoteSigner) does not ask the signer for a while.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self::new(SignerErrorKind::Unavailable(source.into()))
    }

    /// Makes the error of a signer that refuses to sign, or whose answer is not a signature.
    pub fn failed(source: impl Into<BoxError>) -> Self {
        Self::new(SignerErrorKind::Failed(source.into()))
    }

    pub(super) fn timeout(limit: Duration) -> Self {
        Self::new(SignerErrorKind::Timeout(limit))
    }

    pub(super) fn busy(limit: usize, timeout: Duration) -> Self {
        Self::new(SignerErrorKind::Busy { limit, timeout })
    }

    pub(super) fn down(pause: Duration) -> Self {
        Self::new(SignerErrorKind::Down { pause })
    }

    pub(super) fn wrong_algorithm(found: KeyAlgorithm) -> Self {
        Self::new(SignerErrorKind::WrongAlgorithm { found })
    }

    pub(super) fn wrong_key() -> Self {
        Self::new(SignerErrorKind::WrongKey)
    }

    fn new(kind: SignerErrorKind) -> Self {
        Self { signer: None, kind }
    }

    pub(super) fn of(mut self, signer: &str) -> Self {
        self.signer = Some(signer.into());
        self
    }

    /// The name of the signer.
    pub fn signer(&self) -> Option<&str> {
        self.signer.as_deref()
    }

    /// Whether the failure may pass: the signer could not be reached, took too long or was too
    /// busy, or it is not asked for a while after such failures.
    pub fn is_unavailable(&self) -> bool {
        match self.kind {
            SignerErrorKind::Unavailable(_)
            | SignerErrorKind::Timeout(_)
            | SignerErrorKind::Busy { .. }
            | SignerErrorKind::Down { .. } => true,
            SignerErrorKind::Failed(_)
            | SignerErrorKind::WrongAlgorithm { .. }
            | SignerErrorKind::WrongKey => false,
        }
    }

    /// Whether the error suggests that the signer is down.
    pub(super) fn is_outage(&self) -> bool {
        matches!(
            self.kind,
            SignerErrorKind::Unavailable(_) | SignerErrorKind::Timeout(_)
        )
    }

    /// The kind of error, in one word for spans.
    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            SignerErrorKind::Unavailable(_) => "unavailable",
            SignerErrorKind::Failed(_) => "failed",
            SignerErrorKind::Timeout(_) => "timeout",
            SignerErrorKind::Busy { .. } => "busy",
            SignerErrorKind::Down { .. } => "down",
            SignerErrorKind::WrongAlgorithm { .. } => "wrong_algorithm",
            SignerErrorKind::WrongKey => "wrong_key",
        }
    }
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.signer {
            Some(signer) => write!(f, "the signer ({signer}) ")?,
            None => f.write_str("the signer ")?,
        }
        match &self.kind {
            SignerErrorKind::Unavailable(_) => f.write_str("cannot be reached"),
            SignerErrorKind::Failed(_) => f.write_str("gave no signature"),
            SignerErrorKind::Timeout(limit) => write!(f, "took longer than {limit:?}"),
            SignerErrorKind::Busy { limit, timeout } => write!(
                f,
                "has {limit} signatures in progress, and none was made within {timeout:?}"
            ),
            SignerErrorKind::Down { pause } => write!(
                f,
                "failed several times in a row and is not asked again for up to {pause:?}"
            ),
            SignerErrorKind::WrongAlgorithm { found } => {
                write!(f, "gave a signature of another algorithm: {found}")
            }
            SignerErrorKind::WrongKey => f.write_str(
                "gave a signature that its public key does not verify: does the \
                 signer now use another key or algorithm?",
            ),
        }
    }
}

impl fmt::Debug for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerError({self})")
    }
}

impl Error for SignerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            SignerErrorKind::Unavailable(source) | SignerErrorKind::Failed(source) => {
                Some(&**source)
            }
            _ => None,
        }
    }
}
