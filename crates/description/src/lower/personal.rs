//! Personal data, which `Debug` does not show. One list of the overlay names the properties.
//!
//! ```yaml
//! x-rust-personal: [first_name, birth_date, ReferenceAccount.iban]
//! ```
//!
//! A name without a type stands for every property of that name.

use crate::error::Result;
use crate::ir::{Api, LeftOut, TypeKind};
use crate::read::cursor::Cursor;

const LIST: &str = "x-rust-personal";

pub(super) fn mark(api: &mut Api, root: &Cursor<'_>) -> Result<()> {
    for entry in root.items_of(LIST)? {
        let text = entry.str()?;
        let (of, wire) = match text.split_once('.') {
            Some((of, wire)) => (Some(of), wire),
            None => (None, text),
        };
        let mut is_met = false;
        for def in &mut api.defs {
            if of.is_some_and(|of| of != def.name) {
                continue;
            }
            if let TypeKind::Struct(structure) = &mut def.kind {
                for field in structure.fields.iter_mut().filter(|one| one.wire == wire) {
                    field.personal = true;
                    is_met = true;
                }
            }
        }
        if !is_met {
            api.left_out.push(LeftOut {
                pointer: entry.pointer().clone(),
                reason: format!("there is no property `{text}`"),
            });
        }
    }
    Ok(())
}
