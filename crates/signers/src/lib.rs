//! Remote signers for the Upvest Investment API.
//!
//! The private key of a client does not have to be in the memory of the process that calls the API. Each
//! signer here is a [`RequestSigner`](upvest_auth_signing::RequestSigner): it is wrapped in a
//! [`RemoteSigner`](upvest_auth_signing::RemoteSigner), which sets limits and checks signatures,
//! and then takes the place of a [`SigningKey`](upvest_auth_signing::SigningKey).
//!
//! | feature | signer | P-521 | Ed25519 |
//! |---|---|---|---|
//! | `pkcs11` | `pkcs11::Pkcs11Signer`: HSMs and other tokens | yes | yes |
//! | `ssh-agent` | `ssh_agent::SshAgentSigner` (on Unix) | yes | yes |
//! | `vault` | `vault::VaultSigner`: Transit of Vault and OpenBao | yes | yes |
//! | `aws-kms` | `aws_kms::AwsKmsSigner` | yes | yes |
//! | `azure` | `azure::AzureKeySigner`: Key Vault and Managed HSM | yes | |
//! | `google-kms` | `google_kms::GoogleKmsSigner` | | yes |
//!
//! The features `aws-lc`, on by default, and `pure-rust` choose the cryptography that checks
//! signatures, as in `upvest-auth-signing`.
//!
//! Each signer fetches the public half of its key when it is opened, so that signatures can be
//! checked before they are sent and the public key can be registered. [`open`] opens a signer from
//! one line of text, [`from_env`] from the variable `UPVEST_SIGNER`.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "aws-kms")]
pub mod aws_kms;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(any(feature = "azure", feature = "google-kms"))]
mod bearer;
mod description;
#[cfg(feature = "google-kms")]
pub mod google_kms;
#[cfg(any(
    feature = "vault",
    feature = "aws-kms",
    feature = "azure",
    feature = "google-kms"
))]
mod http;
mod open_error;
#[cfg(feature = "pkcs11")]
pub mod pkcs11;
#[cfg(any(
    feature = "vault",
    feature = "aws-kms",
    feature = "azure",
    feature = "google-kms",
    all(unix, feature = "ssh-agent")
))]
mod request_signer;
mod secret;
#[cfg(all(unix, feature = "ssh-agent"))]
pub mod ssh_agent;
#[cfg(feature = "vault")]
pub mod vault;

#[cfg(any(feature = "azure", feature = "google-kms"))]
pub use bearer::BearerToken;
pub use description::{from_env, open};
pub use open_error::OpenError;
pub use secret::Secret;

/// An error of any kind.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The examples of the front page of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
