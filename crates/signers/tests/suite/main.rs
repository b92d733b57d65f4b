//! Each signer against the real thing, or against a stand-in that refuses what the real thing would.

#[cfg(feature = "aws-kms")]
mod aws_kms;
#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "google-kms")]
mod google_kms;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod secrets;
#[cfg(all(unix, feature = "ssh-agent"))]
mod ssh_agent;
#[cfg(any(
    feature = "vault",
    feature = "aws-kms",
    feature = "azure",
    feature = "google-kms"
))]
mod stand_in;
mod support;
mod trees;
#[cfg(feature = "vault")]
mod vault;
