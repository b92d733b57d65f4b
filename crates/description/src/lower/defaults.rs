//! The values that fields have unless another one is set.

use super::lock::Lock;
use crate::ir::{Api, TypeKind, Variant};

/// The only value of an enum is its default, so that nobody has to name it. If other values are added,
/// the lock keeps that default, so that a constructor gets no new argument.
pub(super) fn set(api: &mut Api, lock: &Lock) {
    for def in &mut api.defs {
        if let TypeKind::Enum(values) = &mut def.kind {
            let locked = lock.default_of(&def.name);
            let is_only = values.len() == 1;
            for value in values {
                value.is_default = is_only || locked == Some(value.wire.as_str());
            }
        }
    }
    let has_default: Vec<bool> = api.defs.iter().map(|def| default(&def.kind)).collect();
    for def in &mut api.defs {
        if let TypeKind::Struct(structure) = &mut def.kind {
            for field in &mut structure.fields {
                field.has_default = field.ty.def().is_some_and(|id| has_default[id.0]);
            }
        }
    }
}

fn default(kind: &TypeKind) -> bool {
    matches!(kind, TypeKind::Enum(values) if values.iter().any(|Variant { is_default, .. }| *is_default))
}
