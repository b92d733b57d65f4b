use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// What is expected wherever a key is read.
const EXPECTED: &str = "expected a P-521 or Ed25519 key";
const CURVES: &str = "P-521 (secp521r1) or Ed25519";

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
    /// The key file is larger than any key can be.
    TooLarge {
        /// How many bytes are read at most.
        limit: usize,
    },
    /// There is a file already where a key was to be written. It is left as it is.
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// The key file cannot be written. Nothing is left in its place.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The text or the document is empty.
    Empty,
    /// The text has no PEM block.
    NotPem {
        /// What it looks like instead.
        looks_like: Option<&'static str>,
    },
    /// The text has a BEGIN line, but more than a label on it: its line breaks may be lost.
    LineBreaks,
    /// The bytes are not a DER document with a key.
    NotDer {
        /// What they look like instead.
        looks_like: Option<&'static str>,
    },
    /// The text is not a JWK, since it is not a JSON object.
    NotJwk {
        /// What it looks like instead.
        looks_like: Option<&'static str>,
    },
    /// The JSON object is a set of keys (JWK Set, RFC 7517 section 5), not a key.
    JwkSet,
    /// The PEM block holds something other than a key.
    UnknownLabel {
        /// The label: what stands after `BEGIN`.
        label: String,
    },
    /// The PEM block, the DER document or the JWK is damaged.
    Malformed {
        /// Which of them, with the label of a PEM block.
        what: String,
        /// The error of the parser.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The key is encrypted and no passphrase was given.
    PassphraseMissing,
    /// The key is encrypted and the passphrase given has no characters.
    PassphraseEmpty,
    /// The passphrase does not open the key.
    PassphraseWrong {
        /// The error by which that was noticed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The key is encrypted in a way that is not supported.
    UnsupportedEncryption {
        /// The cipher or other algorithm that is not supported.
        found: String,
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
    /// The private number is zero or too large for its curve.
    OutOfRange,
    /// The public key is not a point of its curve.
    NotOnCurve,
    /// The Ed25519 public key is a point of small order: anybody can sign for it.
    SmallOrder,
    /// The public key that comes with a private one belongs to another.
    HalvesDiffer,
    /// The point of a public key is in the compressed form.
    CompressedPoint,
    /// Raw bytes, or the bytes of a JWK member, have the wrong length.
    WrongLength {
        /// What it is the length of.
        what: &'static str,
        /// The length found, in bytes.
        found: usize,
        /// The length expected, in bytes.
        expected: usize,
    },
    /// A member of a JWK is missing.
    MissingMember {
        /// Its name.
        member: &'static str,
    },
    /// A member of a JWK is not a JSON string.
    NotString {
        /// Its name.
        member: &'static str,
    },
    /// A member of a JWK is not base64url without padding.
    NotBase64Url {
        /// Its name.
        member: &'static str,
        /// The error of the decoder.
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
            Self::Unreadable { path, .. } => {
                write!(f, "cannot read the key file `{}`", path.display())
            }
            Self::InFile { path, error } => {
                write!(f, "cannot use the key file `{}`: {error}", path.display())
            }
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "the file has more than {limit} bytes, so it is not a key"
                )
            }
            Self::FileExists { path } => write!(
                f,
                "the file `{}` already exists, and was not changed; choose another name",
                path.display()
            ),
            Self::Unwritable { path, .. } => {
                write!(f, "cannot write the key file `{}`", path.display())
            }
            Self::Crypto { operation } => {
                write!(f, "the cryptographic library failed to {operation}")
            }
            _ => self.fmt_form(f),
        }
    }
}

impl KeyError {
    /// What is wrong with the form in which the key is written.
    fn fmt_form(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the key is empty; {EXPECTED}"),
            Self::NotPem { looks_like } => {
                f.write_str("the key is not PEM: it has no `-----BEGIN ...-----` line")?;
                describe(f, *looks_like)
            }
            Self::LineBreaks => f.write_str(
                "the PEM text has no line with `-----BEGIN ...-----` and a label alone; perhaps it \
                 has lost its line breaks",
            ),
            Self::NotDer { looks_like } => {
                f.write_str("the key is not DER: it does not begin with a sequence")?;
                describe(f, *looks_like)
            }
            Self::NotJwk { looks_like } => {
                f.write_str("the key is not a JWK: it is not a JSON object")?;
                describe(f, *looks_like)
            }
            Self::JwkSet => {
                f.write_str("found a set of keys (`keys`); expected one JWK, a member of the set")
            }
            Self::UnknownLabel { label } => write!(
                f,
                "found a PEM block `{label}`; expected `EC PRIVATE KEY`, `PRIVATE KEY` or \
                 `ENCRYPTED PRIVATE KEY`, or `PUBLIC KEY` where a public key is asked for"
            ),
            Self::Malformed { what, .. } => {
                write!(f, "{what} is damaged: it cannot be read as a key")
            }
            Self::MissingMember { member } => {
                write!(f, "the member `{member}` of the JWK is missing")
            }
            Self::NotString { member } => {
                write!(f, "the member `{member}` of the JWK is not a string")
            }
            Self::NotBase64Url { member, .. } => write!(
                f,
                "the member `{member}` of the JWK is not base64url without padding"
            ),
            _ => self.fmt_key(f),
        }
    }

    /// What is wrong with the key itself, or with its passphrase.
    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnsupportedEncryption { found } => {
                return write!(
                    f,
                    "the key is encrypted with {found}, which is not supported; expected PBES2 with \
                     PBKDF2 or scrypt and AES-CBC, as `openssl pkcs8 -topk8 -v2 aes-256-cbc` makes it"
                );
            }
            Self::WrongCurve { found } => {
                return write!(f, "found an elliptic curve key on {found}; the API takes {CURVES}");
            }
            Self::WrongAlgorithm { found } => {
                return write!(f, "found a key for {found}; the API takes ECDSA on {CURVES}");
            }
            Self::WrongLength {
                what,
                found,
                expected,
            } => return write!(f, "{what} has {found} bytes; expected {expected}"),
            Self::Certificate => return write!(f, "found a certificate; {EXPECTED}"),
            Self::PassphraseMissing => "the key is encrypted and no passphrase was given",
            Self::PassphraseEmpty => "the key is encrypted and the passphrase given is empty",
            Self::PassphraseWrong { .. } => {
                "the passphrase is wrong: it does not open the encrypted key"
            }
            Self::PublicKey => "found a public key; expected the private key that belongs to it",
            Self::PrivateKey => "found a private key; expected a public key (`PUBLIC KEY`)",
            Self::OutOfRange => "the private number is zero or too large for its curve",
            Self::NotOnCurve => "the public key is not a point of its curve",
            Self::SmallOrder => "the public key is a point of small order: anybody can sign for it",
            Self::HalvesDiffer => {
                "the public key stored with the private key belongs to another private key"
            }
            Self::CompressedPoint => {
                "the point of the public key is compressed; expected it uncompressed, as \
                 `openssl ec -pubin -conv_form uncompressed` writes it"
            }
            _ => "the key cannot be used",
        })
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } | Self::Unwritable { source, .. } => Some(source),
            // Its text is part of this error's text already.
            Self::InFile { error, .. } => error.source(),
            Self::Malformed { source, .. }
            | Self::PassphraseWrong { source }
            | Self::NotBase64Url { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

fn describe(f: &mut fmt::Formatter<'_>, looks_like: Option<&str>) -> fmt::Result {
    match looks_like {
        Some(form) => write!(f, "; it looks like {form}"),
        None => Ok(()),
    }
}

/// The error for a document that cannot be read.
pub(super) fn malformed(what: &str, reason: impl Into<String>) -> KeyError {
    KeyError::Malformed {
        what: what.to_owned(),
        source: reason.into().into(),
    }
}

/// The error for a document without the expected ASN.1 structure. The parser itself quotes a
/// byte of the document here and there, which may be secret.
pub(super) fn asn1(what: &str) -> impl Fn(der::Error) -> KeyError {
    move |error| {
        let reason = match error.kind() {
            der::ErrorKind::Incomplete { .. } => "it ends too early",
            der::ErrorKind::TrailingData { .. } => "it has bytes after its end",
            _ => "it does not have the expected ASN.1 structure",
        };
        malformed(what, reason)
    }
}

/// The error for a passphrase that leaves wrong padding.
pub(super) fn wrong_padding() -> KeyError {
    KeyError::PassphraseWrong {
        source: "the padding is wrong".into(),
    }
}

/// The error for what was decrypted. One wrong passphrase in 256 leaves right padding, but no
/// structure.
pub(super) fn wrong_passphrase(error: KeyError) -> KeyError {
    match error {
        KeyError::Malformed { source, .. } => KeyError::PassphraseWrong { source },
        other => other,
    }
}
