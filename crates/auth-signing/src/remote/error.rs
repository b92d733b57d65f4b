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
    kind: Kind,
}

enum Kind {
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
        Self::new(Kind::Unavailable(source.into()))
    }

    /// Makes the error of a signer that refuses to sign, or whose answer is not a signature.
    pub fn failed(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Failed(source.into()))
    }

    pub(super) fn timeout(limit: Duration) -> Self {
        Self::new(Kind::Timeout(limit))
    }

    pub(super) fn busy(limit: usize, timeout: Duration) -> Self {
        Self::new(Kind::Busy { limit, timeout })
    }

    pub(super) fn down(pause: Duration) -> Self {
        Self::new(Kind::Down { pause })
    }

    pub(super) fn wrong_algorithm(found: KeyAlgorithm) -> Self {
        Self::new(Kind::WrongAlgorithm { found })
    }

    pub(super) fn wrong_key() -> Self {
        Self::new(Kind::WrongKey)
    }

    fn new(kind: Kind) -> Self {
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
            Kind::Unavailable(_) | Kind::Timeout(_) | Kind::Busy { .. } | Kind::Down { .. } => true,
            Kind::Failed(_) | Kind::WrongAlgorithm { .. } | Kind::WrongKey => false,
        }
    }

    /// Whether the error suggests that the signer is down.
    pub(super) fn is_outage(&self) -> bool {
        matches!(self.kind, Kind::Unavailable(_) | Kind::Timeout(_))
    }

    /// The kind of error, in one word for spans.
    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Unavailable(_) => "unavailable",
            Kind::Failed(_) => "failed",
            Kind::Timeout(_) => "timeout",
            Kind::Busy { .. } => "busy",
            Kind::Down { .. } => "down",
            Kind::WrongAlgorithm { .. } => "wrong_algorithm",
            Kind::WrongKey => "wrong_key",
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
            Kind::Unavailable(_) => f.write_str("cannot be reached"),
            Kind::Failed(_) => f.write_str("gave no signature"),
            Kind::Timeout(limit) => write!(f, "took longer than {limit:?}"),
            Kind::Busy { limit, timeout } => write!(
                f,
                "has {limit} signatures in progress, and none was made within {timeout:?}"
            ),
            Kind::Down { pause } => write!(
                f,
                "failed several times in a row and is not asked again for up to {pause:?}"
            ),
            Kind::WrongAlgorithm { found } => {
                write!(f, "gave a signature of another algorithm: {found}")
            }
            Kind::WrongKey => f.write_str(
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
            Kind::Unavailable(source) | Kind::Failed(source) => Some(&**source),
            _ => None,
        }
    }
}
