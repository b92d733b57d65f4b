//! The two ways to write an ECDSA signature down.

use crate::{InvalidSignature, VerifyingKey};

/// How the two numbers of an ECDSA signature are written.
///
/// The API and its own clients write ASN.1 DER; RFC 9421 has fixed width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EcdsaEncoding {
    /// ASN.1 DER: a sequence of two integers, 137 to 139 bytes as a rule.
    #[default]
    Der,
    /// `r` and `s` one after the other, big-endian, 66 bytes each.
    FixedWidth,
    /// Either of the two.
    Either,
}

/// The bytes of one number of a P-521 signature.
pub(crate) const WIDTH: usize = 66;

/// The byte that a DER sequence begins with.
const SEQUENCE: u8 = 0x30;

impl EcdsaEncoding {
    /// Whether a P-521 signature looks like one in this encoding.
    pub(super) fn fits(self, signature: &[u8]) -> bool {
        let der = signature.first() == Some(&SEQUENCE);
        let fixed = signature.len() == 2 * WIDTH;
        match self {
            Self::Der => der,
            Self::FixedWidth => fixed,
            Self::Either => der || fixed,
        }
    }

    /// What is expected, in words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Der => "ASN.1 DER",
            Self::FixedWidth => "two numbers of 66 bytes",
            Self::Either => "ASN.1 DER or two numbers of 66 bytes",
        }
    }
}

/// Checks a P-521 signature in this encoding.
pub(super) fn verify(
    key: &VerifyingKey,
    encoding: EcdsaEncoding,
    message: &[u8],
    signature: &[u8],
) -> Result<(), InvalidSignature> {
    let der = || key.verify(message, signature);
    let fixed = || key.verify(message, &to_der(signature).ok_or(InvalidSignature)?);
    match encoding {
        EcdsaEncoding::Der => der(),
        EcdsaEncoding::FixedWidth => fixed(),
        EcdsaEncoding::Either => fixed().or_else(|_| der()),
    }
}

/// The DER form (X.690, as in RFC 3279 section 2.2.3) of a fixed-width signature.
pub(crate) fn to_der(signature: &[u8]) -> Option<Vec<u8>> {
    if signature.len() != 2 * WIDTH {
        return None;
    }
    let (r, s) = signature.split_at(WIDTH);
    let mut numbers = Vec::with_capacity(2 * (WIDTH + 3));
    for number in [r, s] {
        push_integer(&mut numbers, number);
    }
    // At most 138 bytes, so that the length takes one byte, or 0x81 and one byte.
    let length = u8::try_from(numbers.len()).ok()?;
    let mut der = Vec::with_capacity(numbers.len() + 3);
    der.push(SEQUENCE);
    if length >= 0x80 {
        der.push(0x81);
    }
    der.push(length);
    der.append(&mut numbers);
    Some(der)
}

/// A DER integer: no superfluous leading zeros, but one where the number would look negative.
fn push_integer(der: &mut Vec<u8>, number: &[u8]) {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let digits = &number[zeros.min(number.len() - 1)..];
    let padding = usize::from(digits[0] >= 0x80);
    // At most 67.
    der.extend([0x02, (digits.len() + padding) as u8]);
    if padding == 1 {
        der.push(0);
    }
    der.extend_from_slice(digits);
}
