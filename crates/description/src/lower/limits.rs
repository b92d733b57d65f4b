//! Limits of values that are sent. Limits that generated code cannot check are refused, or listed
//! as left out.

use crate::error::{Error, Fault, Pointer, Result};
use crate::ir::{Api, LeftOut, Limits, Ty, TypeKind, pattern};

/// Checks the limits of all arguments, and of all fields that are sent.
///
/// # Errors
/// At the first pattern that cannot be parsed.
pub(super) fn check(api: &mut Api) -> Result<()> {
    let mut left_out = Vec::new();
    for arg in api.operations.iter().flat_map(|operation| &operation.args) {
        of_value(&arg.ty, &arg.limits, &arg.pointer, &mut left_out)?;
    }
    for def in api.defs.iter().filter(|def| def.usage.sent) {
        if let TypeKind::Struct(structure) = &def.kind {
            for field in structure.fields.iter().filter(|field| !field.read_only) {
                of_value(&field.ty, &field.limits, &field.pointer, &mut left_out)?;
            }
        }
    }
    api.left_out.append(&mut left_out);
    Ok(())
}

fn of_value(ty: &Ty, limits: &Limits, place: &Pointer, left_out: &mut Vec<LeftOut>) -> Result<()> {
    if let Some(text) = limits.pattern()
        && let Err(reason) = pattern::parse(text)
    {
        return Err(Error::new(
            format!("the pattern `{text}` cannot be checked: {reason}"),
            "the client can check only characters, repeated or not, and optional groups; remove or \
             simplify the pattern",
        )
        .with_fault(Fault::Unsupported)
        .at(place));
    }
    for (keyword, value) in limits.unchecked(ty) {
        left_out.push(LeftOut {
            pointer: place.clone(),
            reason: format!("`{keyword}: {value}`, which is not checked before something is sent"),
        });
    }
    let inner = match ty {
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => inner,
        _ => return Ok(()),
    };
    match limits.inner.as_deref() {
        Some(limits) => of_value(inner, limits, place, left_out),
        None => Ok(()),
    }
}
