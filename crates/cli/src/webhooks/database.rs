//! Where events are stored.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::profile::Profiles;

/// The file of the database with the events, beside the profiles unless set otherwise.
pub(super) fn database(path: Option<PathBuf>) -> Result<PathBuf, Failure> {
    match path {
        Some(path) => Ok(path),
        None => Ok(Profiles::read()?.directory().join("webhooks.db")),
    }
}
