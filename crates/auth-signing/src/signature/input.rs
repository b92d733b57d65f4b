//! What `signature-input` and `signature` say.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::HeaderName;
use sfv::BareItemFromInput;

use super::base::{ComponentError, Place, field_value, push_line, push_params};
use super::dictionary::{Component, List, Member, malformed, member};
use super::{Limits, Message, SignatureVersion, VerifyError};
use crate::header::{SIGNATURE, SIGNATURE_INPUT};

/// The member of `signature-input` with one label.
pub(super) struct SignatureInput<'de> {
    /// The member as it stands in the signature base.
    pub(super) params: String,
    pub(super) key_id: String,
    pub(super) created: SystemTime,
    pub(super) expires: Option<SystemTime>,
    pub(super) nonce: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    components: Vec<Component<'de>>,
}

/// What the parameter `alg` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Ed25519,
    Other,
}

impl<'de> SignatureInput<'de> {
    /// Reads the [`value`] of `signature-input`.
    pub(super) fn parse(
        value: &'de [u8],
        label: &str,
        limits: &Limits,
    ) -> Result<Self, VerifyError> {
        let Member::List(list) = member(value, SIGNATURE_INPUT, label, limits)? else {
            return Err(malformed(SIGNATURE_INPUT, "expected a list of components"));
        };
        list.expect_plain_and_once()?;
        Ok(Self {
            params: list.serialized(),
            key_id: list
                .text("keyid")?
                .ok_or(VerifyError::MissingParameter { name: "keyid" })?,
            created: list
                .time("created")?
                .ok_or(VerifyError::MissingParameter { name: "created" })?,
            expires: list.time("expires")?,
            nonce: list.text("nonce")?,
            algorithm: list.parameter("alg").map(|name| match name {
                BareItemFromInput::String(name) if name.as_str() == "ed25519" => Algorithm::Ed25519,
                _ => Algorithm::Other,
            }),
            components: list.components,
        })
    }

    /// The names of the covered components, in their order.
    pub(super) fn components(&self) -> impl Iterator<Item = &str> {
        self.components
            .iter()
            .map(|component| component.name.as_str())
    }

    /// The signature base of a request, and where the components stand in it.
    pub(super) fn base(
        &self,
        message: Message<'_>,
        version: SignatureVersion,
    ) -> Result<(String, Vec<Place>), ComponentError> {
        let mut base = Vec::with_capacity(2048);
        let mut places = Vec::with_capacity(self.components.len());
        for name in self.components() {
            places.push(push_line(&mut base, version, message, name)?);
        }
        push_params(&mut base, version, self.params.as_bytes());
        let base = String::from_utf8(base).expect("values are ASCII and the rest is text");
        Ok((base, places))
    }

    pub(super) fn covers(&self, component: &str) -> bool {
        self.components().any(|covered| covered == component)
    }
}

/// The bytes of the signature with one label, from the [`value`] of `signature`.
pub(super) fn signature(
    value: &[u8],
    label: &str,
    limits: &Limits,
) -> Result<Vec<u8>, VerifyError> {
    let Member::Item(BareItemFromInput::ByteSequence(bytes)) =
        member(value, SIGNATURE, label, limits)?
    else {
        return Err(malformed(SIGNATURE, "expected `:<base64>:`"));
    };
    // The parser forgives missing padding and stray bits; then one signature has several spellings.
    let spelled = format!(":{}:", STANDARD.encode(&bytes));
    if !str::from_utf8(value).is_ok_and(|value| value.contains(&spelled)) {
        return Err(malformed(
            SIGNATURE,
            "expected base64 with padding, and no stray bits",
        ));
    }
    Ok(bytes)
}

/// The value of a header that is there and not too long.
pub(super) fn value(
    headers: &HeaderMap,
    name: HeaderName,
    limits: &Limits,
) -> Result<Vec<u8>, VerifyError> {
    let length = headers.get_all(&name).iter().map(|line| line.len()).sum();
    if length > limits.header_bytes {
        return Err(VerifyError::HeaderTooLong {
            name,
            length,
            limit: limits.header_bytes,
        });
    }
    field_value(headers, &name).ok_or(VerifyError::MissingHeader { name })
}

impl List<'_> {
    fn text(&self, name: &'static str) -> Result<Option<String>, VerifyError> {
        match self.parameter(name) {
            None => Ok(None),
            Some(BareItemFromInput::String(text)) => Ok(Some(text.as_str().to_owned())),
            Some(_) => Err(VerifyError::MalformedParameter {
                name,
                expected: "a string",
            }),
        }
    }

    fn time(&self, name: &'static str) -> Result<Option<SystemTime>, VerifyError> {
        match self.parameter(name) {
            None => return Ok(None),
            Some(BareItemFromInput::Integer(seconds)) => u64::try_from(i64::from(*seconds))
                .ok()
                .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
            Some(_) => None,
        }
        .map(Some)
        .ok_or(VerifyError::MalformedParameter {
            name,
            expected: "whole seconds since 1970",
        })
    }
}
