//! Sessions in which the user is logged in.

use std::sync::{Mutex, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use upvest_auth_signing::SignerError;
use zeroize::Zeroizing;

use crate::{BoxError, Secret};

/// How the user logs in.
pub(super) struct Login {
    pin: Option<Secret>,
    /// The PIN that the token refused last. It is not tried again, as tokens lock after a few.
    refused: Mutex<Option<Zeroizing<String>>>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum LoginError {
    #[error("the token does not open a session")]
    Session(#[source] Error),
    #[error("cannot read the PIN of the token")]
    NoPin(#[source] BoxError),
    #[error("the token refuses the PIN, which is not tried again until it changes")]
    Refused(#[source] Error),
    #[error("the token refused this PIN before: it is not tried again until it changes")]
    RefusedBefore,
}

impl From<LoginError> for SignerError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Session(_) => Self::unavailable(error),
            error => Self::failed(error),
        }
    }
}

impl Login {
    pub(super) fn new(pin: Option<Secret>) -> Self {
        Self {
            pin,
            refused: Mutex::new(None),
        }
    }

    /// A new session in which the user is logged in.
    pub(super) fn session(&self, module: &Pkcs11, slot: Slot) -> Result<Session, LoginError> {
        let session = module.open_ro_session(slot).map_err(LoginError::Session)?;
        let Some(pin) = &self.pin else {
            return Ok(session);
        };
        let pin = pin.read().map_err(LoginError::NoPin)?;
        // Held, so that no two try the same wrong PIN.
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.as_ref() == Some(&pin) {
            return Err(LoginError::RefusedBefore);
        }
        match session.login(UserType::User, Some(&AuthPin::from(pin.as_str()))) {
            // All sessions of a process share one login.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                *refused = None;
                Ok(session)
            }
            Err(error @ Error::Pkcs11(RvError::PinIncorrect | RvError::PinLocked, _)) => {
                *refused = Some(pin);
                Err(LoginError::Refused(error))
            }
            Err(error) => Err(LoginError::Session(error)),
        }
    }
}
