//! The description as the sandbox embeds it: what is served and checked, and no words but a line for each
//! operation, which the command line program shows.
//!
//! One JSON document with one operation, event or schema a line, so that a change of the
//! description shows as a change of few lines. References to parameters, responses and the like are
//! resolved; those to schemas stay, by the name of the schema alone.

use serde_json::{Map, Value, json};

use crate::error::{Error, Pointer, Result};

/// The directory that holds the file and nothing else, from the root of the workspace.
pub const DIRECTORY: &str = "crates/sandbox/src/generated";

/// The file, from the root of the workspace.
pub const FILE: &str = "crates/sandbox/src/generated/api.json";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What clients send with every request, which the sandbox checks for all operations alike.
const COMMON_HEADERS: [&str; 5] = [
    "authorization",
    "signature",
    "signature-input",
    "upvest-api-version",
    "upvest-client-id",
];

/// The keywords of a schema that say something about values.
const KEYWORDS: [&str; 21] = [
    "$ref",
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
/// When a reference leads nowhere.
pub fn api(document: &Value) -> Result<String> {
    let operations = operations(document)?;
    let events = events(document)?;
    let schemas = members(&document["components"]["schemas"])
        .map(|(name, one)| format!("{}:{}", json!(name), schema(one)));
    Ok(format!(
        "{{\n\"version\":{},\n\"scopes\":{},\n\"operations\":[\n{}\n],\n\"events\":[\n{}\n],\n\"schemas\":{{\n{}\n}}\n}}\n",
        document["info"]["version"],
        json!(scopes(document)),
        lines(operations.iter().map(Value::to_string)),
        lines(events.iter().map(Value::to_string)),
        lines(schemas),
    ))
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(",\n")
}

/// Every scope of every security scheme, sorted.
fn scopes(document: &Value) -> Vec<&str> {
    let schemes = members(&document["components"]["securitySchemes"]);
    let flows = schemes.flat_map(|(_, scheme)| members(&scheme["flows"]));
    let mut scopes: Vec<&str> = flows
        .flat_map(|(_, flow)| members(&flow["scopes"]))
        .map(|(scope, _)| scope.as_str())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn operations(document: &Value) -> Result<Vec<Value>> {
    let mut operations = Vec::new();
    for (path, item) in members(&document["paths"]) {
        let shared = items(&item["parameters"]);
        for (method, one) in members(item).filter(|(method, _)| METHODS.contains(&method.as_str()))
        {
            let parameters = shared.iter().chain(items(&one["parameters"]));
            operations.push(json!({
                "id": one["operationId"],
                "method": method.to_uppercase(),
                "path": path,
                "summary": one["summary"],
                "scopes": scopes_of(one),
                "parameters": self::parameters(document, parameters)?,
                "body": body(document, &one["requestBody"])?,
                "answer": answer(document, &one["responses"])?,
                "statuses": members(&one["responses"]).map(|(status, _)| status).collect::<Vec<_>>(),
            }));
        }
    }
    Ok(operations)
}

/// The scopes of which one suffices; null if no token is asked for.
fn scopes_of(operation: &Value) -> Value {
    let first = items(&operation["security"]).first();
    let scopes = first.and_then(|one| members(one).next());
    scopes.map_or(Value::Null, |(_, scopes)| scopes.clone())
}

fn parameters<'a>(
    document: &Value,
    parameters: impl Iterator<Item = &'a Value>,
) -> Result<Vec<Value>> {
    let mut described = Vec::new();
    for parameter in parameters {
        let parameter = resolve(document, parameter)?;
        let name = parameter["name"].as_str().unwrap_or_default();
        if !COMMON_HEADERS.contains(&name.to_lowercase().as_str()) {
            described.push(json!({
                "name": name,
                "in": parameter["in"],
                "required": parameter["required"] == true,
                "explode": explode(parameter),
                "schema": schema(&parameter["schema"]),
                "examples": examples(document, parameter)?,
            }));
        }
    }
    Ok(described)
}

/// Whether a list is sent with a parameter for each of its values, and not with commas in between.
/// Unless told otherwise, that is so in a query.
fn explode(parameter: &Value) -> bool {
    let told = parameter["explode"].as_bool();
    told.unwrap_or(parameter["in"] == "query")
}

fn body(document: &Value, body: &Value) -> Result<Value> {
    let body = resolve(document, body)?;
    let Some((media, content)) = members(&body["content"]).next() else {
        return Ok(Value::Null);
    };
    Ok(json!({
        "required": body["required"] == true,
        "media": media,
        "schema": schema(&content["schema"]),
        "examples": examples(document, content)?,
    }))
}

/// The answer of success.
fn answer(document: &Value, responses: &Value) -> Result<Value> {
    let success = members(responses).find(|(status, _)| status.starts_with('2'));
    let Some((status, response)) = success else {
        return Ok(json!({ "status": 200, "content": [] }));
    };
    let response = resolve(document, response)?;
    let mut contents = Vec::new();
    for (media, content) in members(&response["content"]) {
        contents.push(json!({
            "media": media,
            "schema": schema(&content["schema"]),
            "examples": examples(document, content)?,
        }));
    }
    Ok(json!({ "status": status.parse().unwrap_or(200), "content": contents }))
}

/// What webhooks tell of: one entry a webhook, with all of its examples.
fn events(document: &Value) -> Result<Vec<Value>> {
    let mut events = Vec::new();
    for (title, item) in members(&document["x-webhooks"]) {
        let body = resolve(document, &item["post"]["requestBody"])?;
        let Some((_, content)) = members(&body["content"]).next() else {
            continue;
        };
        events.push(json!({
            "title": title,
            "schema": schema(&content["schema"]),
            "examples": examples(document, content)?,
        }));
    }
    Ok(events)
}

fn examples(document: &Value, content: &Value) -> Result<Vec<Value>> {
    let mut values: Vec<Value> = content.get("example").cloned().into_iter().collect();
    for (_, example) in members(&content["examples"]) {
        let example = resolve(document, example)?;
        values.extend(example.get("value").cloned());
    }
    Ok(values)
}

/// A schema without its words.
fn schema(value: &Value) -> Value {
    let mut kept = Map::new();
    for (keyword, value) in members(value) {
        let value = match keyword.as_str() {
            "$ref" => json!(value.as_str().and_then(|place| place.rsplit('/').next())),
            "properties" => members(value)
                .map(|(name, one)| (name.clone(), schema(one)))
                .collect::<Map<_, _>>()
                .into(),
            "items" | "not" => schema(value),
            "additionalProperties" if value.is_object() => schema(value),
            "additionalProperties" => value.clone(),
            "oneOf" | "anyOf" | "allOf" => items(value).iter().map(schema).collect(),
            keyword if KEYWORDS.contains(&keyword) => value.clone(),
            _ => continue,
        };
        kept.insert(keyword.clone(), value);
    }
    kept.into()
}

fn resolve<'d>(document: &'d Value, value: &'d Value) -> Result<&'d Value> {
    let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
        return Ok(value);
    };
    let found = reference
        .strip_prefix('#')
        .and_then(|pointer| document.pointer(pointer));
    found.ok_or_else(|| {
        Error::new(
            format!("the reference `{reference}` leads nowhere"),
            "name something below `components` of this document",
        )
        .at(&Pointer::root())
    })
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
