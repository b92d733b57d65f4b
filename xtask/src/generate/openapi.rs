//! The two documents that progenitor is given: one with types alone, one with operations alone.

use openapiv3::OpenAPI;
use serde_json::{Map, Value, json};

use crate::description::{Description, Encoding, Location, Operation, Success};
use crate::error::{Error, Result};
use crate::types::Kind;

/// Only types.
pub(super) fn of_types(description: &Description) -> Result<OpenAPI> {
    parse(description, json!({}))
}

/// Operations, and the types that they refer to.
pub(super) fn of_operations(description: &Description) -> Result<OpenAPI> {
    let mut paths = Map::new();
    for operation in &description.operations {
        let item = paths.entry(&operation.path).or_insert_with(|| json!({}));
        item[&operation.method] = operation_object(operation);
    }
    parse(description, paths.into())
}

fn parse(description: &Description, paths: Value) -> Result<OpenAPI> {
    let schemas: Map<String, Value> = description
        .types()
        .map(|kind| (kind.name.clone(), kind.schema.clone()))
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": description.title, "version": description.version },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    serde_json::from_value(document).map_err(|error| {
        Error::new(
            "the normalised description is no OpenAPI document",
            "this is a fault of the generator: report it with the description",
        )
        .with_source(error)
    })
}

fn operation_object(operation: &Operation) -> Value {
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let (place, style) = match parameter.location {
                Location::Path => ("path", "simple"),
                Location::Query => ("query", "form"),
                Location::Header => ("header", "simple"),
            };
            json!({
                "name": parameter.name,
                "in": place,
                "style": style,
                "required": parameter.required,
                "schema": parameter.schema,
            })
        })
        .collect();
    let success = match &operation.success {
        Success::Json(schema) => json!({ "application/json": { "schema": schema } }),
        Success::Empty => json!({}),
        Success::Bytes => json!({ "application/octet-stream": {} }),
    };
    let mut object = json!({
        "operationId": operation.id,
        "description": operation.docs,
        "parameters": parameters,
        "responses": { "200": { "description": "", "content": success } },
    });
    if let Some(body) = &operation.body {
        let media_type = match body.encoding {
            Encoding::Json => "application/json",
            Encoding::Form => "application/x-www-form-urlencoded",
        };
        object["requestBody"] = json!({
            "required": true,
            "content": { media_type: { "schema": body.schema } },
        });
    }
    object
}

/// The types that are written by [`super::models`] itself, not by typify.
pub(super) fn is_left_to_us(kind: Kind) -> bool {
    matches!(kind, Kind::OpenEnum | Kind::Union)
}
