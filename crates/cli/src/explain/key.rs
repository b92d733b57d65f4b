//! What a key shows: whether the signature is right, and if not, what was signed instead.

use upvest_auth_signing::{KeyAlgorithm, SignatureVersion, VerifyingKey};

use super::case::Case;
use super::cause::Cause;
use super::encoding;
use super::signed::Signed;
use super::variants::{self, Base};

/// Bytes of `r` and `s` of P-521 side by side.
const P521_HALVES: usize = 132;

/// Tries the known mistakes, until one explains the signature.
pub(super) fn causes(case: &Case<'_>) -> Vec<Cause> {
    let (Some(signed), Some(key)) = (&case.signed, case.key) else {
        return Vec::new();
    };
    let is_15 = case.version == SignatureVersion::V15;
    let base = Base::new(signed, is_15);
    let verifies = |base: &[u8], signature: &[u8]| key.verify(base, signature).is_ok();
    if verifies(&base.text(), &signed.signature) {
        return Vec::new();
    }
    if let Some(cause) = other_encoding(signed, key, &base.text()) {
        return vec![cause];
    }
    let found = variants::of(case, &base)
        .into_iter()
        .find(|(_, text)| verifies(text, &signed.signature));
    found.map(|(cause, _)| cause).into_iter().collect()
}

/// A signature that is right, but written in another way.
fn other_encoding(signed: &Signed, key: &VerifyingKey, base: &[u8]) -> Option<Cause> {
    let signature = &signed.signature;
    let is_p521 = key.algorithm() == KeyAlgorithm::EcdsaP521Sha512;
    if is_p521
        && signature.len() == P521_HALVES
        && key
            .verify(base, &encoding::der_of_halves(signature))
            .is_ok()
    {
        return Some(Cause::new(
            "fixed-width",
            "the signature is r and s side by side, as RFC 9421 has it",
            "write it as ASN.1 DER, as OpenSSL does: the API expects that",
        ));
    }
    let inner = std::str::from_utf8(signature)
        .ok()
        .and_then(encoding::base64)?;
    key.verify(base, &inner).is_ok().then(|| {
        Cause::new(
            "base64-twice",
            "the signature is encoded in base64 twice",
            "encode the bytes of the signature, not their text",
        )
    })
}

/// What the signature looks like, if nothing else explains it.
pub(super) fn suspicions(case: &Case<'_>, is_unexplained: bool) -> Vec<Cause> {
    let Some(signed) = &case.signed else {
        return Vec::new();
    };
    let mut causes = Vec::new();
    if is_unexplained {
        causes.extend(by_length(signed, case.key));
    }
    let is_wrong = case.key.is_some_and(|key| {
        let base = Base::new(signed, case.version == SignatureVersion::V15);
        key.verify(&base.text(), &signed.signature).is_err()
    });
    if is_unexplained && is_wrong && causes.is_empty() {
        causes.push(Cause::new(
            "other-key",
            "another key signed, or something on the way changed a header or the address",
            "see whether the private key belongs to this public key: `upvest keys public PRIVATE`",
        ));
    }
    if is_unexplained && causes.is_empty() && !is_uuid(signed.parameter("keyid")) {
        causes.push(Cause::new(
            "keyid",
            "keyid is not a UUID",
            "send the id that Upvest gave to the public key when it was registered",
        ));
    }
    causes
}

fn is_uuid(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.parse::<uuid::Uuid>().is_ok())
}

/// Signatures of other algorithms have other lengths.
fn by_length(signed: &Signed, key: Option<&VerifyingKey>) -> Option<Cause> {
    let length = signed.signature.len();
    let is_der = signed.signature.first() == Some(&0x30);
    let curve = match length {
        68..=72 if is_der => "P-256",
        100..=104 if is_der => "P-384",
        96 if !is_der => "P-384",
        _ => "",
    };
    if !curve.is_empty() {
        return Some(Cause::new(
            "curve",
            format!("the signature, of {length} bytes, was made by a key on {curve}"),
            "the API accepts keys on P-521 (secp521r1) or Ed25519: `upvest keys generate`",
        ));
    }
    if matches!(length, 256 | 384 | 512) {
        return Some(Cause::new(
            "rsa",
            format!("the signature, of {length} bytes, was made by an RSA key"),
            "the API accepts keys on P-521 (secp521r1) or Ed25519: `upvest keys generate`",
        ));
    }
    if length == P521_HALVES && key.is_none() {
        return Some(Cause::new(
            "fixed-width",
            "the signature is r and s side by side, as RFC 9421 has it",
            "write it as ASN.1 DER, as OpenSSL does: the API expects that",
        ));
    }
    (!encoding::is_standard(&signed.encoded)).then(|| {
        Cause::new(
            "base64",
            "the signature is not in the standard alphabet of base64 with padding",
            "use `+`, `/` and `=` (RFC 4648, section 4), not the alphabet for URLs",
        )
    })
}
