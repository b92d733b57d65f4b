//! Signers, opened from a description in one line of text.

use upvest_auth_signing::RemoteSigner;

use crate::OpenError;

const VARIABLE: &str = "UPVEST_SIGNER";

/// All kinds of signers, whether or not this build has them.
const KINDS: [&str; 6] = [
    "pkcs11",
    "ssh-agent",
    "vault",
    "aws-kms",
    "azure",
    "google-kms",
];

/// Opens the signer that the environment variable `UPVEST_SIGNER` describes, in the format of
/// [`open`]. Returns `None` when the variable is empty or not set.
///
/// # Errors
///
/// The errors of [`open`].
pub async fn from_env() -> Result<Option<RemoteSigner>, OpenError> {
    match std::env::var(VARIABLE) {
        Ok(description) if !description.is_empty() => open(&description).await.map(Some),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(OpenError::because(VARIABLE, error)),
    }
}

/// Opens the signer that a line of text describes. Do not put secrets into that text.
///
/// | text | signer |
/// |---|---|
/// | `pkcs11:token=T;object=LABEL?module-path=FILE&pin-source=FILE` | a PKCS#11 URI (RFC 7512) with `token`, `slot-id`, `object`, `id`, `module-path` and `pin-source`, a file; the PIN is in `UPVEST_SIGNER_PIN` without one |
/// | `ssh-agent:COMMENT` or `ssh-agent:SHA256:...` | a key of the agent at `SSH_AUTH_SOCK` |
/// | `vault:https://HOST:8200/MOUNT/KEY` | a Transit key, with `VAULT_TOKEN` and, if set, `VAULT_NAMESPACE` |
/// | `aws-kms:ARN` or `aws-kms:KEY` | a key of KMS, with the credentials of the environment; without an ARN the region is in `AWS_REGION` |
/// | `azure:https://VAULT.vault.azure.net/keys/NAME` | a key of a vault, with the managed identity of this machine, or the token in `UPVEST_SIGNER_TOKEN` |
/// | `google-kms:projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V` | a key of Google's, with the service account of this machine, or the token in `UPVEST_SIGNER_TOKEN` |
///
/// # Errors
///
/// When the text has another form, when the feature of its signer is not enabled in this build, or
/// when the signer cannot be opened.
pub async fn open(description: &str) -> Result<RemoteSigner, OpenError> {
    let (kind, rest) = description.split_once(':').unwrap_or((description, ""));
    match kind {
        #[cfg(feature = "pkcs11")]
        "pkcs11" => {
            let signer = crate::pkcs11::Pkcs11Options::from_uri(rest)?.open();
            Ok(RemoteSigner::new(signer.await?))
        }
        #[cfg(all(unix, feature = "ssh-agent"))]
        "ssh-agent" => {
            let socket = variable("SSH_AUTH_SOCK")?;
            let signer = crate::ssh_agent::SshAgentSigner::open(socket, ssh_key(rest));
            Ok(RemoteSigner::new(signer.await?))
        }
        #[cfg(feature = "vault")]
        "vault" => {
            let mut options = crate::vault::VaultOptions::from_url(rest)?;
            if let Ok(namespace) = variable("VAULT_NAMESPACE") {
                options = options.namespace(namespace);
            }
            Ok(RemoteSigner::new(options.open().await?))
        }
        #[cfg(feature = "aws-kms")]
        "aws-kms" => {
            let signer = crate::aws_kms::AwsKmsSigner::new(aws_region(rest)?, rest).open();
            Ok(RemoteSigner::new(signer.await?))
        }
        #[cfg(feature = "azure")]
        "azure" => {
            let mut options = crate::azure::AzureKeySigner::new(rest);
            if let Some(token) = token_of_env() {
                options = options.token(token);
            }
            Ok(RemoteSigner::new(options.open().await?))
        }
        #[cfg(feature = "google-kms")]
        "google-kms" => {
            let mut options = crate::google_kms::GoogleKmsSigner::new(rest);
            if let Some(token) = token_of_env() {
                options = options.token(token);
            }
            Ok(RemoteSigner::new(options.open().await?))
        }
        kind if KINDS.contains(&kind) => Err(OpenError::new(format!(
            "this build does not support `{kind}`: enable the feature of this name of `upvest-signers`"
        ))),
        other => Err(OpenError::new(format!(
            "`{}` is not a kind of signer: expected one of {}, followed by a colon",
            other.chars().take(20).collect::<String>().escape_debug(),
            KINDS.join(", ")
        ))),
    }
}

#[cfg(all(unix, feature = "ssh-agent"))]
fn ssh_key(text: &str) -> crate::ssh_agent::SshKey {
    use crate::ssh_agent::SshKey;

    match text.starts_with("SHA256:") {
        true => SshKey::Fingerprint(text.to_owned()),
        false => SshKey::Comment(text.to_owned()),
    }
}

/// The region that an ARN names, or that of the environment.
#[cfg(feature = "aws-kms")]
fn aws_region(key: &str) -> Result<String, OpenError> {
    let mut parts = key.split(':');
    match (parts.next(), parts.nth(2)) {
        (Some("arn"), Some(region)) => Ok(region.to_owned()),
        _ => variable("AWS_REGION"),
    }
}

/// The token in the environment, if there is one; it is read again for every request.
#[cfg(any(feature = "azure", feature = "google-kms"))]
fn token_of_env() -> Option<crate::BearerToken> {
    const TOKEN: &str = "UPVEST_SIGNER_TOKEN";

    std::env::var_os(TOKEN)
        .is_some_and(|token| !token.is_empty())
        .then(|| crate::BearerToken::secret(crate::Secret::env(TOKEN)))
}

#[allow(dead_code, reason = "which signers there are is up to the features")]
fn variable(name: &str) -> Result<String, OpenError> {
    std::env::var(name).map_err(|error| OpenError::because(format!("the variable {name}"), error))
}
