//! How much of the signature headers is read.

/// How much of `signature-input` and `signature` a [`Verifier`](crate::Verifier) reads before it
/// knows anything about the sender. A request that exceeds a limit is refused.
///
/// The defaults leave several times the room that the API's own signatures need.
///
/// ```
/// use upvest_auth_signing::Limits;
///
/// let mut limits = Limits::default();
/// limits.signatures = 1;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes in each of the two headers, all lines together: 8192.
    pub header_bytes: usize,
    /// The most signatures (labels) in each of the two headers: 8.
    pub signatures: usize,
    /// The most components that one signature covers: 64.
    pub components: usize,
    /// The most parameters of one signature, or of one component: 16.
    pub parameters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 8192,
            signatures: 8,
            components: 64,
            parameters: 16,
        }
    }
}
