use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// What is expected wherever a key is read.
const EXPECTED: &str = "expected a P-521 or Ed25519 key in PEM";

/// Why a key cannot be used.
///
/// `Display` is one line: what was found, and what is expected. The cause, where there is one,
/// is the [`source`](Error::source).
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// The key file does not exist or cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The key file was read, but has no usable key.
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        error: Box<KeyError>,
    },
    /// There is no text at all.
    Empty,
    /// The text has no PEM block. DER files, for example, are not read.
    NotPem,
    /// The PEM block holds something other than a key.
    UnknownLabel {
        /// The label: what stands after `BEGIN`.
        label: String,
    },
    /// The content of the PEM block is damaged.
    Malformed {
        /// The label of the block.
        label: String,
        /// What the parser stumbled over.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The key is encrypted and no passphrase was given.
    PassphraseMissing,
    /// The key is encrypted and the passphrase given has no characters.
    PassphraseEmpty,
    /// The passphrase does not open the key.
    PassphraseWrong {
        /// How that was noticed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The key is encrypted in a way that is not supported.
    UnsupportedEncryption {
        /// The cipher or other algorithm that is not supported.
        found: String,
        /// What the library that should decrypt it said, if it was asked.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// It is an elliptic curve key, on a curve other than P-521.
    WrongCurve {
        /// The curve.
        found: String,
    },
    /// It is a key of a kind that the API does not take, RSA for example.
    WrongAlgorithm {
        /// The algorithm.
        found: String,
    },
    /// It is a certificate.
    Certificate,
    /// It is a public key where a private one is needed.
    PublicKey,
    /// It is a private key where a public one is needed.
    PrivateKey,
    /// The form is right, but the numbers in it are no valid key: not on the curve, out of
    /// range, or a public half that does not belong to the private one.
    Invalid {
        /// What the cryptographic library said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Raw public key bytes, or a coordinate of a JWK, have the wrong length.
    WrongLength {
        /// What it is the length of.
        what: &'static str,
        /// The length found, in bytes.
        found: usize,
        /// The length expected, in bytes.
        expected: usize,
    },
    /// A coordinate of a JWK is not base64url.
    NotBase64Url {
        /// Which one, `x` or `y`.
        coordinate: &'static str,
        /// What the decoder stumbled over.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The cryptographic library failed, for lack of memory or randomness.
    Crypto {
        /// What it was asked to do.
        operation: &'static str,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => {
                write!(
                    f,
                    "cannot read the key file `{}`: {}",
                    path.display(),
                    source.kind()
                )
            }
            Self::InFile { path, error } => {
                write!(f, "cannot use the key file `{}`: {error}", path.display())
            }
            Self::Empty => write!(f, "the key is empty; {EXPECTED}"),
            Self::NotPem => write!(f, "the key has no `-----BEGIN ...-----` line; {EXPECTED}"),
            Self::UnknownLabel { label } => write!(
                f,
                "found a PEM block `{label}`; expected `EC PRIVATE KEY`, `PRIVATE KEY` or \
                 `ENCRYPTED PRIVATE KEY`, or `PUBLIC KEY` where a public key is asked for"
            ),
            Self::Malformed { label, .. } => {
                write!(
                    f,
                    "the PEM block `{label}` is damaged: its content cannot be read as a key"
                )
            }
            Self::PassphraseMissing => {
                f.write_str("the key is encrypted and no passphrase was given")
            }
            Self::PassphraseEmpty => {
                f.write_str("the key is encrypted and the passphrase given is empty")
            }
            Self::PassphraseWrong { .. } => {
                f.write_str("the passphrase is wrong: it does not open the encrypted key")
            }
            Self::UnsupportedEncryption { found, .. } => write!(
                f,
                "the key is encrypted with {found}, which is not supported; expected AES in CBC \
                 mode under PBES2, as `openssl pkcs8 -topk8` makes it, or the traditional form"
            ),
            Self::WrongCurve { found } => write!(
                f,
                "found an elliptic curve key on {found}; the API takes P-521 (secp521r1) or Ed25519"
            ),
            Self::WrongAlgorithm { found } => write!(
                f,
                "found a key for {found}; the API takes ECDSA on P-521 (secp521r1) or Ed25519"
            ),
            Self::Certificate => write!(f, "found a certificate; {EXPECTED}"),
            Self::PublicKey => {
                f.write_str("found a public key; expected the private key that belongs to it")
            }
            Self::PrivateKey => {
                f.write_str("found a private key; expected a public key (`PUBLIC KEY`)")
            }
            Self::Invalid { .. } => f.write_str(
                "the numbers in the key are no valid key: not on the curve, out of range, or the \
                 public half does not belong to the private one",
            ),
            Self::WrongLength {
                what,
                found,
                expected,
            } => write!(f, "{what} has {found} bytes; expected {expected}"),
            Self::NotBase64Url { coordinate, .. } => write!(
                f,
                "the coordinate `{coordinate}` of the key is not base64url without padding"
            ),
            Self::Crypto { operation } => {
                write!(f, "the cryptographic library failed to {operation}")
            }
        }
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            // Its text is part of this error's text already.
            Self::InFile { error, .. } => error.source(),
            Self::Malformed { source, .. }
            | Self::PassphraseWrong { source }
            | Self::Invalid { source }
            | Self::NotBase64Url { source, .. }
            | Self::UnsupportedEncryption {
                source: Some(source),
                ..
            } => Some(&**source),
            _ => None,
        }
    }
}
