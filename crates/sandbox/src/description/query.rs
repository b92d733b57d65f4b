//! Texts of a query as values.

use serde_json::Value;

use super::document::description;
use super::schema::Schema;

/// The value that a text of the query means, as far as it can be known.
pub(crate) fn typed(schema: &Schema, given: &[&str]) -> Value {
    let kind = description().kind(schema);
    let last = given[given.len() - 1];
    match kind {
        Some("array") => given.iter().flat_map(|text| text.split(',')).collect(),
        Some("integer") => last.parse::<i64>().map_or(last.into(), Value::from),
        Some("number") => last.parse::<f64>().map_or(last.into(), Value::from),
        Some("boolean") => last.parse::<bool>().map_or(last.into(), Value::from),
        _ => last.into(),
    }
}
