//! The typed model of an API: generation, comparison and lists are made from it.
//!
//! [`lower`](mod@crate::lower) makes it from a document. Every object, enum, union and id is one
//! [`Def`], however often the document describes it, and has its Rust name.

use serde_json::Value;

use crate::error::Pointer;

mod limits;
mod operation;
pub mod pattern;
pub mod shape;
mod ty;

pub use limits::Limits;
pub use operation::{Arg, Body, Encoding, Location, Operation, Paging, Success};
pub use ty::{DefId, Ty};

/// The module of types that several tags share.
pub const COMMON: &str = "common";

/// The name of the one error schema.
pub const PROBLEM: &str = "Problem";

/// The enum of all events.
pub const EVENT: &str = "WebhookEvent";

/// An API.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The SHA-256 of the document as published.
    pub digest: String,
    /// All types, in the order in which the document introduces them. A [`DefId`] is an index.
    pub defs: Vec<Def>,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The webhooks, in the order of the document.
    pub webhooks: Vec<Webhook>,
    /// The type of the answer of every operation that fails.
    pub problem: Option<Ty>,
    /// The examples of bodies, in the order of the document.
    pub examples: Vec<Example>,
    /// What the document has and the generated code does not have.
    pub left_out: Vec<LeftOut>,
}

impl Api {
    /// A type.
    pub fn def(&self, id: DefId) -> &Def {
        &self.defs[id.0]
    }

    /// All types with their ids.
    pub fn ids(&self) -> impl Iterator<Item = (DefId, &Def)> {
        self.defs
            .iter()
            .enumerate()
            .map(|(index, def)| (DefId(index), def))
    }

    /// The type of that name.
    pub fn named(&self, name: &str) -> Option<&Def> {
        self.defs.iter().find(|def| def.name == name)
    }

    /// The values without a type, with the reason for each.
    pub fn untyped(&self) -> Vec<(Pointer, &'static str)> {
        let mut found = Vec::new();
        for def in &self.defs {
            let TypeKind::Struct(structure) = &def.kind else {
                continue;
            };
            let fields = structure.fields.iter().map(|one| (&one.pointer, &one.ty));
            let rest = structure.rest.iter().map(|(_, ty)| (def.pointer(), ty));
            for (pointer, ty) in fields.chain(rest) {
                let reason = match ty.innermost() {
                    Ty::Json(reason) => reason,
                    Ty::F64 => {
                        "a `number` without `format: decimal`, which is read as floating point"
                    }
                    _ => continue,
                };
                found.push((pointer.clone(), reason));
            }
        }
        found
    }

    /// The struct that a type is, if it is one.
    pub fn structure(&self, ty: &Ty) -> Option<(&Def, &Struct)> {
        let def = self.def(ty.def()?);
        match &def.kind {
            TypeKind::Struct(structure) => Some((def, structure)),
            _ => None,
        }
    }
}

/// A type of the API.
#[derive(Clone, Debug)]
pub struct Def {
    /// The name in Rust.
    pub name: String,
    /// The module it goes to.
    pub module: String,
    /// What it is.
    pub kind: TypeKind,
    /// What the document says of it.
    pub docs: Option<String>,
    /// Whether it is read, sent or both.
    pub usage: Usage,
    /// Where the document describes it. Errors name the first place.
    pub places: Vec<Pointer>,
    /// An example value from the document.
    pub example: Option<Value>,
}

impl Def {
    /// The first place where the document describes it.
    pub fn pointer(&self) -> &Pointer {
        &self.places[0]
    }

    /// The name of its builder, if it is sent and has more required fields than `new` should take.
    pub fn builder(&self) -> Option<String> {
        const MOST: usize = 4;
        let TypeKind::Struct(structure) = &self.kind else {
            return None;
        };
        let required = structure.fields.iter();
        let required = required.filter(|field| field.is_asked_for());
        (self.usage.sent && required.count() > MOST).then(|| format!("{}Builder", self.name))
    }
}

/// What kind of type it is.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// An object with properties.
    Struct(Struct),
    /// Strings. The API may add values.
    Enum(Vec<Variant>),
    /// One of several structs.
    Union(Union),
    /// The id of something.
    Id(Id),
}

impl TypeKind {
    /// The types that it is made of.
    pub fn parts(&self) -> Vec<DefId> {
        match self {
            Self::Struct(structure) => {
                let fields = structure.fields.iter().map(|field| &field.ty);
                let rest = structure.rest.iter().map(|(_, ty)| ty);
                fields
                    .chain(rest)
                    .filter_map(|ty| ty.innermost().def())
                    .collect()
            }
            Self::Union(union) => union.variants.clone(),
            Self::Enum(_) | Self::Id(_) => Vec::new(),
        }
    }
}

/// An object with properties.
#[derive(Clone, Debug, Default)]
pub struct Struct {
    /// Its properties, in the order of the document.
    pub fields: Vec<Field>,
    /// The field that keeps all other members, and their type, if the object may have other
    /// members.
    pub rest: Option<(String, Ty)>,
}

impl Struct {
    /// The property of that name on the wire.
    pub fn field(&self, wire: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.wire == wire)
    }
}

/// A property.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name on the wire.
    pub wire: String,
    /// The name in Rust.
    pub name: String,
    /// The type of its value, where there is one.
    pub ty: Ty,
    /// Whether there is a value.
    pub presence: Presence,
    /// Whether the enum has a default value, which the field has unless another value is set.
    pub has_default: bool,
    /// What the document says of it.
    pub docs: Option<String>,
    /// What it demands of the value beyond its type.
    pub limits: Limits,
    /// `readOnly`: it is never sent.
    pub read_only: bool,
    /// `writeOnly`: it is never answered.
    pub write_only: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// Personal data, which `Debug` does not show.
    pub personal: bool,
    /// Whether an empty string clears the value, so that it differs from an absent value.
    pub clears: bool,
    /// Where it is described.
    pub pointer: Pointer,
}

impl Field {
    /// The type of its value in Rust, and its presence, where an empty string counts as absent.
    pub fn in_rust(&self) -> (&Ty, Presence) {
        match (&self.ty, self.presence) {
            (Ty::OrEmpty(inner), Presence::Required) => (inner, Presence::Nullable),
            (Ty::OrEmpty(inner), Presence::Optional) if self.clears => {
                (inner, Presence::OptionalNullable)
            }
            (Ty::OrEmpty(inner), Presence::Optional) => (inner, Presence::Optional),
            (ty, presence) => (ty, presence),
        }
    }

    /// Whether the code that makes an object must give its value.
    pub fn is_asked_for(&self) -> bool {
        self.presence.is_required() && !self.has_default
    }
}

/// Whether a property is there, and may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// There is a value.
    Required,
    /// The property is there, but may be null.
    Nullable,
    /// The property may be absent.
    Optional,
    /// The property may be absent, and may be null; the two differ.
    OptionalNullable,
}

impl Presence {
    /// The presence of a property by `required` and `nullable`.
    pub fn of(required: bool, nullable: bool) -> Self {
        match (required, nullable) {
            (true, false) => Self::Required,
            (true, true) => Self::Nullable,
            (false, false) => Self::Optional,
            (false, true) => Self::OptionalNullable,
        }
    }

    /// Whether the property is always there.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Required | Self::Nullable)
    }

    /// Whether it may be null.
    pub fn is_nullable(self) -> bool {
        matches!(self, Self::Nullable | Self::OptionalNullable)
    }
}

/// A value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The value on the wire.
    pub wire: String,
    /// The name in Rust.
    pub name: String,
    /// Whether this is the default value of the enum: its only value, or the value that was its
    /// only one before others were added.
    pub is_default: bool,
}

/// One of several structs.
#[derive(Clone, Debug)]
pub struct Union {
    /// The variants, those with more required fields first: structs, and before them an id, if an
    /// id may stand in place of a struct.
    pub variants: Vec<DefId>,
    /// Whether the overlay says that the first of two variants that fit a value is meant.
    pub in_order: bool,
}

impl Union {
    /// The variant that is text, if there is one.
    pub fn text(&self, api: &Api) -> Option<DefId> {
        let first = *self.variants.first()?;
        matches!(api.def(first).kind, TypeKind::Id(_) | TypeKind::Enum(_)).then_some(first)
    }

    /// The variants that are objects.
    pub fn objects(&self, api: &Api) -> Vec<DefId> {
        let text = self.text(api);
        let all = self.variants.iter().copied();
        all.filter(|id| Some(*id) != text).collect()
    }
}

/// How an id is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// A UUID.
    Uuid,
    /// Any text.
    Text,
}

/// Whether something is read, sent, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// It is in an answer or in an event.
    pub read: bool,
    /// It is an argument or in a body.
    pub sent: bool,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its name, as published.
    pub name: String,
    /// `operationId`.
    pub id: String,
    /// The module of its event.
    pub module: String,
    /// What it delivers.
    pub ty: Ty,
    /// How its events are recognised, if they can be.
    pub event: Option<Event>,
    /// Where it is described.
    pub pointer: Pointer,
}

/// An event with a `type` by which it is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The struct.
    pub def: DefId,
    /// The variant of the enum of all events.
    pub variant: String,
    /// The values that its `type` may have.
    pub types: Vec<String>,
}

/// A published example of a body.
#[derive(Clone, Debug)]
pub struct Example {
    /// Where it stands.
    pub pointer: Pointer,
    /// The type of the body.
    pub ty: Ty,
    /// The example itself.
    pub value: Value,
}

/// A part of the document that the generated code does not have.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Where it stands.
    pub pointer: Pointer,
    /// Why it is left out.
    pub reason: String,
}
