//! What `signature-input` and `signature` say.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::HeaderName;
use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{BareItemFromInput, KeyRef, ListSerializer, Parser, StringRef};

use super::base::{ComponentError, Place, field_value, push_line, push_params};
use super::{Message, SignatureVersion, VerifyError};
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

fn malformed(name: HeaderName, reason: &'static str) -> VerifyError {
    VerifyError::MalformedHeader {
        name,
        reason,
        source: None,
    }
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

/// The member of a dictionary header with this label.
fn member<'de>(
    value: &'de [u8],
    name: HeaderName,
    label: &str,
    limits: &Limits,
) -> Result<Member<'de>, VerifyError> {
    let mut reader = Reader {
        name: &name,
        label,
        limits,
        labels: Vec::new(),
        member: None,
        refusal: None,
    };
    let result = Parser::new(value).parse_dictionary_with_visitor(&mut reader);
    if let Some(refusal) = reader.refusal {
        return Err(refusal);
    }
    let member = reader.member;
    if let Err(error) = result {
        return Err(VerifyError::MalformedHeader {
            name,
            reason: "expected a structured dictionary",
            source: Some(error.into()),
        });
    }
    member.ok_or_else(|| VerifyError::MissingLabel {
        name,
        label: label.to_owned(),
    })
}

/// A member of a dictionary.
enum Member<'de> {
    Item(BareItemFromInput<'de>),
    List(List<'de>),
}

/// A list of components with the parameters of the signature.
#[derive(Default)]
struct List<'de> {
    components: Vec<Component<'de>>,
    /// Whether there are items that are no strings.
    has_others: bool,
    parameters: Vec<(&'de KeyRef, BareItemFromInput<'de>)>,
}

struct Component<'de> {
    name: Cow<'de, StringRef>,
    /// One of its own parameters.
    parameter: Option<&'de KeyRef>,
}

impl List<'_> {
    /// Components must be strings, have no parameters, and be given once.
    fn expect_plain_and_once(&self) -> Result<(), VerifyError> {
        if self.has_others {
            return Err(malformed(
                SIGNATURE_INPUT,
                "expected components to be strings",
            ));
        }
        for (index, component) in self.components.iter().enumerate() {
            let name = component.name.as_str();
            if let Some(parameter) = component.parameter {
                return Err(VerifyError::UnknownComponent {
                    name: format!("\"{name}\";{}", parameter.as_str()),
                });
            }
            let earlier = &self.components[..index];
            if earlier.iter().any(|earlier| earlier.name == component.name) {
                return Err(VerifyError::DuplicateComponent {
                    name: name.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// The list as text: what was parsed, serialised again, nothing reordered, as RFC 9421 section
    /// 2.5 has it. Components are plain, or they were refused.
    fn serialized(&self) -> String {
        let mut text = String::with_capacity(512);
        let mut serializer = ListSerializer::with_buffer(&mut text);
        let mut inner = serializer.inner_list();
        for component in &self.components {
            let _ = inner.bare_item(&*component.name);
        }
        let parameters = self.parameters.iter().map(|(name, value)| (name, value));
        let _ = inner.finish().parameters(parameters);
        text
    }

    fn parameter(&self, name: &str) -> Option<&BareItemFromInput<'_>> {
        self.parameters
            .iter()
            .find_map(|(found, value)| (found.as_str() == name).then_some(value))
    }

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

/// Reads a dictionary for the member with one label. Refuses what exceeds a limit, and what
/// structured fields silently take the last of: labels and parameters that are given twice.
struct Reader<'v, 'de> {
    name: &'v HeaderName,
    label: &'v str,
    limits: &'v Limits,
    labels: Vec<&'de KeyRef>,
    member: Option<Member<'de>>,
    refusal: Option<VerifyError>,
}

/// Stops the parser; the reason is in [`Reader::refusal`].
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused;

impl<'de> Reader<'_, 'de> {
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

    /// The list that is being read, if it is the one looked for.
    fn list(&mut self, wanted: bool) -> Option<&mut List<'de>> {
        match &mut self.member {
            Some(Member::List(list)) if wanted => Some(list),
            _ => None,
        }
    }
}

impl<'de> DictionaryVisitor<'de> for Reader<'_, 'de> {
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
            wanted: key.as_str() == self.label,
            reader: self,
        })
    }
}

/// A member of the dictionary.
struct Entry<'a, 'v, 'de> {
    reader: &'a mut Reader<'v, 'de>,
    wanted: bool,
}

impl<'de> ItemVisitor<'de> for Entry<'_, '_, 'de> {
    type Error = Refused;

    fn bare_item(
        self,
        item: BareItemFromInput<'de>,
    ) -> Result<impl ParameterVisitor<'de>, Refused> {
        if self.wanted {
            self.reader.member = Some(Member::Item(item));
        }
        Ok(Keys {
            reader: self.reader,
            wanted: false,
            of_component: false,
            seen: Vec::new(),
        })
    }
}

impl<'de> EntryVisitor<'de> for Entry<'_, '_, 'de> {
    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, Refused> {
        if self.wanted {
            self.reader.member = Some(Member::List(List::default()));
        }
        Ok(Items {
            reader: self.reader,
            wanted: self.wanted,
            count: 0,
        })
    }
}

/// The items of a list.
struct Items<'a, 'v, 'de> {
    reader: &'a mut Reader<'v, 'de>,
    wanted: bool,
    count: usize,
}

impl<'de> InnerListVisitor<'de> for Items<'_, '_, 'de> {
    type Error = Refused;

    fn item(&mut self) -> Result<impl ItemVisitor<'de>, Refused> {
        let limit = self.reader.limits.components;
        self.reader.expect_room(self.count, limit, "components")?;
        self.count += 1;
        Ok(ListItem {
            reader: self.reader,
            wanted: self.wanted,
        })
    }

    fn finish(self) -> Result<impl ParameterVisitor<'de>, Refused> {
        Ok(Keys {
            reader: self.reader,
            wanted: self.wanted,
            of_component: false,
            seen: Vec::new(),
        })
    }
}

/// One item of a list.
struct ListItem<'a, 'v, 'de> {
    reader: &'a mut Reader<'v, 'de>,
    wanted: bool,
}

impl<'de> ItemVisitor<'de> for ListItem<'_, '_, 'de> {
    type Error = Refused;

    fn bare_item(
        self,
        name: BareItemFromInput<'de>,
    ) -> Result<impl ParameterVisitor<'de>, Refused> {
        if let Some(list) = self.reader.list(self.wanted) {
            match name {
                BareItemFromInput::String(name) => list.components.push(Component {
                    name,
                    parameter: None,
                }),
                _ => list.has_others = true,
            }
        }
        Ok(Keys {
            reader: self.reader,
            wanted: self.wanted,
            of_component: true,
            seen: Vec::new(),
        })
    }
}

/// The parameters of a member, or of an item of its list.
struct Keys<'a, 'v, 'de> {
    reader: &'a mut Reader<'v, 'de>,
    wanted: bool,
    of_component: bool,
    seen: Vec<&'de KeyRef>,
}

impl<'de> ParameterVisitor<'de> for Keys<'_, '_, 'de> {
    type Error = Refused;

    fn parameter(
        &mut self,
        key: &'de KeyRef,
        value: BareItemFromInput<'de>,
    ) -> Result<(), Refused> {
        let limit = self.reader.limits.parameters;
        self.reader
            .expect_room(self.seen.len(), limit, "parameters")?;
        if self.seen.contains(&key) {
            self.reader.refuse(VerifyError::DuplicateParameter {
                name: key.as_str().to_owned(),
            })?;
        }
        self.seen.push(key);
        if let Some(list) = self.reader.list(self.wanted) {
            if !self.of_component {
                list.parameters.push((key, value));
            } else if let Some(component) = list.components.last_mut() {
                component.parameter = Some(key);
            }
        }
        Ok(())
    }
}
