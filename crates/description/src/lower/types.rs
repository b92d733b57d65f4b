//! The types found so far, while a document is read.

use std::collections::HashMap;

use super::merge::Unwrapped;
use super::name::Name;
use crate::error::{Error, Pointer};
use crate::ir::{DefId, LeftOut, Limits, Struct, Ty, TypeKind};

/// A type that has no name yet.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: TypeKind,
    pub(super) docs: Option<String>,
    pub(super) name: Name,
    /// What the overlay, or the rule of ids, calls it.
    pub(super) explicit: Option<String>,
    /// What `components` calls it.
    pub(super) component: Option<String>,
    /// The format of an enum.
    pub(super) format: Option<String>,
    pub(super) places: Vec<Pointer>,
}

impl Node {
    /// A type of which nothing is known yet.
    pub(super) fn nothing(place: &Pointer) -> Self {
        Self {
            kind: TypeKind::Struct(Struct::default()),
            docs: None,
            name: Name::of(""),
            explicit: None,
            component: None,
            format: None,
            places: vec![place.clone()],
        }
    }
}

/// What stands in the place of a schema.
pub(super) struct Added<'d> {
    pub(super) ty: Ty,
    pub(super) limits: Limits,
    pub(super) unwrapped: Unwrapped<'d>,
}

impl Added<'_> {
    /// The type within a list or map.
    pub(super) fn element(self) -> Ty {
        match self.unwrapped.nullable {
            true => Ty::Nullable(Box::new(self.ty)),
            false => self.ty,
        }
    }
}

/// A schema, and the name that its type is given where it stands.
pub(super) type Key = (Pointer, Option<String>);

/// A schema that is being read.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) key: Key,
    /// What stands for it where it contains itself, and what is wrong there if it is not a type.
    pub(super) within: Option<(DefId, Error)>,
}

/// What stands in the place of a schema: its type, and the limits of its elements.
pub(super) type Lowered = (Ty, Option<Box<Limits>>);

/// All types met so far.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) nodes: Vec<Node>,
    /// What each node became a part of.
    pub(super) canon: Vec<usize>,
    pub(super) by_structure: HashMap<String, usize>,
    pub(super) by_place: HashMap<Key, Lowered>,
    pub(super) open: Vec<Open>,
    pub(super) left_out: Vec<LeftOut>,
}
