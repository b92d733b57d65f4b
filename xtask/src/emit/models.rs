//! The models: one file for each module, one for the events, and one that lists all of them.

use std::collections::BTreeMap;

use super::files::Modules;
use super::text::{code, docs, literal};
use super::types::Imports;
use super::{events, examples, limits, structs, unions};
use upvest_description::ir::{Api, Def, DefId, Id, TypeKind, Variant};

/// All files of the models.
pub(super) fn modules(api: &Api) -> Modules {
    let mut by_module: BTreeMap<&str, Vec<(DefId, &Def)>> = BTreeMap::new();
    for (id, def) in api.ids() {
        by_module.entry(&def.module).or_default().push((id, def));
    }
    let mut modules = Modules::new();
    for (name, defs) in by_module {
        modules.insert(name.to_owned(), module(api, &defs));
    }
    if let Some(events) = events::module(api) {
        modules.insert(events::MODULE.to_owned(), events);
    }
    let names: Vec<String> = modules.keys().cloned().collect();
    let mut root: String = names.iter().map(|name| format!("mod {name};\n")).collect();
    if let Some(limits) = limits::module(api) {
        root.push_str(&format!("mod {};\n", limits::MODULE));
        modules.insert(limits::MODULE.to_owned(), limits);
    }
    root.push('\n');
    root.extend(names.iter().map(|name| format!("pub use {name}::*;\n")));
    if let Some(tests) = examples::module(api) {
        root.push_str("\n#[cfg(test)]\nmod examples;\n");
        modules.insert("examples".to_owned(), tests);
    }
    modules.insert("mod".to_owned(), root);
    modules
}

fn module(api: &Api, defs: &[(DefId, &Def)]) -> String {
    let mut imports = Imports::default();
    let mut items = String::new();
    for (id, def) in defs {
        items.push_str(&match &def.kind {
            TypeKind::Struct(structure) => {
                structs::write(api, (*id, *def), structure, &mut imports)
            }
            TypeKind::Union(union) => unions::write(api, (*id, *def), union, &mut imports),
            TypeKind::Enum(values) => open_enum(def, values, &mut imports),
            TypeKind::Id(form) => typed_id(def, *form, &mut imports),
        });
    }
    format!("{}\n{}\n", imports.write(), items.trim_end())
}

fn open_enum(def: &Def, values: &[Variant], imports: &mut Imports) -> String {
    imports.path("crate::open_enum::open_enum");
    let mut out = String::from("open_enum! {\n");
    out.push_str(&docs("    ", def.docs.as_deref().unwrap_or_default()));
    if values.iter().any(|value| value.is_default) {
        out.push_str("    #[derive(Default)]\n");
    }
    out.push_str(&format!("    pub enum {} {{\n", def.name));
    for value in values {
        let (name, wire) = (&value.name, &value.wire);
        out.push_str(&format!("        /// {}\n", code(wire)));
        if value.is_default {
            out.push_str("        #[default]\n");
        }
        out.push_str(&format!("        {name} = {},\n", literal(wire)));
    }
    out.push_str("    }\n}\n\n");
    out
}

fn typed_id(def: &Def, form: Id, imports: &mut Imports) -> String {
    imports.path("crate::typed_id::typed_id");
    let form = match form {
        Id::Uuid => "Uuid",
        Id::Text => "String",
    };
    let words = upvest_description::names::snake(&def.name).replace('_', " ");
    let noun = words.strip_suffix(" id").unwrap_or(&words);
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    let name = &def.name;
    format!(
        "typed_id! {{\n    /// The id of {article} {noun}.\n    pub struct {name}({form});\n}}\n\n"
    )
}
