use std::fmt;

use crate::KeyAlgorithm;
use crate::signature::ecdsa::{WIDTH, to_der};

/// The order of the group of P-521 (SEC 2 section 2.6.1), big-endian: `r` and `s` are below it.
const P521_ORDER: [u8; WIDTH] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
    0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38,
    0x64, 0x09,
];

/// The order of the group of Ed25519 (RFC 8032 section 5.1), little-endian: `S` is below it.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

const ED25519_LENGTH: usize = 64;

/// A signature in the form that the API accepts: ASN.1 DER for P-521, 64 bytes for Ed25519.
///
/// It is made from the form in which a signer answers. Bytes that are not exactly one signature in
/// exactly that form are an error. Whether the signature fits the key and the message is not
/// checked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    algorithm: KeyAlgorithm,
    bytes: Vec<u8>,
}

impl Signature {
    /// A P-521 signature in ASN.1 DER (RFC 3279 section 2.2.3): a sequence of two integers.
    ///
    /// # Errors
    ///
    /// When it is not strict DER, when bytes follow it, or when a number is out of range.
    pub fn ecdsa_der(der: &[u8]) -> Result<Self, SignatureFormError> {
        let mut rest = der;
        let numbers = der_value(&mut rest, 0x30)?;
        expect_end(rest)?;
        let mut rest = numbers;
        let numbers = [der_value(&mut rest, 0x02)?, der_value(&mut rest, 0x02)?];
        expect_end(rest)?;
        Self::from_integers(numbers)
    }

    /// A P-521 signature as `r` and `s` of 66 bytes each, big-endian: the form of PKCS#11, JWS and
    /// RFC 9421.
    ///
    /// # Errors
    ///
    /// When it has another length, or a number is out of range.
    pub fn ecdsa_fixed_width(bytes: &[u8]) -> Result<Self, SignatureFormError> {
        if bytes.len() != 2 * WIDTH {
            return Err(SignatureFormError(format!(
                "it has {} bytes, expected {}",
                bytes.len(),
                2 * WIDTH
            )));
        }
        for (name, number) in ["r", "s"].into_iter().zip(bytes.chunks_exact(WIDTH)) {
            in_range(name, number)?;
        }
        let bytes = to_der(bytes).ok_or_else(|| problem("it does not fit into DER"))?;
        Ok(Self {
            algorithm: KeyAlgorithm::EcdsaP521Sha512,
            bytes,
        })
    }

    /// A P-521 signature as two `mpint`s (RFC 4251 section 5), as the SSH protocol has them
    /// (RFC 5656 section 3.1.2).
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly two such integers, or when a number is out of range.
    pub fn ecdsa_mpints(bytes: &[u8]) -> Result<Self, SignatureFormError> {
        let mut rest = bytes;
        let numbers = [mpint(&mut rest)?, mpint(&mut rest)?];
        expect_end(rest)?;
        Self::from_integers(numbers)
    }

    /// An Ed25519 signature (RFC 8032): 64 bytes.
    ///
    /// # Errors
    ///
    /// When it has another length, or its second half is out of range.
    pub fn ed25519(bytes: &[u8]) -> Result<Self, SignatureFormError> {
        if bytes.len() != ED25519_LENGTH {
            return Err(SignatureFormError(format!(
                "it has {} bytes, expected {ED25519_LENGTH}",
                bytes.len()
            )));
        }
        if bytes[32..].iter().rev().ge(ED25519_ORDER.iter().rev()) {
            return Err(problem("`S` is not below the order of the group"));
        }
        Ok(Self {
            algorithm: KeyAlgorithm::Ed25519,
            bytes: bytes.to_vec(),
        })
    }

    /// Two integers in two's complement, as short as can be.
    fn from_integers(numbers: [&[u8]; 2]) -> Result<Self, SignatureFormError> {
        let mut fixed = [0; 2 * WIDTH];
        for ((name, number), place) in ["r", "s"]
            .into_iter()
            .zip(numbers)
            .zip(fixed.chunks_exact_mut(WIDTH))
        {
            let digits = match number {
                [] | [0] => return Err(out_of_range(name, "is zero")),
                [0x80..=0xff, ..] => return Err(out_of_range(name, "is negative")),
                [0, 0..=0x7f, ..] => {
                    return Err(out_of_range(name, "has an unnecessary leading zero"));
                }
                [0, digits @ ..] | digits => digits,
            };
            let start = WIDTH
                .checked_sub(digits.len())
                .ok_or_else(|| out_of_range(name, "is too large"))?;
            place[start..].copy_from_slice(digits);
        }
        Self::ecdsa_fixed_width(&fixed)
    }

    /// The algorithm of the signature.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The bytes that the API accepts.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why bytes are not a signature of the expected form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFormError(String);

impl fmt::Display for SignatureFormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is not a signature: {}", self.0)
    }
}

impl std::error::Error for SignatureFormError {}

fn problem(found: &str) -> SignatureFormError {
    SignatureFormError(found.to_owned())
}

fn out_of_range(number: &str, found: &str) -> SignatureFormError {
    SignatureFormError(format!("`{number}` {found}"))
}

fn in_range(name: &str, number: &[u8]) -> Result<(), SignatureFormError> {
    if number.iter().all(|byte| *byte == 0) {
        return Err(out_of_range(name, "is zero"));
    }
    if number >= &P521_ORDER[..] {
        return Err(out_of_range(name, "is too large"));
    }
    Ok(())
}

fn expect_end(rest: &[u8]) -> Result<(), SignatureFormError> {
    match rest.len() {
        0 => Ok(()),
        more => Err(SignatureFormError(format!(
            "{more} bytes follow the signature"
        ))),
    }
}

/// The value behind this tag, its length in the shortest form of DER. No value of a signature is
/// longer than 255 bytes.
fn der_value<'a>(rest: &mut &'a [u8], tag: u8) -> Result<&'a [u8], SignatureFormError> {
    let (length, value) = match *rest {
        [found, length @ 0..=0x7f, value @ ..] if *found == tag => (*length, value),
        [found, 0x81, length @ 0x80..=0xff, value @ ..] if *found == tag => (*length, value),
        _ => return Err(problem("it is not DER")),
    };
    let (value, behind) = value
        .split_at_checked(length.into())
        .ok_or_else(|| problem("it is cut short"))?;
    *rest = behind;
    Ok(value)
}

/// The next `mpint`, without its length.
fn mpint<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], SignatureFormError> {
    let cut_short = || problem("it is cut short");
    let (length, behind) = rest.split_first_chunk().ok_or_else(cut_short)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut_short())?;
    let (value, behind) = behind.split_at_checked(length).ok_or_else(cut_short)?;
    *rest = behind;
    Ok(value)
}
