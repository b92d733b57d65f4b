//! Who calls which API: profiles in a file, and environment variables, which win.

mod commands;
mod file;
mod keyring;
mod local;
mod settings;
pub(crate) mod whoami;

pub(crate) use commands::{InitArguments, ProfilesArguments, UseArguments, init, list, select};
pub(crate) use file::{Existing, Profile, Profiles, write_private};
pub(crate) use local::{Admin, NAME as LOCAL};
pub(crate) use settings::{Settings, secret};
