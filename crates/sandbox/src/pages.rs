//! Pages of lists.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::description::{Place, description};

/// How many items a page has unless the request or the description says otherwise.
const LIMIT: usize = 100;

/// The page of `items` that was asked for, sorted as was asked for.
pub(crate) fn page(mut items: Vec<Value>, call: &Call) -> Value {
    let total_count = items.len();
    let sort = setting(call, "sort");
    let order = setting(call, "order");
    if let Some(sort) = &sort {
        items.sort_by(|one, other| compare(&one[sort.as_str()], &other[sort.as_str()]));
    }
    if order.as_deref() == Some("DESC") {
        items.reverse();
    }
    let offset = call.number("offset").unwrap_or(0);
    let limit = call
        .number("limit")
        .or_else(|| default_limit(call))
        .unwrap_or(LIMIT);
    let data: Vec<Value> = items.into_iter().skip(offset).take(limit).collect();
    let mut meta = Map::from_iter([
        ("offset".to_owned(), json!(offset)),
        ("limit".to_owned(), json!(limit)),
        ("count".to_owned(), json!(data.len())),
        ("total_count".to_owned(), json!(total_count)),
    ]);
    meta.extend(sort.map(|sort| ("sort".to_owned(), sort.into())));
    meta.extend(order.map(|order| ("order".to_owned(), order.into())));
    json!({ "meta": meta, "data": data })
}

/// What the request says, or else the description.
fn setting(call: &Call, name: &str) -> Option<String> {
    let given = call.text(name);
    let default = || {
        let parameter = call.operation.parameter(Place::Query, name)?;
        description().default(&parameter.schema)?.as_str()
    };
    given.or_else(default).map(str::to_owned)
}

fn default_limit(call: &Call) -> Option<usize> {
    let parameter = call.operation.parameter(Place::Query, "limit")?;
    let default = description().default(&parameter.schema)?.as_u64()?;
    usize::try_from(default).ok()
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one
            .as_f64()
            .partial_cmp(&other.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        _ => Ordering::Equal,
    }
}
