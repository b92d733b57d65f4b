//! `upvest init`.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use upvest_http::Excerpt;
use zeroize::Zeroizing;

use super::keyring::InKeyring;
use super::{Existing, Profile, Profiles, write_private};
use crate::failure::{Failure, FailureKind};
use crate::output;
use crate::prompt;

/// Make a profile, or change one
///
/// On a terminal, the program asks for what is not given. The client secret is never an argument: it is typed, or
/// comes from a file or from standard input, and is kept in a file that only its owner can read, or in the
/// keyring of the system.
#[derive(Args)]
pub(crate) struct InitArguments {
    /// The name of the profile
    #[arg(default_value = "sandbox")]
    name: String,
    /// Where the API is: `sandbox` or `live`; the name of the profile if it is one of these
    #[arg(long, value_name = "NAME", conflicts_with = "base_url")]
    environment: Option<String>,
    /// Another address of the API
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The client id
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The file with the client secret, which is copied; `-` is standard input
    #[arg(long, value_name = "PATH")]
    client_secret_file: Option<PathBuf>,
    /// The id that Upvest gave to the public key
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,
    /// The file of the private key, which stays where it is
    #[arg(long, value_name = "PATH")]
    private_key_file: Option<PathBuf>,
    /// The file with the passphrase of the private key, which stays where it is
    #[arg(long, value_name = "PATH")]
    passphrase_file: Option<PathBuf>,
    /// Keep the client secret, and the passphrase if its file is named, in the keyring of the system. A file
    /// of the secret that `init` wrote is removed
    #[arg(long)]
    keyring: bool,
    /// A remote signer: `pkcs11:...`, `ssh-agent:...`, `vault:...`, `aws-kms:...`, `azure:...` or
    /// `google-kms:...`
    #[arg(long, value_name = "DESCRIPTION", conflicts_with = "private_key_file")]
    signer: Option<String>,
    /// The scopes that the client was granted, separated by spaces or commas
    #[arg(long)]
    scopes: Option<String>,
}

/// Makes a profile.
pub(crate) fn init(arguments: InitArguments) -> Result<ExitCode, Failure> {
    let mut profiles = Profiles::read()?;
    let name = arguments.name.clone();
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(
            Failure::usage(format!("{name:?} is not a valid name for a profile"))
                .help("use letters, digits, - and _"),
        );
    }
    let before = profiles.profiles.remove(&name).unwrap_or_default();
    let directory = profiles.directory();
    let profile = filled(arguments, before, &directory)?;
    profiles.profiles.insert(name.clone(), profile);
    profiles.used.get_or_insert_with(|| name.clone());
    profiles.write()?;
    output::note(&format!(
        "{} has the profile {name}",
        profiles.path().display()
    ));
    output::note("`upvest whoami` tries it");
    Ok(ExitCode::SUCCESS)
}

fn filled(
    given: InitArguments,
    mut profile: Profile,
    directory: &Path,
) -> Result<Profile, Failure> {
    let place = given.environment.or_else(|| {
        let is_place = matches!(given.name.as_str(), "sandbox" | "live");
        let is_open = profile.environment.is_none() && profile.base_url.is_none();
        (is_place && is_open && given.base_url.is_none()).then(|| given.name.clone())
    });
    if let Some(place) = place {
        place
            .parse::<upvest::Environment>()
            .map_err(Failure::usage)?;
        (profile.environment, profile.base_url) = (Some(place), None);
    } else if let Some(url) = given.base_url {
        check_address(&url)?;
        (profile.environment, profile.base_url) = (None, Some(url));
    }
    if profile.environment.is_none() && profile.base_url.is_none() {
        let url = asked("--base-url", "Address of the API: ")?;
        check_address(&url)?;
        profile.base_url = Some(url);
    }
    profile.client_id = given.client_id.or(profile.client_id);
    if profile.client_id.is_none() {
        profile.client_id = Some(asked("--client-id", "Client id: ")?);
    }
    let secret = given.client_secret_file.as_deref();
    keep_client_secret(&given.name, secret, given.keyring, &mut profile, directory)?;
    profile.key_id = given.key_id.or(profile.key_id);
    if profile.key_id.is_none() {
        profile.key_id = Some(asked("--key-id", "Key id: ")?);
    }
    if let Some(signer) = given.signer {
        (profile.signer, profile.private_key_file) = (Some(signer), None);
    } else if let Some(path) = given.private_key_file {
        (profile.signer, profile.private_key_file) = (None, Some(key_file(&path)?));
    }
    if profile.signer.is_none() && profile.private_key_file.is_none() {
        let path = asked("--private-key-file", "File of the private key: ")?;
        profile.private_key_file = Some(key_file(Path::new(&path))?);
    }
    if let Some(path) = given.passphrase_file {
        (profile.passphrase_file, profile.passphrase) = match given.keyring {
            true => {
                let kept = InKeyring::new(format!("{}.passphrase", given.name));
                kept.write(&super::secret(&path)?)?;
                (None, Some(kept))
            }
            false => {
                let file = absolute(&path)?;
                leave_keyring(profile.passphrase.take());
                (Some(file), None)
            }
        };
    }
    profile.scopes = given.scopes.or(profile.scopes);
    Ok(profile)
}

/// Puts the client secret of a profile where it is to be kept, unless it is there already.
fn keep_client_secret(
    name: &str,
    given: Option<&Path>,
    in_keyring: bool,
    profile: &mut Profile,
    directory: &Path,
) -> Result<(), Failure> {
    let is_kept = match in_keyring {
        true => profile.client_secret.is_some(),
        false => profile.client_secret.is_some() || profile.client_secret_file.is_some(),
    };
    if is_kept && given.is_none() {
        return Ok(());
    }
    let before = profile.client_secret_file.as_ref();
    let before = before.map(|path| directory.join(path));
    let secret = client_secret(given.or(before.as_deref()))?;
    let name = format!("{name}.secret");
    let file = directory.join(&name);
    if in_keyring {
        let kept = InKeyring::new(name);
        kept.write(&secret)?;
        (profile.client_secret_file, profile.client_secret) = (None, Some(kept));
        if before.as_ref() == Some(&file) {
            std::fs::remove_file(&file).map_err(|error| Failure::file("remove", &file, error))?;
        }
    } else {
        write_private(&file, secret.as_bytes(), Existing::Replace)?;
        profile.client_secret_file = Some(name.into());
        leave_keyring(profile.client_secret.take());
    }
    Ok(())
}

/// Takes a secret out of the keyring that is now kept in another place. A failure is shown: the profile
/// does without the keyring from now on.
fn leave_keyring(secret: Option<InKeyring>) {
    if let Some(Err(failure)) = secret.map(|secret| secret.remove()) {
        output::note(&format!("warning: {failure}; the secret is still there"));
    }
}

fn check_address(text: &str) -> Result<(), Failure> {
    let url = url::Url::parse(text).ok();
    match url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        true => Ok(()),
        false => Err(
            Failure::usage(format!("{} is not a valid address", Excerpt::new(text)))
                .help("write https://api.example.com"),
        ),
    }
}

/// The path of a key that is there, for whatever directory the program runs in.
fn key_file(path: &Path) -> Result<PathBuf, Failure> {
    let file = std::fs::File::open(path).and_then(|file| file.metadata());
    let file =
        file.map_err(|error| Failure::file("read", path, error).of(FailureKind::Configuration))?;
    match file.is_dir() {
        true => {
            let message = format!("`{}` is a directory, not a key", path.display());
            Err(Failure::configuration(message).help("name the file of the private key"))
        }
        false => absolute(path),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::file("find", path, error))
}

fn asked(option: &str, question: &str) -> Result<String, Failure> {
    let missing = || Failure::usage(format!("{option} is missing"));
    if !std::io::stdin().is_terminal() {
        return Err(missing());
    }
    output::progress(question);
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    match line.trim() {
        "" => Err(missing()),
        answer => Ok(answer.to_owned()),
    }
}

fn client_secret(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let secret = match file {
        Some(path) if path.as_os_str() == "-" => {
            let mut line = Zeroizing::new(String::new());
            std::io::stdin().lock().read_line(&mut line)?;
            Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned())
        }
        Some(path) => super::secret(path)?,
        None => match std::env::var(upvest::variables::CLIENT_SECRET) {
            Ok(secret) if !secret.is_empty() => Zeroizing::new(secret),
            _ => prompt::secret("Client secret: ").map_err(|failure| {
                failure.help("use `--client-secret-file PATH`, or `-` for standard input")
            })?,
        },
    };
    match secret.is_empty() {
        true => Err(Failure::usage("the client secret is empty")),
        false => Ok(secret),
    }
}

#[cfg(all(test, feature = "keyring"))]
mod tests {
    use super::*;

    #[test]
    fn a_secret_moves_into_the_keyring_and_out_of_it() {
        super::super::keyring::tests::in_memory();
        let directory = tempfile::tempdir().expect("a directory");
        let directory = directory.path();
        let file = directory.join("moved.secret");
        let mut profile = Profile::default();
        let mut keep = |given: Option<&Path>, in_keyring| {
            let kept = keep_client_secret("moved", given, in_keyring, &mut profile, directory);
            kept.expect("it is kept");
            profile.clone()
        };
        let typed = directory.join("typed");
        std::fs::write(&typed, "hush\n").expect("it can be written");
        let in_file = keep(Some(&typed), false);
        assert_eq!(in_file.client_secret_file, Some("moved.secret".into()));

        let in_keyring = keep(None, true);
        assert_eq!(in_keyring.client_secret_file, None);
        let kept = in_keyring.client_secret.as_ref().expect("it is there");
        assert_eq!(*kept.read().expect("it is there"), "hush");
        assert!(!file.exists(), "the file is gone");
        assert_eq!(keep(None, true), in_keyring, "it is there already");
        assert_eq!(keep(None, false), in_keyring, "it is there already");

        let in_file = keep(Some(&typed), false);
        assert_eq!((in_file.client_secret, file.exists()), (None, true));
        kept.read().expect_err("the keyring has it no more");
    }
}
