//! A constant becomes an enum with one value.
//!
//! ```yaml
//! # before                       # after
//! const: CASH_BALANCE.UPDATED    type: string
//!                                enum: [CASH_BALANCE.UPDATED]
//! ```

use serde_json::{Value, json};

use super::common::{Schema, inexpressible};
use super::null_types::NULL;
use crate::error::Result;
use crate::read::walk::Place;

pub(super) fn rewrite(schema: &mut Schema, place: &Place) -> Result<()> {
    let Some(value) = schema.shift_remove("const") else {
        return Ok(());
    };
    if let Some(Value::Array(values)) = schema.get("enum")
        && !values.contains(&value)
    {
        return Err(inexpressible(
            &place.pointer.join("const"),
            &format!("the constant {value}, which its `enum` does not have"),
            "keep the one that is meant",
        ));
    }
    let kind = match &value {
        Value::Null => NULL,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    schema.entry("type").or_insert_with(|| kind.into());
    schema.insert("enum".to_owned(), json!([value]));
    Ok(())
}
