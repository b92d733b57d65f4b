//! Structs: fields, setters, what makes one, and an example.

use super::text::{block, docs, json_literal, literal};
use super::types::{Imports, In, adapter, derived, of_field, rust, traits};
use upvest_description::ir::{Api, Def, DefId, Field, Kind, Presence, Struct, Ty};

/// A struct with everything around it.
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
    imports.path("serde::Deserialize");
    imports.path("serde::Serialize");
    let mut out = definition(api, (id, def), structure, imports);
    out.push_str(&setters(api, def, structure, imports));
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

fn definition(
    api: &Api,
    (id, def): (DefId, &Def),
    structure: &Struct,
    imports: &mut Imports,
) -> String {
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
        "#[derive(Clone, {debug}{default}{}, Deserialize, Serialize)]\n\
         #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))]\n\
         #[non_exhaustive]\n\
         pub struct {} {{\n",
        derived(traits(api, id)),
        def.name
    ));
    for one in &structure.fields {
        out.push_str(&field(api, one, imports));
    }
    if let Some((name, ty)) = &structure.rest {
        out.push_str("    /// What else there is, by its name.\n");
        let mut serde = vec!["flatten".to_owned()];
        let map = Ty::Map(Box::new(ty.clone()));
        if map.needs_adapter() {
            serde.push(decimals(&adapter(&map), imports));
            let schema = rust(api, &map, In::Schema);
            out.push_str(&schemars(&[format!("with = {}", literal(&schema))]));
        }
        out.push_str(&format!("    #[serde({})]\n", serde.join(", ")));
        out.push_str(&format!(
            "    pub {name}: {},\n",
            rust(api, &map, In::Models)
        ));
    }
    out.push_str("}\n\n");
    out
}

fn field(api: &Api, field: &Field, imports: &mut Imports) -> String {
    let mut serde = Vec::new();
    let mut schema = Vec::new();
    if field.wire != field.name {
        serde.push(format!("rename = {}", literal(&field.wire)));
    }
    let is_optional = !field.presence.is_required();
    let is_adapted = field.ty.needs_adapter();
    if field.presence == Presence::OptionalNullable || is_optional && is_adapted {
        serde.push("default".to_owned());
    }
    if is_optional {
        serde.push("skip_serializing_if = \"Option::is_none\"".to_owned());
    }
    if is_adapted {
        let inner = adapter(&field.ty);
        // An empty string that means nothing more than its absence is one option with it.
        let is_flat = matches!(field.ty, Ty::OrEmpty(_)) && !field.clears;
        let whole = match field.presence {
            Presence::Required => inner,
            Presence::Optional if is_flat => inner,
            Presence::Nullable | Presence::Optional => format!("Option<{inner}>"),
            Presence::OptionalNullable => format!("decimal::Nullable<{inner}>"),
        };
        serde.push(decimals(&whole, imports));
    } else if field.presence == Presence::OptionalNullable {
        serde.push("with = \"crate::nullable\"".to_owned());
    }
    if is_adapted || field.presence == Presence::OptionalNullable {
        schema.push(format!(
            "with = {}",
            literal(&of_field(api, field, In::Schema))
        ));
    }
    if let Some(pattern) = field.limits.pattern() {
        schema.push(format!("extend(\"pattern\" = {})", literal(pattern)));
    }
    let mut out = docs("    ", field.docs.as_deref().unwrap_or_default());
    if field.deprecated {
        out.push_str("    ///\n    /// Deprecated in the description of the API.\n");
    }
    if !serde.is_empty() {
        out.push_str(&format!("    #[serde({})]\n", serde.join(", ")));
    }
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

/// Plain numbers have a module of their own, anything made of them an adapter.
fn decimals(adapter: &str, imports: &mut Imports) -> String {
    if adapter == "decimal::Exact" {
        return "with = \"crate::decimal\"".to_owned();
    }
    // No adapter by its name alone: a type of the API may be called like it.
    imports.path("crate::decimal");
    format!("with = \"decimal::As::<{adapter}>\"")
}

fn schemars(arguments: &[String]) -> String {
    format!(
        "    #[cfg_attr(feature = \"schemars\", schemars({}))]\n",
        arguments.join(", ")
    )
}

fn setters(api: &Api, def: &Def, structure: &Struct, imports: &mut Imports) -> String {
    let fields = structure.fields.iter();
    let settable = fields.filter(|one| !def.usage.sent || !is_settled(api, one));
    let fields = settable.map(|one| {
        let (ty, presence) = one.in_rust();
        let kind = match presence {
            Presence::Required => "required",
            Presence::Nullable | Presence::Optional => "optional",
            Presence::OptionalNullable => "nullable",
        };
        format!("{kind} {}: {}", one.name, rust(api, ty, In::Models))
    });
    let rest = structure.rest.iter().map(|(name, ty)| {
        let map = rust(api, &Ty::Map(Box::new(ty.clone())), In::Models);
        format!("required {name}: {map}")
    });
    let fields: Vec<String> = fields.chain(rest).collect();
    if fields.is_empty() {
        return String::new();
    }
    imports.path("crate::object::setters");
    in_macro("setters!", &block(&def.name, &fields))
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

/// `name! { content }`, the content indented if it has several lines.
fn in_macro(name: &str, content: &str) -> String {
    let content = content.trim_end();
    if content.contains('\n') || name.len() + content.len() > 100 {
        let lines: String = content
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect();
        return format!("{name} {{\n{lines}}}\n\n");
    }
    format!("{name} {{ {content} }}\n\n")
}

fn required(structure: &Struct) -> impl Iterator<Item = &Field> {
    structure.fields.iter().filter(|one| one.is_asked_for())
}

/// Whether a field can have one value alone, so that there is nothing to set.
fn is_settled(api: &Api, field: &Field) -> bool {
    let has_one_value = |id| matches!(&api.def(id).kind, Kind::Enum(values) if values.len() == 1);
    field.presence == Presence::Required && field.ty.def().is_some_and(has_one_value)
}

fn is_personal(structure: &Struct) -> bool {
    structure.fields.iter().any(|field| field.personal)
}
