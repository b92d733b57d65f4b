//! Unions: the enum, and how a value finds its variant.
//!
//! serde's own `untagged` takes the first variant that can be read, and drops the rest of the
//! fields. Here the variant is found by its [shape](upvest_description::ir::shape).

use super::text::{block, docs, in_macro, literal, literals};
use super::types::{Imports, In, derived, rust, traits};
use upvest_description::ir::{Api, Def, DefId, Field, Presence, Ty, TypeKind, Union, shape};

/// A union as an enum of its variants.
pub(super) fn write(
    api: &Api,
    (id, def): (DefId, &Def),
    union: &Union,
    imports: &mut Imports,
) -> String {
    for path in [
        "serde::Deserialize",
        "serde_json::Value",
        "crate::union",
        "crate::union::Shape",
        "crate::union::variants",
    ] {
        imports.path(path);
    }
    for id in &union.variants {
        imports.def(api, *id, &def.module);
    }
    let names: Vec<&str> = union
        .variants
        .iter()
        .map(|id| api.def(*id).name.as_str())
        .collect();
    let mut out = definition(api, (id, def), &names);
    out.push_str(&reading(api, def, union));
    let variants: Vec<String> = names.iter().map(|name| format!("{name}({name})")).collect();
    out.push_str(&in_macro("variants!", &block(&def.name, &variants)));
    out.push_str(&accessors(api, def, union, imports));
    out.push_str(&super::structs::example(def, imports));
    out
}

/// Methods of the union for what all variants have: fields of the same name and type. Where an id may be
/// in the place of an object, both have the id.
fn accessors(api: &Api, def: &Def, union: &Union, imports: &mut Imports) -> String {
    let shared = shared(api, union);
    if shared.is_empty() || !def.usage.read {
        return String::new();
    }
    imports.path("crate::union::accessors");
    let variants: Vec<&str> = union
        .variants
        .iter()
        .map(|id| api.def(*id).name.as_str())
        .collect();
    let mut out = format!("accessors! {{\n    {} [{}]\n", def.name, variants.join(" "));
    for (kind, field) in shared {
        imports.ty(api, &field.ty, &def.module);
        let ty = rust(api, field.in_rust().0, In::Models);
        out.push_str(&format!("    {kind} {}: {ty},\n", field.name));
    }
    out.push_str("}\n\n");
    out
}

fn shared<'a>(api: &'a Api, union: &Union) -> Vec<(&'static str, &'a Field)> {
    let fields = |id: &DefId| match &api.def(*id).kind {
        TypeKind::Struct(structure) => structure.fields.as_slice(),
        _ => &[],
    };
    if let (Some(text), [object]) = (union.text(api), &union.objects(api)[..]) {
        let is_id = |one: &&Field| one.ty == Ty::Def(text) && one.presence.is_required();
        let id = fields(object).iter().filter(|one| one.wire == "id");
        return id.filter(is_id).map(|one| ("id", one)).collect();
    }
    let Some((first, others)) = union.variants.split_first() else {
        return Vec::new();
    };
    let is_shared = |one: &Field| {
        let is_same = |other: &Field| (&other.name, other.in_rust()) == (&one.name, one.in_rust());
        others.iter().all(|id| fields(id).iter().any(is_same))
    };
    let all = fields(first).iter().filter(|one| is_shared(one));
    all.filter_map(|one| match one.in_rust().1 {
        Presence::Required => Some(("required", one)),
        Presence::Nullable | Presence::Optional => Some(("optional", one)),
        // Absent and null are different, and the variant returns which one it is.
        Presence::OptionalNullable => None,
    })
    .collect()
}

fn definition(api: &Api, (id, def): (DefId, &Def), names: &[&str]) -> String {
    let mut out = docs("", def.docs.as_deref().unwrap_or_default());
    out.push_str(&format!(
        "///\n\
         /// The API may add variants. A value that this version does not know is kept as `Unknown`.\n\
         #[derive(Clone, Debug, {})]\n\
         #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema), schemars(untagged))]\n\
         #[non_exhaustive]\n\
         pub enum {} {{\n",
        derived(traits(api, id)),
        def.name
    ));
    for variant in names {
        out.push_str(&format!(
            "    /// [`{variant}`]\n    {variant}({variant}),\n"
        ));
    }
    out.push_str(
        "    /// A value that matches no other variant, unchanged.\n    \
         Unknown(Value),\n}\n\n",
    );
    out
}

fn reading(api: &Api, def: &Def, union: &Union) -> String {
    let mut out = format!(
        "impl<'de> Deserialize<'de> for {} {{\n    \
         fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {{\n        \
         const SHAPES: &[Shape] = &[\n",
        def.name
    );
    for shape in shape::shapes(api, union) {
        let tags: Vec<String> = shape
            .tags
            .iter()
            .map(|(field, values)| format!("({}, &[{}])", literal(field), literals(values)))
            .collect();
        out.push_str(&format!(
            "            Shape {{\n                required: &[{}],\n                known: &[{}],\n                \
             tags: &[{}],\n            }},\n",
            literals(&shape.required),
            literals(&shape.known),
            tags.join(", ")
        ));
    }
    out.push_str("        ];\n        let value = Value::deserialize(deserializer)?;\n");
    if let Some(text) = union.text(api) {
        out.push_str(&format!(
            "        if value.is_string() {{\n            \
             return union::read(&value).map(Self::{}).map_err(serde::de::Error::custom);\n        }}\n",
            api.def(text).name
        ));
    }
    out.push_str(
        "        union::find(SHAPES, value, Self::Unknown, |index, value| match index {\n",
    );
    for (index, variant) in union.objects(api).into_iter().enumerate() {
        let variant = &api.def(variant).name;
        out.push_str(&format!(
            "            {index} => Some(union::read(value).map(Self::{variant})),\n"
        ));
    }
    out.push_str("            _ => None,\n        })\n    }\n}\n\n");
    out
}
