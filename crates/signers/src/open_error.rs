use crate::BoxError;

/// Why a signer cannot be opened. Its text says what was found and what to do, names the key, and
/// shows no secret.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the signer: {what}")]
pub struct OpenError {
    what: String,
    source: Option<BoxError>,
}

#[allow(dead_code, reason = "which signers there are is up to the features")]
impl OpenError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn because(what: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self {
            what: what.into(),
            source: Some(source.into()),
        }
    }
}
