//! What an error says about signing.

use std::error::Error as _;

use upvest_auth_signing::{SignError, SignerError};

use crate::Error;

impl Error {
    /// Whether a remote signer gave no signature for the call or for its token request, so that
    /// the request was not sent.
    pub fn is_signer(&self) -> bool {
        self.signer().is_some()
    }

    /// Why a remote signer gave no signature, and the name of that signer.
    pub fn signer(&self) -> Option<&SignerError> {
        let mut cause = self.source();
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<SignError>() {
                return error.signer();
            }
            cause = error.source();
        }
        None
    }
}
