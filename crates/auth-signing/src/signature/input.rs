//! What `signature-input` and `signature` say.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::HeaderName;
use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{
    BareItem, BareItemFromInput, Dictionary, InnerList, Item, KeyRef, ListEntry, ListSerializer,
    Parameters, Parser,
};

use super::VerifyError;
use super::base::field_value;
use crate::header::{SIGNATURE, SIGNATURE_INPUT};

/// How much of `signature-input` and `signature` a [`Verifier`](crate::Verifier) looks at, before
/// anything is known of who sent it. A request that exceeds a limit is refused.
///
/// The defaults leave several times the room that the API's own signatures need.
///
/// ```
/// use upvest_auth_signing::Limits;
///
/// let mut limits = Limits::default();
/// limits.signatures = 1;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes in each of the two headers, all lines together: 8192.
    pub header_bytes: usize,
    /// Signatures, that is labels, in each of the two headers: 8.
    pub signatures: usize,
    /// Components that one signature covers: 64.
    pub components: usize,
    /// Parameters of one signature, or of one component: 16.
    pub parameters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 8192,
            signatures: 8,
            components: 64,
            parameters: 16,
        }
    }
}

/// The member of `signature-input` with one label.
pub(super) struct SignatureInput {
    /// The member as it stands in the signature base.
    pub(super) params: String,
    pub(super) key_id: String,
    pub(super) created: SystemTime,
    pub(super) expires: Option<SystemTime>,
    pub(super) nonce: Option<String>,
    pub(super) algorithm: Option<BareItem>,
    /// The names of the covered components, in their order.
    pub(super) components: Vec<String>,
}

impl SignatureInput {
    pub(super) fn parse(
        headers: &HeaderMap,
        label: &str,
        limits: &Limits,
    ) -> Result<Self, VerifyError> {
        let value = value(headers, SIGNATURE_INPUT, limits)?;
        let ListEntry::InnerList(list) = member(&value, SIGNATURE_INPUT, label, limits)? else {
            return Err(VerifyError::MalformedHeader {
                name: SIGNATURE_INPUT,
                reason: "expected a list of components",
                source: None,
            });
        };
        let params = serialized(&list);
        let InnerList {
            items,
            params: mut parameters,
        } = list;
        Ok(Self {
            params,
            key_id: text(&mut parameters, "keyid")?
                .ok_or(VerifyError::MissingParameter { name: "keyid" })?,
            created: time(&mut parameters, "created")?
                .ok_or(VerifyError::MissingParameter { name: "created" })?,
            expires: time(&mut parameters, "expires")?,
            nonce: text(&mut parameters, "nonce")?,
            algorithm: parameters.swap_remove("alg"),
            components: components(items)?,
        })
    }
}

/// The bytes of the signature with one label.
pub(super) fn signature(
    headers: &HeaderMap,
    label: &str,
    limits: &Limits,
) -> Result<Vec<u8>, VerifyError> {
    let malformed = |reason| VerifyError::MalformedHeader {
        name: SIGNATURE,
        reason,
        source: None,
    };
    let value = value(headers, SIGNATURE, limits)?;
    let ListEntry::Item(Item {
        bare_item: BareItem::ByteSequence(bytes),
        ..
    }) = member(&value, SIGNATURE, label, limits)?
    else {
        return Err(malformed("expected `:<base64>:`"));
    };
    // The parser forgives missing padding and stray bits; then one signature has several spellings.
    let spelled = format!(":{}:", STANDARD.encode(&bytes));
    if value
        .windows(spelled.len())
        .all(|part| part != spelled.as_bytes())
    {
        return Err(malformed("expected base64 with padding, and no stray bits"));
    }
    Ok(bytes)
}

/// The list of components and parameters: what was parsed, serialised again, nothing reordered, as
/// RFC 9421 section 2.5 has it.
fn serialized(list: &InnerList) -> String {
    let mut serializer = ListSerializer::new();
    let mut inner = serializer.inner_list();
    inner.items(&list.items);
    let _ = inner.finish().parameters(&list.params);
    serializer.finish().expect("the list has a member")
}

/// The names of the covered components; each must be a plain string, given once.
fn components(items: Vec<Item>) -> Result<Vec<String>, VerifyError> {
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let BareItem::String(name) = item.bare_item else {
            return Err(VerifyError::MalformedHeader {
                name: SIGNATURE_INPUT,
                reason: "expected components to be strings",
                source: None,
            });
        };
        let name = String::from(name);
        if let Some((parameter, _)) = item.params.first() {
            return Err(VerifyError::UnknownComponent {
                name: format!("\"{name}\";{}", parameter.as_str()),
            });
        }
        if names.contains(&name) {
            return Err(VerifyError::DuplicateComponent { name });
        }
        names.push(name);
    }
    Ok(names)
}

fn text(parameters: &mut Parameters, name: &'static str) -> Result<Option<String>, VerifyError> {
    match parameters.swap_remove(name) {
        None => Ok(None),
        Some(BareItem::String(text)) => Ok(Some(text.into())),
        Some(_) => Err(VerifyError::MalformedParameter {
            name,
            expected: "a string",
        }),
    }
}

fn time(
    parameters: &mut Parameters,
    name: &'static str,
) -> Result<Option<SystemTime>, VerifyError> {
    match parameters.swap_remove(name) {
        None => return Ok(None),
        Some(BareItem::Integer(seconds)) => u64::try_from(i64::from(seconds))
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

/// The value of a header that is there and not too long.
fn value(headers: &HeaderMap, name: HeaderName, limits: &Limits) -> Result<Vec<u8>, VerifyError> {
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

/// The member of a dictionary header with this label.
fn member(
    value: &[u8],
    name: HeaderName,
    label: &str,
    limits: &Limits,
) -> Result<ListEntry, VerifyError> {
    let mut strict = Strict {
        name: &name,
        limits,
        labels: Vec::new(),
        refusal: None,
    };
    let result = Parser::new(value).parse_dictionary_with_visitor(&mut strict);
    if let Some(refusal) = strict.refusal {
        return Err(refusal);
    }
    let malformed = |error: sfv::Error| VerifyError::MalformedHeader {
        name: name.clone(),
        reason: "expected a structured dictionary",
        source: Some(error.into()),
    };
    result.map_err(malformed)?;
    let mut dictionary: Dictionary = Parser::new(value).parse().map_err(malformed)?;
    dictionary
        .swap_remove(label)
        .ok_or_else(|| VerifyError::MissingLabel {
            name,
            label: label.to_owned(),
        })
}

/// Reads a dictionary for its shape alone, and refuses what exceeds a limit and what structured
/// fields silently take the last of: labels and parameters that are given twice.
struct Strict<'v, 'de> {
    name: &'v HeaderName,
    limits: &'v Limits,
    labels: Vec<&'de KeyRef>,
    refusal: Option<VerifyError>,
}

/// Stops the parser; the reason is in [`Strict::refusal`].
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused;

/// One member of the dictionary, or one of the items of its list.
struct Entry<'a, 'v, 'de> {
    strict: &'a mut Strict<'v, 'de>,
    items: usize,
}

/// The parameters of a member or an item.
struct Keys<'a, 'v, 'de> {
    strict: &'a mut Strict<'v, 'de>,
    seen: Vec<&'de KeyRef>,
}

impl<'v, 'de> Strict<'v, 'de> {
    fn refuse(&mut self, refusal: VerifyError) -> Result<(), Refused> {
        self.refusal = Some(refusal);
        Err(Refused)
    }

    fn expect_room(
        &mut self,
        count: usize,
        limit: usize,
        what: &'static str,
    ) -> Result<(), Refused> {
        if count < limit {
            return Ok(());
        }
        let name = self.name.clone();
        self.refuse(VerifyError::TooMany { name, what, limit })
    }
}

impl<'de> DictionaryVisitor<'de> for Strict<'_, 'de> {
    type Error = Refused;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Refused> {
        self.expect_room(self.labels.len(), self.limits.signatures, "signatures")?;
        if self.labels.contains(&key) {
            self.refuse(VerifyError::DuplicateLabel {
                name: self.name.clone(),
                label: key.as_str().to_owned(),
            })?;
        }
        self.labels.push(key);
        Ok(Entry {
            strict: self,
            items: 0,
        })
    }
}

impl<'a, 'v, 'de> Entry<'a, 'v, 'de> {
    fn keys(self) -> Keys<'a, 'v, 'de> {
        Keys {
            strict: self.strict,
            seen: Vec::new(),
        }
    }
}

impl<'de> ItemVisitor<'de> for Entry<'_, '_, 'de> {
    type Error = Refused;

    fn bare_item(self, _: BareItemFromInput<'de>) -> Result<impl ParameterVisitor<'de>, Refused> {
        Ok(self.keys())
    }
}

impl<'de> EntryVisitor<'de> for Entry<'_, '_, 'de> {
    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, Refused> {
        Ok(self)
    }
}

impl<'de> InnerListVisitor<'de> for Entry<'_, '_, 'de> {
    type Error = Refused;

    fn item(&mut self) -> Result<impl ItemVisitor<'de>, Refused> {
        let limit = self.strict.limits.components;
        self.strict.expect_room(self.items, limit, "components")?;
        self.items += 1;
        Ok(Entry {
            strict: self.strict,
            items: 0,
        })
    }

    fn finish(self) -> Result<impl ParameterVisitor<'de>, Refused> {
        Ok(self.keys())
    }
}

impl<'de> ParameterVisitor<'de> for Keys<'_, '_, 'de> {
    type Error = Refused;

    fn parameter(&mut self, key: &'de KeyRef, _: BareItemFromInput<'de>) -> Result<(), Refused> {
        let limit = self.strict.limits.parameters;
        self.strict
            .expect_room(self.seen.len(), limit, "parameters")?;
        if self.seen.contains(&key) {
            self.strict.refuse(VerifyError::DuplicateParameter {
                name: key.as_str().to_owned(),
            })?;
        }
        self.seen.push(key);
        Ok(())
    }
}
