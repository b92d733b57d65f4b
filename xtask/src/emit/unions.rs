//! Unions: the enum, and how a value finds its variant.
//!
//! serde's own `untagged` takes the first variant that can be read, and drops the rest of the
//! fields. Here the variant is found by its [shape](crate::ir::shape).

use super::text::{docs, literal, literals};
use super::types::{Imports, derived, traits};
use crate::ir::{Api, Def, DefId, Union, shape};

/// A union as an enum of its variants.
pub(super) fn write(
    api: &Api,
    (id, def): (DefId, &Def),
    union: &Union,
    imports: &mut Imports,
) -> String {
    for path in [
        "serde::Deserialize",
        "serde::Serialize",
        "serde_json::Value",
        "crate::union",
        "crate::union::Shape",
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
    for variant in &names {
        out.push_str(&format!(
            "impl From<{variant}> for {} {{\n    fn from(value: {variant}) -> Self {{\n        \
             Self::{variant}(value)\n    }}\n}}\n\n",
            def.name
        ));
    }
    out.push_str(&super::structs::example(def, imports));
    out
}

fn definition(api: &Api, (id, def): (DefId, &Def), names: &[&str]) -> String {
    let mut out = docs("", def.docs.as_deref().unwrap_or_default());
    out.push_str(&format!(
        "///\n\
         /// More variants may come: what is none of those known here is kept as `Unknown`.\n\
         #[derive(Clone, Debug, {}, Serialize)]\n\
         #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))]\n\
         #[serde(untagged)]\n\
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
        "    /// A value that has the form of none of the others, as it was written.\n    \
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
             return union::read(value).map(Self::{});\n        }}\n",
            api.def(text).name
        ));
    }
    out.push_str("        match Shape::find(SHAPES, &value) {\n");
    for (index, variant) in union.objects(api).into_iter().enumerate() {
        let variant = &api.def(variant).name;
        out.push_str(&format!(
            "            Some({index}) => union::read(value).map(Self::{variant}),\n"
        ));
    }
    out.push_str("            _ => Ok(Self::Unknown(value)),\n        }\n    }\n}\n\n");
    out
}
