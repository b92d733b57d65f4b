//! A second opinion: typify, through progenitor's public interface, is given the types that the model
//! has, and says which fields each of them has and which of these are always there. Where it disagrees
//! with the model, nothing is generated.

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator};
use serde_json::{Map, Value, json};
use typify::TypeDetails;

use crate::error::{Error, Result};
use crate::ir::{Api, Def, Id, Kind, Presence, Struct, Ty};

/// Compares the model with what typify makes of it.
///
/// # Errors
/// With the place of the first type that they disagree about.
pub fn ask(api: &Api) -> Result<()> {
    let structs: Vec<(&Def, &Struct)> = api
        .defs
        .iter()
        .filter_map(|def| match &def.kind {
            Kind::Struct(structure) => Some((def, structure)),
            _ => None,
        })
        .collect();
    let mut generator = Generator::new(&GenerationSettings::new());
    generator
        .generate_tokens(&document(api)?)
        .map_err(|error| refused(api, error))?;
    let mut found: Vec<(String, Vec<(String, bool)>)> = Vec::new();
    for known in generator.get_type_space().iter_types() {
        if let TypeDetails::Struct(details) = known.details() {
            let fields = details
                .properties_info()
                .map(|one| (one.name.to_owned(), one.required));
            found.push((known.name(), fields.collect()));
        }
    }
    for (def, structure) in structs {
        let theirs = found.iter().find(|(name, _)| *name == def.name);
        let Some((_, theirs)) = theirs else {
            return Err(disagreement(def, "it has no such struct"));
        };
        compare(def, structure, theirs)?;
    }
    Ok(())
}

fn compare(def: &Def, structure: &Struct, theirs: &[(String, bool)]) -> Result<()> {
    for field in &structure.fields {
        let Some((_, required)) = theirs.iter().find(|(name, _)| *name == field.name) else {
            return Err(disagreement(
                def,
                &format!("it has no field `{}`", field.name),
            ));
        };
        // A required value that may be null is optional to typify.
        if *required != (field.presence == Presence::Required) && !is_open(&field.ty) {
            let wrong = format!("it has `{}` required: {required}", field.name);
            return Err(disagreement(def, &wrong));
        }
    }
    let mine = structure.fields.len() + usize::from(structure.rest.is_some());
    match theirs.len() == mine {
        true => Ok(()),
        false => Err(disagreement(
            def,
            &format!("it has {} fields, not {mine}", theirs.len()),
        )),
    }
}

/// Whether typify may have its own mind about a missing value: lists and maps are empty to it.
fn is_open(ty: &Ty) -> bool {
    matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Json(_))
}

fn disagreement(def: &Def, why: &str) -> Error {
    Error::new(
        format!("typify understands `{}` differently: {why}", def.name),
        "see what is unusual about this schema, and rewrite it in an overlay (spec/overlay.yaml)",
    )
    .at(def.pointer())
}

fn refused(api: &Api, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        format!("typify refuses the types of {} {}", api.title, api.version),
        "find the construct in the message, and rewrite it in an overlay (spec/overlay.yaml)",
    )
    .with_source(error)
}

/// The types of the model, by their names in Rust, and nothing else.
fn document(api: &Api) -> Result<OpenAPI> {
    let schemas: Map<String, Value> = api
        .defs
        .iter()
        .map(|def| (def.name.clone(), of_def(api, def)))
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": api.title, "version": api.version },
        "paths": {},
        "components": { "schemas": schemas },
    });
    serde_json::from_value(document).map_err(|error| refused(api, error))
}

fn of_def(api: &Api, def: &Def) -> Value {
    match &def.kind {
        Kind::Struct(structure) => {
            let properties: Map<String, Value> = structure
                .fields
                .iter()
                .map(|one| {
                    let value = of_ty(api, &one.ty);
                    let value = nullable(value, one.presence.is_nullable());
                    (one.name.clone(), value)
                })
                .collect();
            let required = structure
                .fields
                .iter()
                .filter(|one| one.presence.is_required());
            let required: Vec<&str> = required.map(|one| one.name.as_str()).collect();
            let mut schema = json!({ "type": "object", "properties": properties });
            if !required.is_empty() {
                schema["required"] = required.into();
            }
            if let Some((_, rest)) = &structure.rest {
                schema["additionalProperties"] = of_ty(api, rest);
            }
            schema
        }
        Kind::Enum(values) => {
            // Names of variants are none of its business.
            let values: Vec<String> = (0..values.len()).map(|index| format!("V{index}")).collect();
            json!({ "type": "string", "enum": values })
        }
        Kind::Union(union) => {
            let variants = union.variants.iter().map(|id| of_ty(api, &Ty::Def(*id)));
            json!({ "oneOf": variants.collect::<Vec<_>>() })
        }
        Kind::Id(Id::Uuid) => json!({ "type": "string", "format": "uuid" }),
        Kind::Id(Id::Text) => json!({ "type": "string" }),
    }
}

fn of_ty(api: &Api, ty: &Ty) -> Value {
    match ty {
        Ty::String | Ty::Secret | Ty::Decimal | Ty::DecimalOrEmpty => json!({ "type": "string" }),
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::I32 => json!({ "type": "integer", "format": "int32" }),
        Ty::I64 => json!({ "type": "integer" }),
        Ty::F64 => json!({ "type": "number" }),
        Ty::Date => json!({ "type": "string", "format": "date" }),
        Ty::DateTime => json!({ "type": "string", "format": "date-time" }),
        Ty::Uuid => json!({ "type": "string", "format": "uuid" }),
        Ty::Json(_) => json!({}),
        Ty::List(item) => json!({ "type": "array", "items": of_ty(api, item) }),
        Ty::Map(value) => json!({ "type": "object", "additionalProperties": of_ty(api, value) }),
        Ty::Nullable(value) => nullable(of_ty(api, value), true),
        Ty::Def(id) => json!({ "$ref": format!("#/components/schemas/{}", api.def(*id).name) }),
    }
}

/// `nullable` beside a reference is ignored by OpenAPI 3.0, so it goes around it.
fn nullable(mut schema: Value, is_nullable: bool) -> Value {
    if !is_nullable {
        return schema;
    }
    if schema.get("$ref").is_some() {
        return json!({ "allOf": [schema], "nullable": true });
    }
    schema["nullable"] = Value::Bool(true);
    schema
}
