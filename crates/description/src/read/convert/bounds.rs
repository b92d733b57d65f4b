//! An exclusive bound becomes a bound that is marked as exclusive.
//!
//! ```yaml
//! # before                       # after
//! exclusiveMinimum: 0            minimum: 0
//!                                exclusiveMinimum: true
//! ```
//!
//! If an inclusive bound beside it is tighter, only that one is kept.

use serde_json::Value;

use super::common::Schema;
use crate::error::Result;
use crate::read::walk::Place;

pub(super) fn rewrite(schema: &mut Schema, _: &Place) -> Result<()> {
    rewrite_bound(schema, "minimum", "exclusiveMinimum", |one, other| {
        one > other
    });
    rewrite_bound(schema, "maximum", "exclusiveMaximum", |one, other| {
        one < other
    });
    Ok(())
}

fn rewrite_bound(
    schema: &mut Schema,
    inclusive: &str,
    exclusive: &str,
    is_tighter: fn(f64, f64) -> bool,
) {
    let number = |schema: &Schema, key: &str| schema.get(key).and_then(Value::as_f64);
    let Some(bound) = number(schema, exclusive) else {
        return;
    };
    if number(schema, inclusive).is_some_and(|inclusive| is_tighter(inclusive, bound)) {
        schema.shift_remove(exclusive);
    } else if let Some(bound) = schema.insert(exclusive.to_owned(), true.into()) {
        schema.insert(inclusive.to_owned(), bound);
    }
}
