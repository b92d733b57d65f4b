//! `upvest profiles` and `use`.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Profile, Profiles};
use crate::failure::Failure;
use crate::output::{self, Style};

/// List the profiles; a star marks the one in use
#[derive(Args)]
pub(crate) struct ProfilesArguments {
    #[command(subcommand)]
    command: Option<ProfilesCommand>,
}

#[derive(Subcommand)]
enum ProfilesCommand {
    /// Remove a profile, and the secrets that `upvest init` kept for it in a file or in the keyring
    Remove {
        /// The name of the profile
        name: String,
    },
}

/// Use a profile from now on
#[derive(Args)]
pub(crate) struct UseArguments {
    /// The name of the profile
    name: String,
}

/// Does what was asked for.
pub(crate) fn profiles(arguments: ProfilesArguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        None => list()?,
        Some(ProfilesCommand::Remove { name }) => remove(&name)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list() -> Result<(), Failure> {
    let profiles = Profiles::read()?;
    let is_local = profiles.used.as_deref() == Some(super::LOCAL);
    if is_local && !profiles.profiles.contains_key(super::LOCAL) {
        output::line("* local         the sandbox of this machine")?;
    } else if profiles.profiles.is_empty() {
        output::note(&format!(
            "`{}` has no profile yet; `upvest init` makes one",
            profiles.path().display()
        ));
    }
    let style = Style::of_stdout();
    for (name, profile) in &profiles.profiles {
        let is_used = profiles.used.as_ref() == Some(name);
        let place = profile.environment.as_ref().or(profile.base_url.as_ref());
        let text = |value: Option<&String>| value.map_or("-", String::as_str).to_owned();
        let star = if is_used { "*" } else { " " };
        output::line(&format!(
            "{star} {}  {}  client {}  key {}",
            style.bold(&format!("{name:<12}")),
            text(place),
            text(profile.client_id.as_ref()),
            text(profile.key_id.as_ref())
        ))?;
    }
    Ok(())
}

/// Removes a profile. Its secrets go first: if one of them cannot go, the profile still says where it is.
fn remove(name: &str) -> Result<(), Failure> {
    let mut profiles = Profiles::read()?;
    let Some(profile) = profiles.profiles.remove(name) else {
        let failure = Failure::configuration(format!("there is no profile {name:?}"));
        return Err(failure.help("`upvest profiles` lists them"));
    };
    remove_secrets(name, &profile, &profiles.directory())?;
    profiles.used.take_if(|used| used == name);
    profiles.write()
}

/// Removes what `upvest init` wrote. Files that it only named stay.
fn remove_secrets(name: &str, profile: &Profile, directory: &Path) -> Result<(), Failure> {
    for secret in [&profile.client_secret, &profile.passphrase] {
        secret.as_ref().map_or(Ok(()), |secret| secret.remove())?;
    }
    let written = directory.join(format!("{name}.secret"));
    let kept = profile.client_secret_file.as_ref();
    if kept.is_some_and(|path| directory.join(path) == written) && written.exists() {
        std::fs::remove_file(&written).map_err(|error| Failure::file("remove", &written, error))?;
    }
    Ok(())
}

/// Makes a profile the one in use.
pub(crate) fn select(arguments: UseArguments) -> Result<ExitCode, Failure> {
    let mut profiles = Profiles::read()?;
    let name = arguments.name;
    if !profiles.profiles.contains_key(&name) && name != super::LOCAL {
        let failure = Failure::configuration(format!("there is no profile {name:?}"));
        return Err(failure.help(format!("make it with `upvest init {name}`")));
    }
    profiles.used = Some(name);
    profiles.write()?;
    Ok(ExitCode::SUCCESS)
}
