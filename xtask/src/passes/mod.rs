//! The passes over every schema.
//!
//! Each pass knows one construct that any description of this kind may have, and lives in a file
//! of its own with a before and after. Two of them find out what a schema really is: `wrappers`
//! and `unions`. The others ([`PASSES`]) change its keywords, in the order in which they stand.
//! What corrects or names one particular place of the vendored document is no pass but an action of
//! its [overlay](crate::read::overlay).

use serde_json::{Map, Value};

use crate::error::Result;
use crate::read::cursor::Cursor;

mod closed_objects;
mod constraints;
pub(crate) mod decimals;
pub(crate) mod secrets;
pub(crate) mod unions;
pub(crate) mod wrappers;

/// A schema as the generator carries it on: what typify is to see, without its children.
pub type Schema = Map<String, Value>;

/// Changes a schema in place; the cursor is where it stands in the document.
pub type Pass = fn(&mut Schema, &Cursor<'_>) -> Result<()>;

/// All passes. Later ones see what earlier ones left.
pub const PASSES: &[Pass] = &[
    closed_objects::open,
    decimals::mark,
    secrets::mark,
    constraints::drop_all,
];

/// Runs all passes over one schema.
///
/// # Errors
/// When a pass meets something that it cannot express.
pub fn run(schema: &mut Schema, cursor: &Cursor<'_>) -> Result<()> {
    PASSES.iter().try_for_each(|pass| pass(schema, cursor))
}
