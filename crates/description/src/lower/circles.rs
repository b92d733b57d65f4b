//! Schemas that contain themselves: `A` has a property `b` that is a `B`, which has a list of `A`.
//!
//! While such a schema is read, an empty type stands for it where it appears again; both become one
//! type as soon as the type is known. A field that may contain its own struct again, other than in
//! a list or map, is boxed.

use std::collections::BTreeSet;

use super::types::{Key, Lowered, Node, Open, Types};
use crate::error::Result;
use crate::ir::{Api, DefId, Struct, Ty, TypeKind};
use crate::read::cursor::Cursor;

impl Types {
    /// The placeholder of a schema, if the schema is being read.
    pub(super) fn again(&mut self, key: &Key, place: &Cursor<'_>) -> Option<Ty> {
        let open = self.open.iter_mut().find(|open| open.key == *key)?;
        let (id, _) = open.within.get_or_insert_with(|| {
            let id = DefId(self.nodes.len());
            self.nodes.push(Node::nothing(place.pointer()));
            self.canon.push(id.0);
            (id, place.unsupported("a schema that contains itself"))
        });
        Some(Ty::Def(*id))
    }

    /// Begins to read a schema.
    pub(super) fn open(&mut self, key: Key) {
        self.open.push(Open { key, within: None });
    }

    /// Ends it: its placeholder becomes the type that was read.
    ///
    /// # Errors
    /// When it contains itself and is only a list or map, which has no name in Rust.
    pub(super) fn close(&mut self, lowered: Result<Lowered>) -> Result<Lowered> {
        let within = self.open.pop().and_then(|open| open.within);
        let (ty, limits) = lowered?;
        match (within, &ty) {
            (None, _) => {}
            (Some((id, _)), Ty::Def(found)) => self.canon[id.0] = found.0,
            (Some((_, error)), _) => return Err(error),
        }
        Ok((ty, limits))
    }
}

/// Boxes the fields that may contain their own struct again.
pub(super) fn boxed(api: &mut Api) {
    for index in 0..api.defs.len() {
        let own = DefId(index);
        if !held_below(api, own).contains(&own) {
            continue;
        }
        let mut kind = api.defs[index].kind.clone();
        if let TypeKind::Struct(structure) = &mut kind {
            for field in &mut structure.fields {
                let held = field.ty.def();
                if held.is_some_and(|id| id == own || held_below(api, id).contains(&own)) {
                    field.ty = Ty::Boxed(Box::new(field.ty.clone()));
                }
            }
        }
        api.defs[index].kind = kind;
    }
}

/// All types that a value of a type may hold other than in lists and maps.
fn held_below(api: &Api, id: DefId) -> BTreeSet<DefId> {
    let mut met = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let held: Vec<DefId> = match &api.def(id).kind {
            TypeKind::Struct(Struct { fields, .. }) => {
                fields.iter().filter_map(|field| field.ty.def()).collect()
            }
            TypeKind::Union(union) => union.variants.clone(),
            TypeKind::Enum(_) | TypeKind::Id(_) => Vec::new(),
        };
        open.extend(held.into_iter().filter(|id| met.insert(*id)));
    }
    met
}
