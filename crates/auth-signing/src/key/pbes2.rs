//! EncryptedPrivateKeyInfo (RFC 5958) under PBES2 (RFC 8018), with PBKDF2 or scrypt (RFC 7914).

use std::num::NonZeroU32;

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Reader, SliceReader};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::cipher::{self, Cipher};
use super::{KeyError, check, error, sequence};
use crate::crypto::{Prf, pbkdf2, random};

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
const HMAC_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const HMAC_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const HMAC_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");
const AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// How often PBKDF2-HMAC-SHA-256 is applied to the passphrase of a key that is written: what the
/// OWASP Password Storage Cheat Sheet asks for.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).expect("it is not zero");
/// In bytes: twice what RFC 8018 asks for at least.
const SALT_LENGTH: usize = 16;

/// The limit keeps a key file from occupying its reader for minutes.
const MAX_ITERATIONS: u32 = 10_000_000;
/// The memory that scrypt takes, in bytes: eight times what OpenSSL reads by default.
const MAX_SCRYPT_MEMORY: u64 = 256 << 20;
/// How often scrypt passes through that memory.
const MAX_SCRYPT_PARALLELIZATION: u32 = 16;

struct Pbkdf2Parameters<'a> {
    salt: &'a OctetStringRef,
    iterations: u32,
    key_length: Option<u16>,
    prf: Option<AlgorithmIdentifierRef<'a>>,
}

impl<'a> Pbkdf2Parameters<'a> {
    fn read(members: &mut SliceReader<'a>) -> der::Result<Self> {
        Ok(Self {
            salt: members.decode()?,
            iterations: members.decode()?,
            key_length: members.decode()?,
            prf: members.decode()?,
        })
    }
}

struct ScryptParameters<'a> {
    salt: &'a OctetStringRef,
    cost: u64,
    block_size: u32,
    parallelization: u32,
    key_length: Option<u16>,
}

impl<'a> ScryptParameters<'a> {
    fn read(members: &mut SliceReader<'a>) -> der::Result<Self> {
        Ok(Self {
            salt: members.decode()?,
            cost: members.decode()?,
            block_size: members.decode()?,
            parallelization: members.decode()?,
            key_length: members.decode()?,
        })
    }
}

/// The key within an encrypted document.
pub(super) fn decrypt(
    document: &[u8],
    passphrase: Option<&str>,
    what: &str,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let malformed = error::asn1(what);
    let (algorithm, ciphertext): (AlgorithmIdentifierRef<'_>, &OctetStringRef) =
        sequence::read(document, |members| {
            Ok((members.decode()?, members.decode()?))
        })
        .map_err(&malformed)?;
    if algorithm.oid != PBES2 {
        return Err(unsupported(algorithm.oid));
    }
    let (derivation, encryption): (AlgorithmIdentifierRef<'_>, AlgorithmIdentifierRef<'_>) =
        parameters(&algorithm)
            .sequence(|members| Ok((members.decode()?, members.decode()?)))
            .map_err(&malformed)?;
    let cipher = match encryption.oid {
        AES_128_CBC => Cipher::Aes128,
        AES_256_CBC => Cipher::Aes256,
        other => return Err(unsupported(other)),
    };
    let iv: &OctetStringRef = parameters(&encryption).decode_as().map_err(&malformed)?;
    if iv.as_bytes().len() != cipher.block_length() {
        return Err(error::malformed(
            what,
            "the initialisation vector has the wrong length",
        ));
    }
    let ciphertext = ciphertext.as_bytes();
    if !cipher.fits(ciphertext.len()) {
        return Err(error::malformed(what, check::NOT_WHOLE_BLOCKS));
    }
    let derivation = Derivation::parse(&derivation, cipher.key_length(), what)?;
    let mut key = Zeroizing::new(vec![0; cipher.key_length()]);
    derivation.derive(check::passphrase(passphrase)?.as_bytes(), &mut key);
    cipher
        .decrypt(&key, iv.as_bytes(), ciphertext)
        .ok_or_else(error::wrong_padding)
}

/// An encrypted document with this key in it, under PBKDF2-HMAC-SHA-256 and AES-256-CBC.
pub(super) fn encrypt(private_key: &[u8], passphrase: &str) -> Result<Vec<u8>, KeyError> {
    let passphrase = check::passphrase(Some(passphrase))?.as_bytes();
    let mut salt = [0; SALT_LENGTH];
    let mut iv = [0; 16];
    for bytes in [&mut salt[..], &mut iv[..]] {
        random(bytes).map_err(|_| KeyError::Crypto {
            operation: "make random numbers",
        })?;
    }
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2(Prf::HmacSha256, ITERATIONS, &salt, passphrase, &mut *key);
    let encrypted_data = cipher::encrypt_aes256(&key, &iv, private_key);
    Ok(encode(&salt, &iv, &encrypted_data).expect("the document is small"))
}

fn encode(salt: &[u8], iv: &[u8], encrypted_data: &[u8]) -> der::Result<Vec<u8>> {
    let octets = |bytes| OctetStringRef::new(bytes)?.to_der();
    let identifier = |oid, parameters: &[u8]| {
        let parameters = Some(AnyRef::from_der(parameters)?);
        AlgorithmIdentifierRef { oid, parameters }.to_der()
    };
    let prf = identifier(HMAC_SHA256, &AnyRef::NULL.to_der()?)?;
    let derivation = sequence::write(&[octets(salt)?, ITERATIONS.get().to_der()?, prf])?;
    let scheme = sequence::write(&[
        identifier(PBKDF2, &derivation)?,
        identifier(AES_256_CBC, &octets(iv)?)?,
    ])?;
    sequence::write(&[identifier(PBES2, &scheme)?, octets(encrypted_data)?])
}

/// How the key of the cipher comes from the passphrase.
enum Derivation<'a> {
    Pbkdf2(Prf, NonZeroU32, &'a [u8]),
    Scrypt(scrypt::Params, &'a [u8]),
}

impl<'a> Derivation<'a> {
    fn parse(
        identifier: &AlgorithmIdentifierRef<'a>,
        key_length: usize,
        what: &str,
    ) -> Result<Self, KeyError> {
        let malformed = error::asn1(what);
        let (derivation, length) = match identifier.oid {
            PBKDF2 => {
                let found = parameters(identifier)
                    .sequence(Pbkdf2Parameters::read)
                    .map_err(&malformed)?;
                (Self::pbkdf2(&found, what)?, found.key_length)
            }
            SCRYPT => {
                let found = parameters(identifier)
                    .sequence(ScryptParameters::read)
                    .map_err(&malformed)?;
                (Self::scrypt(&found, what)?, found.key_length)
            }
            other => return Err(unsupported(other)),
        };
        match length {
            Some(length) if usize::from(length) != key_length => Err(error::malformed(
                what,
                "the length of the derived key is not that of the cipher",
            )),
            _ => Ok(derivation),
        }
    }

    fn pbkdf2(found: &Pbkdf2Parameters<'a>, what: &str) -> Result<Self, KeyError> {
        let prf = match &found.prf {
            None => Prf::HmacSha1,
            Some(AlgorithmIdentifierRef { oid, .. }) => match *oid {
                HMAC_SHA1 => Prf::HmacSha1,
                HMAC_SHA256 => Prf::HmacSha256,
                HMAC_SHA512 => Prf::HmacSha512,
                other => return Err(unsupported(other)),
            },
        };
        let iterations = NonZeroU32::new(found.iterations)
            .ok_or_else(|| error::malformed(what, "the iteration count is zero"))?;
        if found.iterations > MAX_ITERATIONS {
            return Err(KeyError::UnsupportedEncryption {
                found: format!("PBKDF2 of {iterations} iterations, more than {MAX_ITERATIONS}"),
            });
        }
        Ok(Self::Pbkdf2(prf, iterations, found.salt.as_bytes()))
    }

    fn scrypt(found: &ScryptParameters<'a>, what: &str) -> Result<Self, KeyError> {
        let invalid = || error::malformed(what, "the parameters of scrypt are not valid");
        let (cost, block_size, parallelization) =
            (found.cost, found.block_size, found.parallelization);
        if cost < 2 || !cost.is_power_of_two() {
            return Err(invalid());
        }
        let memory = cost
            .saturating_mul(128)
            .saturating_mul(u64::from(block_size));
        if memory > MAX_SCRYPT_MEMORY || parallelization > MAX_SCRYPT_PARALLELIZATION {
            return Err(KeyError::UnsupportedEncryption {
                found: format!(
                    "scrypt of N = {cost}, r = {block_size} and p = {parallelization}, more than \
                     {} MiB or p = {MAX_SCRYPT_PARALLELIZATION}",
                    MAX_SCRYPT_MEMORY >> 20
                ),
            });
        }
        let log_cost = u8::try_from(cost.trailing_zeros()).map_err(|_| invalid())?;
        scrypt::Params::new(log_cost, block_size, parallelization)
            .map(|params| Self::Scrypt(params, found.salt.as_bytes()))
            .map_err(|_| invalid())
    }

    /// The memory that scrypt works in is not wiped: its crate does not do that.
    fn derive(&self, passphrase: &[u8], key: &mut [u8]) {
        match self {
            Self::Pbkdf2(prf, iterations, salt) => {
                pbkdf2(*prf, *iterations, salt, passphrase, key);
            }
            Self::Scrypt(params, salt) => {
                scrypt::scrypt(passphrase, salt, params, key)
                    .expect("the key of a cipher is neither empty nor long");
            }
        }
    }
}

fn parameters<'a>(identifier: &AlgorithmIdentifierRef<'a>) -> AnyRef<'a> {
    identifier.parameters.unwrap_or(AnyRef::NULL)
}

fn unsupported(oid: ObjectIdentifier) -> KeyError {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.2.8" => "HMAC-SHA-224",
        "1.2.840.113549.2.10" => "HMAC-SHA-384",
        "1.2.840.113549.3.7" => "DES-EDE3-CBC",
        "2.16.840.1.101.3.4.1.22" => "AES-192-CBC",
        "2.16.840.1.101.3.4.1.6" => "AES-128-GCM",
        "2.16.840.1.101.3.4.1.46" => "AES-256-GCM",
        other if other.starts_with("1.2.840.113549.1.5.") => "PBES1",
        other if other.starts_with("1.2.840.113549.1.12.1.") => "a scheme of PKCS#12",
        _ => {
            return KeyError::UnsupportedEncryption {
                found: format!("the algorithm with the object identifier {oid}"),
            };
        }
    };
    KeyError::UnsupportedEncryption {
        found: name.to_owned(),
    }
}
