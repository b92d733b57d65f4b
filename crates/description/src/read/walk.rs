//! The structure of a document: which members of which objects hold which other objects.
//!
//! Only known members are followed, so that a part of an example is never taken for a schema.

use serde_json::{Map as Members, Value, json};

use crate::error::{Pointer, Result};
use crate::read::cursor::Cursor;

/// Where a schema stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// In the document.
    pub(crate) pointer: Pointer,
    /// Whether it is one of the members of a `oneOf` or `anyOf`.
    pub(crate) is_variant: bool,
}

/// An object of OpenAPI that contains schemas, or is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// The whole.
    Document,
    /// The components, to which other places refer.
    Components,
    /// The operations of a path, or of a webhook.
    PathItem,
    /// An operation.
    Operation,
    /// A parameter; or a header, which is the same without name and place.
    Parameter,
    /// A response; or a request body.
    Response,
    /// A body of one media type.
    MediaType,
    /// How a part of a form is written.
    Encoding,
    /// A schema.
    Schema,
    /// A schema that is a member of a `oneOf` or `anyOf`.
    Variant,
}

/// How a member holds objects.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holds {
    One,
    List,
    Map,
    /// By name and then by expression, as callbacks are.
    Maps,
}

use Holds::{List, Map, Maps, One};

/// The name of a member, and what it holds how.
pub(crate) type Member = (&'static str, Holds, Object);

/// Whether a member of any object is text for people.
pub fn is_words(member: &str) -> bool {
    const WORDS: &[&str] = &[
        "description",
        "example",
        "examples",
        "externalDocs",
        "summary",
        "title",
        "xml",
    ];
    WORDS.contains(&member)
}

impl Object {
    /// How a member of that name holds which objects, if it does.
    pub(crate) fn member(self, name: &str) -> Option<&'static Member> {
        self.members().iter().find(|(known, ..)| *known == name)
    }

    fn members(self) -> &'static [Member] {
        match self {
            Self::Document => &[
                ("paths", Map, Self::PathItem),
                ("webhooks", Map, Self::PathItem),
                ("x-webhooks", Map, Self::PathItem),
                ("components", One, Self::Components),
            ],
            Self::Components => &[
                ("schemas", Map, Self::Schema),
                ("responses", Map, Self::Response),
                ("parameters", Map, Self::Parameter),
                ("requestBodies", Map, Self::Response),
                ("headers", Map, Self::Parameter),
                ("callbacks", Maps, Self::PathItem),
                ("pathItems", Map, Self::PathItem),
            ],
            Self::PathItem => &[
                ("parameters", List, Self::Parameter),
                ("get", One, Self::Operation),
                ("put", One, Self::Operation),
                ("post", One, Self::Operation),
                ("delete", One, Self::Operation),
                ("options", One, Self::Operation),
                ("head", One, Self::Operation),
                ("patch", One, Self::Operation),
                ("trace", One, Self::Operation),
            ],
            Self::Operation => &[
                ("parameters", List, Self::Parameter),
                ("requestBody", One, Self::Response),
                ("responses", Map, Self::Response),
                ("callbacks", Maps, Self::PathItem),
            ],
            Self::Parameter => &[
                ("schema", One, Self::Schema),
                ("content", Map, Self::MediaType),
            ],
            Self::Response => &[
                ("headers", Map, Self::Parameter),
                ("content", Map, Self::MediaType),
            ],
            Self::MediaType => &[
                ("schema", One, Self::Schema),
                ("encoding", Map, Self::Encoding),
            ],
            Self::Encoding => &[("headers", Map, Self::Parameter)],
            Self::Schema | Self::Variant => &[
                ("properties", Map, Self::Schema),
                ("additionalProperties", One, Self::Schema),
                ("items", One, Self::Schema),
                ("not", One, Self::Schema),
                ("allOf", List, Self::Schema),
                ("oneOf", List, Self::Variant),
                ("anyOf", List, Self::Variant),
            ],
        }
    }
}

/// Is called with each member: the object that has it, the place of that object, the member, and its name.
type Visitor<'v, 'd> = dyn FnMut(Object, &Cursor<'d>, &Cursor<'d>, &'d str) + 'v;

/// Visits every member of every object, before its own members. The target of a reference is
/// visited where it is defined. Members beside a reference are not visited, since OpenAPI 3.0
/// ignores them.
pub fn members<'d>(document: &Cursor<'d>, visit: &mut Visitor<'_, 'd>) {
    members_of(document, Object::Document, visit);
}

fn members_of<'d>(place: &Cursor<'d>, kind: Object, visit: &mut Visitor<'_, 'd>) {
    let is_reference = place.get("$ref").is_some();
    for (name, member) in place.entries().unwrap_or_default() {
        visit(kind, place, &member, name);
        if let Some((_, holds, inner)) = kind.member(name).filter(|_| !is_reference) {
            below(&member, *holds, &mut |place| {
                members_of(place, *inner, visit)
            });
        }
    }
}

fn below<'d>(member: &Cursor<'d>, holds: Holds, visit: &mut dyn FnMut(&Cursor<'d>)) {
    let inner = match holds {
        One => return visit(member),
        List | Map => One,
        Maps => Map,
    };
    for child in member.children() {
        below(&child, inner, visit);
    }
}

/// Returns a document without texts for people: descriptions, titles, examples. Texts that OpenAPI
/// requires stay, and are empty.
pub fn without_words(document: &Value) -> Value {
    let mut bare = copy(document, Object::Document);
    if let Some(root) = bare.as_object_mut() {
        root.shift_remove("tags");
        let info = &document["info"];
        let info = json!({ "title": info["title"], "version": info["version"] });
        root.insert("info".to_owned(), info);
    }
    bare
}

fn copy(value: &Value, kind: Object) -> Value {
    let Some(members) = value.as_object() else {
        return value.clone();
    };
    let mut kept = Members::new();
    for (name, value) in members {
        let value = match kind.member(name) {
            Some((_, holds, inner)) => copy_held(value, *holds, *inner),
            None if kind == Object::Response && name == "description" => json!(""),
            None if is_words(name) => continue,
            None => value.clone(),
        };
        kept.insert(name.clone(), value);
    }
    kept.into()
}

fn copy_held(value: &Value, holds: Holds, kind: Object) -> Value {
    let inner = match holds {
        One => return copy(value, kind),
        List | Map => One,
        Maps => Map,
    };
    match value {
        Value::Array(items) => {
            let copies = items.iter().map(|item| copy_held(item, inner, kind));
            copies.collect()
        }
        Value::Object(entries) => {
            let copies = entries
                .iter()
                .map(|(name, entry)| (name.clone(), copy_held(entry, inner, kind)));
            Value::Object(copies.collect())
        }
        other => other.clone(),
    }
}

type Visit<'v> = dyn FnMut(&mut Value, &Place) -> Result<()> + 'v;

/// Visits every schema, what it contains before itself.
pub(crate) fn schemas(root: &mut Value, visit: &mut Visit<'_>) -> Result<()> {
    object(root, Object::Document, &Pointer::root(), visit)
}

fn object(value: &mut Value, kind: Object, at: &Pointer, visit: &mut Visit<'_>) -> Result<()> {
    for (name, holds, kind) in kind.members() {
        // `true` or `false` alone is allowed here in OpenAPI 3.0 too.
        let is_flag = |member: &Value| *name == "additionalProperties" && member.is_boolean();
        if let Some(member) = value.get_mut(*name)
            && !is_flag(member)
        {
            held(member, *holds, *kind, &at.join(name), visit)?;
        }
    }
    if matches!(kind, Object::Schema | Object::Variant) {
        let place = Place {
            pointer: at.clone(),
            is_variant: kind == Object::Variant,
        };
        visit(value, &place)?;
    }
    Ok(())
}

fn held(
    member: &mut Value,
    holds: Holds,
    kind: Object,
    at: &Pointer,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let inner = match holds {
        One => return object(member, kind, at, visit),
        List | Map => One,
        Maps => Map,
    };
    match member {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                held(item, inner, kind, &at.join(index), visit)?;
            }
        }
        Value::Object(entries) => {
            for (key, entry) in entries {
                held(entry, inner, kind, &at.join(key), visit)?;
            }
        }
        _ => {}
    }
    Ok(())
}
