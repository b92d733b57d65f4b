//! The description as the sandbox embeds it: what is served and checked, and no words but a line for each
//! operation, which the command line program shows.
//!
//! One JSON document with one operation, event or schema a line, so that a change of the
//! description shows as a change of few lines. References to parameters, responses and the like are
//! resolved; those to schemas stay, by the name of the schema alone.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use upvest_description::error::{Pointer, Result};
use upvest_description::read::cursor::Cursor;
use upvest_description::read::document::Document;
use upvest_description::read::operations::{Found, beside, operations};

/// The directory that holds the file and nothing else, from the root of the workspace.
pub const DIRECTORY: &str = "crates/sandbox/src/generated";

/// The file, from the root of the workspace.
pub const FILE: &str = "crates/sandbox/src/generated/api.json";

/// What clients send with every request, which the sandbox checks for all operations alike.
const COMMON_HEADERS: &[&str] = &[
    "authorization",
    "signature",
    "signature-input",
    "upvest-api-version",
    "upvest-client-id",
];

/// The keywords of a schema that say something about values.
const KEYWORDS: &[&str] = &[
    "additionalProperties",
    "type",
    "format",
    "enum",
    "pattern",
    "nullable",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
    "default",
    "example",
];

/// The text of the file.
///
/// # Errors
/// When the document is not made as OpenAPI is, or a reference leads nowhere.
pub fn api(document: &Document) -> Result<String> {
    text(&Cursor::of(&document.root)).map_err(|error| error.in_file(&document.file))
}

fn text(root: &Cursor<'_>) -> Result<String> {
    let of_components = |key: &str| {
        let components = root.get("components");
        components.map_or(Ok(Vec::new()), |one| one.entries_of(key))
    };
    let all = operations(root)?;
    let all = all.iter().map(operation).collect::<Result<Vec<_>>>()?;
    let schemas = of_components("schemas")?.into_iter();
    let schemas = schemas.map(|(name, one)| format!("{}:{}", json!(name), schema(one.value())));
    Ok(format!(
        "{{\n\"version\":{},\n\"scopes\":{},\n\"operations\":[\n{}\n],\n\"events\":[\n{}\n],\n\"schemas\":{{\n{}\n}}\n}}\n",
        root.value()["info"]["version"],
        json!(scopes(&of_components("securitySchemes")?)?),
        lines(all.iter().map(Value::to_string)),
        lines(events(root)?.iter().map(Value::to_string)),
        lines(schemas),
    ))
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(",\n")
}

/// Every scope of every security scheme, sorted.
fn scopes<'d>(schemes: &[(&str, Cursor<'d>)]) -> Result<BTreeSet<&'d str>> {
    let mut scopes = BTreeSet::new();
    for (_, scheme) in schemes {
        for (_, flow) in scheme.entries_of("flows")? {
            scopes.extend(flow.entries_of("scopes")?.iter().map(|(scope, _)| *scope));
        }
    }
    Ok(scopes)
}

fn operation(found: &Found<'_>) -> Result<Value> {
    let one = &found.place;
    let responses = one.entries_of("responses")?;
    let body = one.get("requestBody").map(|body| body.resolved());
    let body = body.map_or(Ok(Value::Null), |body| self::body(&body?))?;
    Ok(json!({
        "id": one.value()["operationId"],
        "method": found.method.to_uppercase(),
        "path": found.path,
        "summary": one.value()["summary"],
        "scopes": scopes_of(one)?,
        "parameters": parameters(found)?,
        "body": body,
        "answer": answer(&responses)?,
        "statuses": responses.iter().map(|(status, _)| *status).collect::<Vec<_>>(),
    }))
}

/// The scopes of which one suffices; null if no token is asked for.
fn scopes_of(operation: &Cursor<'_>) -> Result<Value> {
    let Some(first) = operation.items_of("security")?.into_iter().next() else {
        return Ok(Value::Null);
    };
    let scopes = first.children().into_iter().next();
    Ok(scopes.map_or(Value::Null, |scopes| scopes.value().clone()))
}

fn parameters(found: &Found<'_>) -> Result<Vec<Value>> {
    let mut described = Vec::new();
    for owner in [&found.item, &found.place] {
        for parameter in owner.items_of("parameters")? {
            let parameter = parameter.resolved()?;
            let value = parameter.value();
            let name = value["name"].as_str().unwrap_or_default();
            if !COMMON_HEADERS.contains(&name.to_lowercase().as_str()) {
                described.push(json!({
                    "name": name,
                    "in": value["in"],
                    "required": parameter.is_true("required"),
                    "explode": explode(value),
                    "schema": schema(&value["schema"]),
                    "examples": examples(&parameter)?,
                }));
            }
        }
    }
    Ok(described)
}

/// Whether a list is sent with a parameter for each of its values, and not with commas in between.
/// Unless `explode` says otherwise, that is so in a query.
fn explode(parameter: &Value) -> bool {
    let told = parameter["explode"].as_bool();
    told.unwrap_or(parameter["in"] == "query")
}

fn body(body: &Cursor<'_>) -> Result<Value> {
    let contents = contents(body)?.into_iter().next();
    Ok(contents.map_or(Value::Null, |mut content| {
        content["required"] = body.is_true("required").into();
        content
    }))
}

/// The answer of success.
fn answer(responses: &[(&str, Cursor<'_>)]) -> Result<Value> {
    let mut all = responses.iter();
    let Some((status, response)) = all.find(|(status, _)| status.starts_with('2')) else {
        return Ok(json!({ "status": 200, "content": [] }));
    };
    let content = contents(&response.resolved()?)?;
    Ok(json!({ "status": status.parse().unwrap_or(200), "content": content }))
}

/// What a body may be, one entry a media type.
fn contents(body: &Cursor<'_>) -> Result<Vec<Value>> {
    let all = body.entries_of("content")?.into_iter();
    all.map(|(media, content)| {
        Ok(json!({
            "media": media,
            "schema": schema(&content.value()["schema"]),
            "examples": examples(&content)?,
        }))
    })
    .collect()
}

/// The events of webhooks: one entry a webhook, with all of its examples.
fn events(root: &Cursor<'_>) -> Result<Vec<Value>> {
    let mut events = Vec::new();
    for (title, item) in root.entries_of("x-webhooks")? {
        let body = item.resolved()?.require("post")?.get("requestBody");
        let Some(body) = body.map(|body| body.resolved()).transpose()? else {
            continue;
        };
        if let Some((_, content)) = body.entries_of("content")?.into_iter().next() {
            events.push(json!({
                "title": title,
                "schema": schema(&content.value()["schema"]),
                "examples": examples(&content)?,
            }));
        }
    }
    Ok(events)
}

/// The examples beside a schema.
fn examples(owner: &Cursor<'_>) -> Result<Vec<Value>> {
    let found = beside(owner)?;
    Ok(found.iter().map(|place| place.value().clone()).collect())
}

/// A schema without its words.
fn schema(value: &Value) -> Value {
    let each = |value: &Value| -> Map<String, Value> {
        let members = value.as_object().into_iter().flatten();
        members
            .map(|(name, one)| (name.clone(), schema(one)))
            .collect()
    };
    let mut kept = Map::new();
    for (keyword, value) in value.as_object().into_iter().flatten() {
        let value = match keyword.as_str() {
            "$ref" => {
                let place = value.as_str().and_then(Pointer::from_reference);
                json!(place.and_then(|place| place.last()))
            }
            "properties" => each(value).into(),
            "items" | "not" => schema(value),
            "additionalProperties" if value.is_object() => schema(value),
            "oneOf" | "anyOf" | "allOf" => {
                value.as_array().into_iter().flatten().map(schema).collect()
            }
            keyword if KEYWORDS.contains(&keyword) => value.clone(),
            _ => continue,
        };
        kept.insert(keyword.clone(), value);
    }
    // An empty string has no format.
    if value.get("x-rust-empty").is_some() {
        kept.shift_remove("format");
    }
    kept.into()
}
