//! A second opinion: typify, through progenitor's public interface, is given the types that the model
//! has, and says which properties each of them has, of which kind, and which of these are always there.
//! Where it disagrees with the model, nothing is generated.

use std::collections::HashMap;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator};
use serde_json::{Map, Value, json};
use typify::{Type, TypeDetails, TypeId, TypeSpace, TypeStruct, TypeStructPropInfo};

use upvest_description::error::{Error, Result};
use upvest_description::ir::{Api, Def, DefId, Id, Struct, Ty, TypeKind};

/// Compares the model with the types that typify makes from it.
///
/// # Errors
/// With the place of the first type that they disagree about.
pub fn ask(api: &Api) -> Result<()> {
    let mut generator = Generator::new(&GenerationSettings::new());
    generator
        .generate_tokens(&document(api)?)
        .map_err(|error| refused(api, error))?;
    let space = generator.get_type_space();
    let found: HashMap<String, Type<'_>> = space
        .iter_types()
        .map(|known| (known.name(), known))
        .collect();
    for (id, def) in api.ids() {
        if let TypeKind::Struct(structure) = &def.kind {
            match found.get(&name(id)).map(Type::details) {
                Some(TypeDetails::Struct(theirs)) => compare(space, def, structure, &theirs)?,
                _ => return Err(disagreement(def, "it has no such struct")),
            }
        }
    }
    Ok(())
}

fn compare(
    space: &TypeSpace,
    def: &Def,
    structure: &Struct,
    theirs: &TypeStruct<'_>,
) -> Result<()> {
    let theirs: HashMap<&str, TypeStructPropInfo<'_>> = theirs
        .properties_info()
        .map(|info| (info.name, info))
        .collect();
    for (index, field) in structure.fields.iter().enumerate() {
        let wire = &field.wire;
        let Some(info) = theirs.get(property(index).as_str()) else {
            return Err(disagreement(def, &format!("it has no property `{wire}`")));
        };
        let kind = kind(space, &info.type_id);
        if kind != expected(&field.ty) {
            return Err(disagreement(def, &format!("it has `{wire}` as {kind}")));
        }
        // Typify reads a missing list or map as an empty one.
        let is_open = matches!(field.ty, Ty::List(_) | Ty::Map(_) | Ty::Json(_));
        if info.required != field.presence.is_required() && !is_open {
            let wrong = format!("it has `{wire}` required: {}", info.required);
            return Err(disagreement(def, &wrong));
        }
    }
    let mine = structure.fields.len() + usize::from(structure.rest.is_some());
    match theirs.len() == mine {
        true => Ok(()),
        false => {
            let wrong = format!("it has {} properties, not {mine}", theirs.len());
            Err(disagreement(def, &wrong))
        }
    }
}

/// What typify calls a type. It does not compare names, so it does not get those of Rust.
fn name(id: DefId) -> String {
    format!("T{}", id.0)
}

/// What typify calls a property.
fn property(index: usize) -> String {
    format!("p{index}")
}

/// What kind of value typify makes of a property.
fn kind(space: &TypeSpace, id: &TypeId) -> &'static str {
    let Ok(found) = space.get_type(id) else {
        return "nothing";
    };
    match found.details() {
        TypeDetails::Option(inner) | TypeDetails::Box(inner) => kind(space, &inner),
        TypeDetails::Vec(_) => "a list",
        TypeDetails::Map(..) => "a map",
        TypeDetails::Struct(_) | TypeDetails::Enum(_) | TypeDetails::Newtype(_) => "a type",
        _ => "a value",
    }
}

fn expected(ty: &Ty) -> &'static str {
    match ty {
        Ty::List(_) => "a list",
        Ty::Map(_) => "a map",
        Ty::Boxed(_) | Ty::Def(_) => "a type",
        _ => "a value",
    }
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

/// The types of the model, and nothing else.
fn document(api: &Api) -> Result<OpenAPI> {
    let schemas: Map<String, Value> = api.ids().map(|(id, def)| (name(id), of_def(def))).collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": api.title, "version": api.version },
        "paths": {},
        "components": { "schemas": schemas },
    });
    serde_json::from_value(document).map_err(|error| refused(api, error))
}

fn of_def(def: &Def) -> Value {
    match &def.kind {
        TypeKind::Struct(structure) => {
            let properties: Map<String, Value> = structure
                .fields
                .iter()
                .enumerate()
                .map(|(index, one)| {
                    let value = of_ty(&one.ty);
                    (property(index), nullable(value, one.presence.is_nullable()))
                })
                .collect();
            let fields = structure.fields.iter().enumerate();
            let required = fields.filter(|(_, one)| one.presence.is_required());
            let required: Vec<String> = required.map(|(index, _)| property(index)).collect();
            let mut schema = json!({ "type": "object", "properties": properties });
            if !required.is_empty() {
                schema["required"] = required.into();
            }
            if let Some((_, rest)) = &structure.rest {
                schema["additionalProperties"] = of_ty(rest);
            }
            schema
        }
        TypeKind::Enum(values) => {
            // Names of variants are not compared.
            let values: Vec<String> = (0..values.len()).map(|index| format!("V{index}")).collect();
            json!({ "type": "string", "enum": values })
        }
        TypeKind::Union(union) => {
            let variants = union.variants.iter().map(|id| of_ty(&Ty::Def(*id)));
            json!({ "oneOf": variants.collect::<Vec<_>>() })
        }
        TypeKind::Id(Id::Uuid) => json!({ "type": "string", "format": "uuid" }),
        TypeKind::Id(Id::Text) => json!({ "type": "string" }),
    }
}

fn of_ty(ty: &Ty) -> Value {
    match ty {
        Ty::String | Ty::Secret | Ty::Decimal | Ty::OrEmpty(_) => json!({ "type": "string" }),
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::I32 => json!({ "type": "integer", "format": "int32" }),
        Ty::I64 => json!({ "type": "integer" }),
        Ty::F64 | Ty::DecimalNumber => json!({ "type": "number" }),
        Ty::Date => json!({ "type": "string", "format": "date" }),
        Ty::DateTime => json!({ "type": "string", "format": "date-time" }),
        Ty::Uuid => json!({ "type": "string", "format": "uuid" }),
        Ty::Json(_) => json!({}),
        Ty::List(item) => json!({ "type": "array", "items": of_ty(item) }),
        Ty::Map(value) => json!({ "type": "object", "additionalProperties": of_ty(value) }),
        Ty::Nullable(value) => nullable(of_ty(value), true),
        Ty::Boxed(value) => of_ty(value),
        Ty::Def(id) => json!({ "$ref": format!("#/components/schemas/{}", name(*id)) }),
    }
}

/// `nullable` beside a reference is ignored by OpenAPI 3.0, so it is put around it.
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
