//! Structs: fields, setters, constructor or builder, and an example.

use super::text::{block, docs, in_macro, json_literal, literal};
use super::types::{Imports, In, adapter, derived, of_field, rust, traits};
use upvest_description::ir::{Api, Def, DefId, Field, Presence, Struct, Ty, TypeKind};

/// A struct with its macros and implementations.
pub(super) fn write(
    api: &Api,
    (id, def): (DefId, &Def),
    structure: &Struct,
    imports: &mut Imports,
) -> String {
    for ty in structure.fields.iter().map(|one| &one.ty) {
        imports.ty(api, ty, &def.module);
    }
    if let Some((_, ty)) = &structure.rest {
        imports.ty(api, &Ty::Map(Box::new(ty.clone())), &def.module);
    }
    let mut out = definition(api, (id, def), structure);
    out.push_str(&object(api, def, structure, imports));
    out.push_str(&making(api, def, structure, imports));
    if is_personal(structure) {
        let fields = structure.fields.iter().map(|one| {
            let kind = if one.personal { "hidden" } else { "shown" };
            format!("{kind} {}", one.name)
        });
        let rest = structure
            .rest
            .iter()
            .map(|(name, _)| format!("shown {name}"));
        let fields: Vec<String> = fields.chain(rest).collect();
        imports.path("crate::object::debug");
        out.push_str(&in_macro("debug!", &block(&def.name, &fields)));
    }
    out.push_str(&example(def, imports));
    out
}

fn definition(api: &Api, (id, def): (DefId, &Def), structure: &Struct) -> String {
    let debug = if is_personal(structure) {
        ""
    } else {
        "Debug, "
    };
    let default = match def.usage.sent && required(structure).next().is_none() {
        true => "Default, ",
        false => "",
    };
    let mut out = docs("", def.docs.as_deref().unwrap_or_default());
    out.push_str(&format!(
        "#[derive(Clone, {debug}{default}{})]\n\
         #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))]\n\
         #[non_exhaustive]\n\
         pub struct {} {{\n",
        derived(traits(api, id)),
        def.name
    ));
    for one in &structure.fields {
        out.push_str(&field(api, one));
    }
    if let Some((name, ty)) = &structure.rest {
        let map = Ty::Map(Box::new(ty.clone()));
        let mut schema = vec!["flatten".to_owned()];
        if map.needs_adapter() {
            let ty = literal(&rust(api, &map, In::Schema));
            schema.push(format!("with = {ty}"));
        }
        out.push_str("    /// All other fields, by name.\n");
        out.push_str(&schemars(&schema));
        out.push_str(&format!(
            "    pub {name}: {},\n",
            rust(api, &map, In::Models)
        ));
    }
    out.push_str("}\n\n");
    out
}

fn field(api: &Api, field: &Field) -> String {
    let mut out = docs("    ", field.docs.as_deref().unwrap_or_default());
    if field.deprecated {
        out.push_str("    ///\n    /// Deprecated in the description of the API.\n");
    }
    let schema = schema(api, field);
    if !schema.is_empty() {
        out.push_str(&schemars(&schema));
    }
    out.push_str(&format!(
        "    pub {}: {},\n",
        field.name,
        of_field(api, field, In::Models)
    ));
    out
}

/// What the JSON schema of a field takes besides its type.
fn schema(api: &Api, field: &Field) -> Vec<String> {
    let mut schema = Vec::new();
    if field.wire != field.name {
        schema.push(format!("rename = {}", literal(&field.wire)));
    }
    let is_optional = !field.presence.is_required();
    let is_adapted = field.ty.needs_adapter();
    if field.presence == Presence::OptionalNullable || is_optional && is_adapted {
        schema.push("default".to_owned());
    }
    if is_optional {
        schema.push("skip_serializing_if = \"Option::is_none\"".to_owned());
    }
    if is_adapted || field.presence == Presence::OptionalNullable {
        let ty = literal(&of_field(api, field, In::Schema));
        schema.push(format!("with = {ty}"));
    }
    if let Some(pattern) = field.limits.pattern() {
        schema.push(format!("extend(\"pattern\" = {})", literal(pattern)));
    }
    schema
}

fn schemars(arguments: &[String]) -> String {
    format!(
        "    #[cfg_attr(feature = \"schemars\", schemars({}))]\n",
        arguments.join(", ")
    )
}

/// How many fields are in a group at most.
const GROUP: usize = 8;

/// Its fields, for writing, reading and setting it.
fn object(api: &Api, def: &Def, structure: &Struct, imports: &mut Imports) -> String {
    let fields = structure.fields.iter();
    let fields: Vec<String> = fields.map(|one| member(api, def, one, imports)).collect();
    let mut groups: Vec<&[String]> = fields.chunks(GROUP).collect();
    if groups.is_empty() {
        groups.push(&[]);
    }
    let mut out = def.name.clone();
    for group in groups {
        out = block(&out, group).trim_end().to_owned();
    }
    if let Some((name, ty)) = &structure.rest {
        let map = rust(api, &Ty::Map(Box::new(ty.clone())), In::Models);
        let adapter = ty.needs_adapter().then(|| adapted(&adapter(ty), imports));
        let adapter = adapter.unwrap_or_default();
        out.push_str(&format!(" Rest{adapter} {name}: {map}"));
    }
    imports.path("crate::object::object");
    in_macro("object!", &out)
}

/// A field of an object: its name in JSON where that is another one, whether it has to be there, its
/// adapter, and its type.
fn member(api: &Api, def: &Def, field: &Field, imports: &mut Imports) -> String {
    let (ty, presence) = field.in_rust();
    let is_adapted = field.ty.needs_adapter();
    let kind = match presence {
        Presence::Required if def.usage.sent && is_settled(api, field) => "Constant",
        Presence::Required => "Required",
        Presence::Nullable if is_adapted => "RequiredNullable",
        Presence::Nullable => "Nullable",
        Presence::Optional => "Optional",
        Presence::OptionalNullable => "OptionalNullable",
    };
    let adapter = is_adapted.then(|| adapted(&whole(field), imports));
    let wire = (field.wire != field.name).then(|| format!("{} ", literal(&field.wire)));
    format!(
        "{}{kind}{} {}: {}",
        wire.unwrap_or_default(),
        adapter.unwrap_or_default(),
        field.name,
        rust(api, ty, In::Models)
    )
}

/// How the value of a field with decimals or empty strings in it is written, whether it is there or not.
fn whole(field: &Field) -> String {
    let inner = adapter(&field.ty);
    // An empty string that means nothing more than its absence is one option with it.
    let is_flat = matches!(field.ty, Ty::OrEmpty(_)) && !field.clears;
    match field.presence {
        Presence::Required => inner,
        Presence::Optional if is_flat => inner,
        Presence::Nullable | Presence::Optional => format!("Option<{inner}>"),
        Presence::OptionalNullable => format!("decimal::Nullable<{inner}>"),
    }
}

fn adapted(adapter: &str, imports: &mut Imports) -> String {
    // The adapter has its full path, since a type of the API may have the same name.
    imports.path("crate::decimal");
    format!("<{adapter}>")
}

/// `new` or a builder, for what is sent.
fn making(api: &Api, def: &Def, structure: &Struct, imports: &mut Imports) -> String {
    if !def.usage.sent {
        return String::new();
    }
    let fields: Vec<String> = required(structure)
        .map(|one| format!("{}: {}", one.name, of_field(api, one, In::Models)))
        .collect();
    let others = structure.fields.iter().filter(|one| !one.is_asked_for());
    let others = others.map(|one| one.name.as_str());
    let rest = structure.rest.iter().map(|(name, _)| name.as_str());
    let others: String = others.chain(rest).map(|name| format!(" {name}")).collect();
    if let Some(builder) = def.builder() {
        imports.path("crate::object::builder");
        let steps = fields.iter().enumerate();
        let steps: Vec<String> = steps
            .map(|(index, one)| format!("Set{} {one}", index + 1))
            .collect();
        let head = format!("{} by {builder}", def.name);
        let made = format!("{}{others}\n", block(&head, &steps).trim_end());
        return in_macro("builder!", &made);
    }
    imports.path("crate::object::constructor");
    let made = format!("{}({}){others}\n", def.name, fields.join(", "));
    in_macro("constructor!", &made)
}

/// An example, for what is read.
pub(super) fn example(def: &Def, imports: &mut Imports) -> String {
    match &def.example {
        Some(example) if def.usage.read => {
            imports.path("crate::object::example");
            let json = json_literal(&example.to_string());
            format!("example! {{ {} {json} }}\n\n", def.name)
        }
        _ => String::new(),
    }
}

fn required(structure: &Struct) -> impl Iterator<Item = &Field> {
    structure.fields.iter().filter(|one| one.is_asked_for())
}

/// Whether a field can have only one value, so that there is nothing to set.
fn is_settled(api: &Api, field: &Field) -> bool {
    let has_one_value =
        |id| matches!(&api.def(id).kind, TypeKind::Enum(values) if values.len() == 1);
    field.presence == Presence::Required && field.ty.def().is_some_and(has_one_value)
}

fn is_personal(structure: &Struct) -> bool {
    structure.fields.iter().any(|field| field.personal)
}
