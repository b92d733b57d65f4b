//! Who calls which API: profiles in a file, and environment variables, which take precedence.

mod commands;
mod file;
mod init;
mod keyring;
mod local;
mod settings;
pub(crate) mod whoami;

pub(crate) use commands::{ProfilesArguments, UseArguments, profiles, select};
pub(crate) use file::{Existing, Profile, Profiles, write_private};
pub(crate) use init::{InitArguments, init};
pub(crate) use local::{Admin, NAME as LOCAL};
pub(crate) use settings::{Settings, secret};
