//! `upvest keys`: private keys and their public halves.

mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use upvest::variables::PRIVATE_KEY_PASSPHRASE;
use upvest_auth_signing::{KeyAlgorithm, KeyError, SigningKey, VerifyingKey, digest};
use zeroize::Zeroizing;

use crate::failure::{Failure, with_sources};
use crate::output::{self, Style};
use crate::profile::{Existing, write_private};
use crate::prompt;
use file::Key;

/// Make, look at and convert keys that sign requests
///
/// Passphrases are never arguments: they are in UPVEST_PRIVATE_KEY_PASSPHRASE, in a file, or typed.
#[derive(Args)]
pub(crate) struct KeysArguments {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make a new private key, and print the public half that is to be registered with Upvest
    Generate {
        /// The file to write the private key to, which must not exist
        #[arg(value_name = "PATH")]
        path: PathBuf,
        /// The algorithm
        #[arg(long, value_enum, default_value_t = Algorithm::P521)]
        algorithm: Algorithm,
        #[command(flatten)]
        protection: Protection,
    },
    /// Show what a file holds, and print the public half of its key
    Show(KeyFile),
    /// Print the public half of a key, as Upvest registers it
    Public {
        #[command(flatten)]
        key: KeyFile,
        /// As a JSON Web Key (RFC 7517) in place of PEM
        #[arg(long)]
        jwk: bool,
        /// The id of the key, for the JSON Web Key
        #[arg(long, value_name = "ID", requires = "jwk")]
        key_id: Option<String>,
    },
    /// Check whether a file has a private key that can sign requests, and if not, say why
    Check(KeyFile),
    /// Write a private key in another form: PKCS#8 in PEM, encrypted unless set otherwise
    Convert {
        #[command(flatten)]
        key: KeyFile,
        /// The file to write to, which must not exist
        #[arg(long, value_name = "PATH")]
        to: PathBuf,
        /// Write it unencrypted, readable only by its owner
        #[arg(long)]
        no_passphrase: bool,
    },
}

#[derive(Args)]
struct KeyFile {
    /// The file with the key: PEM, DER or a JSON Web Key
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The file with the passphrase
    #[arg(long, value_name = "PATH")]
    passphrase_file: Option<PathBuf>,
}

impl KeyFile {
    fn at(path: &Path, passphrase_file: Option<&Path>) -> Self {
        Self {
            path: path.to_owned(),
            passphrase_file: passphrase_file.map(Path::to_owned),
        }
    }
}

#[derive(Args)]
struct Protection {
    /// The file with the passphrase
    #[arg(long, value_name = "PATH")]
    passphrase_file: Option<PathBuf>,
    /// Write it unencrypted, readable only by its owner
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Algorithm {
    /// ECDSA on P-521 with SHA-512
    P521,
    /// Ed25519
    Ed25519,
}

/// Does what was asked for.
pub(crate) fn run(arguments: KeysArguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        KeysCommand::Generate {
            path,
            algorithm,
            protection,
        } => {
            let algorithm = match algorithm {
                Algorithm::P521 => KeyAlgorithm::EcdsaP521Sha512,
                Algorithm::Ed25519 => KeyAlgorithm::Ed25519,
            };
            check_absent(&path)?;
            let key = SigningKey::generate(algorithm)?;
            let passphrase = match protection.no_passphrase {
                true => None,
                false => Some(new_passphrase(protection.passphrase_file.as_deref())?),
            };
            write(&key, &path, passphrase.as_ref())?;
            output::note(&format!(
                "{} has the private key. Register this public key with Upvest:",
                path.display()
            ));
            output::print(key.verifying_key().to_pem().as_bytes())?;
        }
        KeysCommand::Show(key) => show(&key)?,
        KeysCommand::Public { key, jwk, key_id } => {
            let public = read(&key)?.public();
            let text = match jwk {
                true => format!("{}\n", public.to_jwk(key_id.as_deref())),
                false => public.to_pem(),
            };
            output::print(text.as_bytes())?;
        }
        KeysCommand::Check(key) => return check(&key),
        KeysCommand::Convert {
            key,
            to,
            no_passphrase,
        } => {
            check_absent(&to)?;
            let private = read(&key)?.private()?;
            let passphrase = match no_passphrase {
                true => None,
                false => Some(new_passphrase(key.passphrase_file.as_deref())?),
            };
            write(&private, &to, passphrase.as_ref())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(file: &KeyFile) -> Result<(), Failure> {
    let key = read(file)?;
    let public = key.public();
    let half = match &key {
        Key::Private(_) => "private key",
        Key::Public(_) => "public key",
    };
    output::line(&format!("{half}, {}", public.algorithm()))?;
    output::line(&format!(
        "fingerprint of the public half: {}",
        fingerprint(&public)
    ))?;
    output::print(public.to_pem().as_bytes())?;
    Ok(())
}

/// The SHA-256 of the public key in DER, in base64.
fn fingerprint(key: &VerifyingKey) -> String {
    digest(&key.to_der()).replacen("SHA-256=", "SHA256:", 1)
}

fn check(file: &KeyFile) -> Result<ExitCode, Failure> {
    let style = Style::of_stdout();
    let read = file::read(&file.path, || passphrase(file.passphrase_file.as_deref()));
    let key = match read.map(|key| key.and_then(Key::private_half)) {
        Ok(Ok(key)) => key,
        Ok(Err(error)) => {
            output::line(&format!(
                "{} {}",
                style.red("refused:"),
                with_sources(&error)
            ))?;
            if let Some(help) = help(&error) {
                output::line(&format!("  help: {help}"))?;
            }
            return Ok(ExitCode::FAILURE);
        }
        Err(failure) => return Err(failure),
    };
    let message = b"upvest keys check";
    let signature = key.sign(message)?;
    if key.verifying_key().verify(message, &signature).is_err() {
        output::line(&format!(
            "{} what it signs does not verify",
            style.red("refused:")
        ))?;
        return Ok(ExitCode::FAILURE);
    }
    output::line(&format!(
        "{} a private key, {}",
        style.green("good:"),
        key.algorithm()
    ))?;
    if let Some(mode) = file::mode_for_others(&file.path) {
        output::note(&format!(
            "note: its mode is {mode:o}, which lets others read it: `chmod 600 {}`",
            file.path.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What to do about a key that cannot be used.
fn help(error: &KeyError) -> Option<&'static str> {
    match error {
        KeyError::WrongCurve { .. } | KeyError::WrongAlgorithm { .. } => {
            Some("make one that the API accepts: `upvest keys generate key.pem`")
        }
        KeyError::PublicKey | KeyError::Certificate => {
            Some("name the file of the private key; Upvest gets the public half")
        }
        KeyError::PassphraseMissing
        | KeyError::PassphraseEmpty
        | KeyError::PassphraseWrong { .. } => {
            Some("set UPVEST_PRIVATE_KEY_PASSPHRASE, or use `--passphrase-file`")
        }
        KeyError::UnsupportedEncryption { .. } => {
            Some("`openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW`")
        }
        KeyError::LineBreaks => Some("copy the file again, with its line breaks"),
        _ => None,
    }
}

fn read(file: &KeyFile) -> Result<Key, Failure> {
    let read = file::read(&file.path, || passphrase(file.passphrase_file.as_deref()))?;
    read.map_err(|error| {
        let failure = Failure::configuration(format!(
            "cannot use the key in `{}`: {}",
            file.path.display(),
            with_sources(&error)
        ));
        match help(&error) {
            Some(help) => failure.help(help),
            None => failure,
        }
    })
}

/// The public half of the key in a file.
///
/// # Errors
///
/// When the file cannot be read, or has no usable key.
pub(crate) fn verifying_key(
    path: &Path,
    passphrase_file: Option<&Path>,
) -> Result<VerifyingKey, Failure> {
    Ok(read(&KeyFile::at(path, passphrase_file))?.public())
}

/// The private key in a file.
///
/// # Errors
///
/// When the file cannot be read, or has no usable private key.
pub(crate) fn signing_key(
    path: &Path,
    passphrase_file: Option<&Path>,
) -> Result<SigningKey, Failure> {
    read(&KeyFile::at(path, passphrase_file))?.private()
}

fn write(
    key: &SigningKey,
    path: &Path,
    passphrase: Option<&Zeroizing<String>>,
) -> Result<(), Failure> {
    match passphrase {
        Some(passphrase) => Ok(key.write_encrypted_pem_file(path, passphrase)?),
        None => write_private(path, key.to_pkcs8_pem().as_bytes(), Existing::Keep),
    }
}

/// Checked first, so that nobody types a passphrase for a file that cannot be written.
fn check_absent(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Ok(_) => {
            let message = format!("`{}` exists already, and was not changed", path.display());
            Err(Failure::usage(message).help("name another file"))
        }
        Err(_) => Ok(()),
    }
}

/// The passphrase of a key that is there: from a file, from the environment, or typed.
fn passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    if let Some(found) = told(file)? {
        return Ok(found);
    }
    prompt::secret("Passphrase: ")
}

/// A passphrase for a new file: as [`passphrase`], but what is typed is typed twice.
fn new_passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let passphrase = match told(file)? {
        Some(found) => found,
        None => {
            let first = prompt::secret("New passphrase: ")?;
            let second = prompt::secret("Once more: ")?;
            if *first != *second {
                return Err(Failure::usage("the passphrases differ"));
            }
            first
        }
    };
    match passphrase.is_empty() {
        true => Err(Failure::usage("the new passphrase is empty")
            .help("`--no-passphrase` writes the key unencrypted")),
        false => Ok(passphrase),
    }
}

fn told(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = file {
        return crate::profile::secret(path).map(Some);
    }
    let variable = std::env::var(PRIVATE_KEY_PASSPHRASE).ok();
    Ok(variable.filter(|text| !text.is_empty()).map(Zeroizing::new))
}
