//! A token: its sessions, and the login that they share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use sha2::{Digest, Sha512};
use upvest_auth_signing::{KeyAlgorithm, SignerError, VerifyingKey};

use super::key::{Select, algorithm};
use super::login::Login;
use super::options::Pkcs11Options;
use crate::OpenError;

pub(super) struct Token {
    module: Pkcs11,
    slot: Slot,
    select: Select,
    login: Login,
    name: String,
    algorithm: KeyAlgorithm,
    public: Option<VerifyingKey>,
    /// Whether the token digests by itself.
    digests: bool,
    /// Sessions that are not in use, and the handle of the key in each of them.
    idle: Mutex<Vec<Open>>,
}

struct Open {
    session: Session,
    key: ObjectHandle,
}

impl Token {
    pub(super) fn open(options: &Pkcs11Options) -> Result<Self, OpenError> {
        let module = load(options)?;
        let slot = find_slot(&module, options)?;
        let select = options.select.clone();
        let login = Login::new(options.pin.clone());
        let session = login
            .session(&module, slot)
            .map_err(|error| OpenError::because("cannot log in to the token", error))?;
        let key = select.private(&session)?;
        let algorithm = algorithm(&session, key, &select.name())?;
        let public = select.public(&session, algorithm)?;
        let mechanisms = module
            .get_mechanism_list(slot)
            .map_err(|error| OpenError::because("the token does not list its mechanisms", error))?;
        let token = match &options.token_label {
            Some(label) => format!("token `{}`", label.escape_debug()),
            None => "token".to_owned(),
        };
        Ok(Self {
            name: format!("PKCS#11 {token}, {}", select.name()),
            module,
            slot,
            select,
            login,
            algorithm,
            public,
            digests: mechanisms.contains(&MechanismType::ECDSA_SHA512),
            idle: Mutex::new(vec![Open { session, key }]),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    pub(super) fn public(&self) -> Option<&VerifyingKey> {
        self.public.as_ref()
    }

    /// `r` and `s`, or the bytes of Ed25519.
    pub(super) fn sign(&self, base: &[u8]) -> Result<Vec<u8>, SignerError> {
        let idle = self.idle().pop();
        let open = match idle {
            Some(open) => open,
            None => self.open_session()?,
        };
        let error = match self.sign_in(&open, base) {
            Ok(signature) => {
                self.idle().push(open);
                return Ok(signature);
            }
            Err(error) => error,
        };
        drop(open);
        if !is_session_gone(&error) {
            return Err(failure(error));
        }
        // The other sessions are gone with it, and a login lasts as long as any session.
        let gone = std::mem::take(&mut *self.idle());
        drop(gone);
        let open = self.open_session()?;
        let signature = self.sign_in(&open, base).map_err(failure)?;
        self.idle().push(open);
        Ok(signature)
    }

    fn sign_in(&self, open: &Open, base: &[u8]) -> Result<Vec<u8>, Error> {
        let Open { session, key } = open;
        match self.algorithm {
            KeyAlgorithm::EcdsaP521Sha512 if self.digests => {
                session.sign(&Mechanism::EcdsaSha512, *key, base)
            }
            KeyAlgorithm::EcdsaP521Sha512 => {
                session.sign(&Mechanism::Ecdsa, *key, &Sha512::digest(base))
            }
            _ => {
                let params = EddsaParams::new(EddsaSignatureScheme::Ed25519);
                session.sign(&Mechanism::Eddsa(params), *key, base)
            }
        }
    }

    fn open_session(&self) -> Result<Open, SignerError> {
        let session = self.login.session(&self.module, self.slot)?;
        let key = self.select.private(&session).map_err(SignerError::failed)?;
        Ok(Open { session, key })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Loads and initialises the module. Another user of it in this process may have done so already.
fn load(options: &Pkcs11Options) -> Result<Pkcs11, OpenError> {
    let path = options.module.display();
    let module = Pkcs11::new(&options.module)
        .map_err(|error| OpenError::because(format!("{path} cannot be loaded"), error))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(error) => Err(OpenError::because(
            format!("{path} cannot be initialised"),
            error,
        )),
    }
}

fn find_slot(module: &Pkcs11, options: &Pkcs11Options) -> Result<Slot, OpenError> {
    let no_slots = |error| OpenError::because("the module does not list its tokens", error);
    let mut found = Vec::new();
    let mut labels = Vec::new();
    for slot in module.get_slots_with_token().map_err(no_slots)? {
        let info = module.get_token_info(slot).map_err(no_slots)?;
        let has_label = options
            .token_label
            .as_ref()
            .is_none_or(|l| info.label() == l);
        if has_label && options.slot.is_none_or(|id| slot.id() == id) {
            found.push(slot);
        }
        labels.push(format!("`{}`", info.label().escape_debug()));
    }
    match found[..] {
        [slot] => Ok(slot),
        [] if labels.is_empty() => Err(OpenError::new("the module has no token")),
        [] => Err(OpenError::new(format!(
            "the module has no such token, but {}",
            labels.join(", ")
        ))),
        _ => Err(OpenError::new(format!(
            "{} tokens match: give a label or a slot. The module has {}",
            found.len(),
            labels.join(", ")
        ))),
    }
}

/// Whether a new session and login may help.
fn is_session_gone(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::DeviceRemoved
                | RvError::TokenNotPresent,
            _
        )
    )
}

fn failure(error: Error) -> SignerError {
    match error {
        Error::Pkcs11(
            RvError::DeviceError
            | RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::SessionCount
            | RvError::FunctionFailed
            | RvError::GeneralError,
            _,
        ) => SignerError::unavailable(error),
        error => SignerError::failed(error),
    }
}
