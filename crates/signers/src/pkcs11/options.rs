use std::path::PathBuf;

use tokio::sync::Semaphore;

use super::key::Select;
use crate::Secret;

/// A token, one of its keys, and the settings to open them.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `open`"]
pub struct Pkcs11Options {
    pub(super) module: PathBuf,
    pub(super) slot: Option<u64>,
    pub(super) token_label: Option<String>,
    pub(super) select: Select,
    pub(super) pin: Option<Secret>,
    pub(super) sessions: usize,
}

impl Pkcs11Options {
    pub(super) fn new(module: PathBuf) -> Self {
        Self {
            module,
            slot: None,
            token_label: None,
            select: Select::default(),
            pin: None,
            sessions: 8,
        }
    }

    /// Uses the token with this label.
    pub fn token_label(mut self, label: impl Into<String>) -> Self {
        self.token_label = Some(label.into());
        self
    }

    /// Uses the token in the slot with this id. Slot ids may change when the machine restarts;
    /// labels do not.
    pub fn slot(mut self, id: u64) -> Self {
        self.slot = Some(id);
        self
    }

    /// Uses the key with this label (`CKA_LABEL`).
    pub fn key_label(mut self, label: impl Into<String>) -> Self {
        self.select.label = Some(label.into());
        self
    }

    /// Uses the key with this id (`CKA_ID`).
    pub fn key_id(mut self, id: impl Into<Vec<u8>>) -> Self {
        self.select.id = Some(id.into());
        self
    }

    /// The PIN of the user. Without it, the signer does not log in.
    pub fn pin(mut self, pin: Secret) -> Self {
        self.pin = Some(pin);
        self
    }

    /// How many sessions are open at most. Each signs one request at a time. 8 unless set; 0 counts
    /// as 1.
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions.clamp(1, Semaphore::MAX_PERMITS);
        self
    }
}
