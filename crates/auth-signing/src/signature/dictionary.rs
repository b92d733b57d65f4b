//! The two signature headers as structured dictionaries, read within [`Limits`].

use std::borrow::Cow;

use http::header::HeaderName;
use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{BareItemFromInput, KeyRef, ListSerializer, Parser, StringRef};

use super::{Limits, VerifyError};
use crate::header::SIGNATURE_INPUT;

/// The member of a dictionary header with this label.
pub(super) fn member<'de>(
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

/// The refusal of a malformed header for which the parser has no error.
pub(super) fn malformed(name: HeaderName, reason: &'static str) -> VerifyError {
    VerifyError::MalformedHeader {
        name,
        reason,
        source: None,
    }
}

/// A member of a dictionary.
pub(super) enum Member<'de> {
    Item(BareItemFromInput<'de>),
    List(List<'de>),
}

/// A list of components with the parameters of the signature.
#[derive(Default)]
pub(super) struct List<'de> {
    pub(super) components: Vec<Component<'de>>,
    /// Whether there are items that are not strings.
    has_others: bool,
    parameters: Vec<(&'de KeyRef, BareItemFromInput<'de>)>,
}

pub(super) struct Component<'de> {
    pub(super) name: Cow<'de, StringRef>,
    /// One of its own parameters.
    parameter: Option<&'de KeyRef>,
}

impl List<'_> {
    /// Components must be strings, have no parameters, and be given once.
    pub(super) fn expect_plain_and_once(&self) -> Result<(), VerifyError> {
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
    pub(super) fn serialized(&self) -> String {
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

    pub(super) fn parameter(&self, name: &str) -> Option<&BareItemFromInput<'_>> {
        self.parameters
            .iter()
            .find_map(|(found, value)| (found.as_str() == name).then_some(value))
    }
}

/// Reads a dictionary for the member with one label. Refuses what exceeds a limit, and labels and
/// parameters that are given twice: structured fields would silently use the last of them.
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
