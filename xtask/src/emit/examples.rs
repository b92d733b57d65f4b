//! Tests of the models: every example of the description is read and written back, and every event
//! finds its variant. There is one test of each for every module.

use std::collections::BTreeMap;

use super::text::{json_literal, literal};
use super::types::{In, rust};
use upvest_description::ir::{Api, COMMON, EVENT, Example, TypeKind};

/// Lines of the tests, by the module of the types that they are about.
type Lines<'a> = BTreeMap<&'a str, String>;

/// The tests, if there are examples.
pub(super) fn module(api: &Api) -> Option<String> {
    if api.examples.is_empty() {
        return None;
    }
    let mut out = "use super::*;\nuse crate::examples::{assert_whole, check};\n".to_owned();
    for (module, checks) in bodies(api) {
        out.push_str(&format!(
            "\n#[test]\nfn examples_of_{module}_are_read_and_written_back() {{\n    \
             assert_whole([\n{checks}    ]);\n}}\n"
        ));
    }
    for (module, checks) in events(api) {
        out.push_str(&format!(
            "\n#[test]\nfn events_of_{module}_find_their_variants() {{\n    \
             use crate::examples::check_variant;\n    assert_whole([\n{checks}    ]);\n}}\n"
        ));
    }
    for (module, lines) in made(api) {
        out.push_str(&format!(
            "\n#[test]\n#[cfg(feature = \"testing\")]\nfn types_of_{module}_have_examples() {{\n{lines}}}\n"
        ));
    }
    Some(out)
}

/// Every example is one of its type.
fn bodies(api: &Api) -> Lines<'_> {
    let mut checks = Lines::new();
    for one in &api.examples {
        let def = one.ty.innermost().def().map(|id| api.def(id));
        let module = def.map_or(COMMON, |def| &def.module);
        let ty = type_of(api, one);
        let (pointer, json) = parts(one);
        let check = format!("        check::<{ty}>({pointer}, {json}),\n");
        checks.entry(module).or_default().push_str(&check);
    }
    checks
}

fn type_of(api: &Api, example: &Example) -> String {
    rust(api, &example.ty, In::Models)
        .replace("BTreeMap<", "std::collections::BTreeMap<")
        .replace("Value", "serde_json::Value")
}

fn parts(example: &Example) -> (String, String) {
    let pointer = literal(example.pointer.as_str());
    (pointer, json_literal(&example.value.to_string()))
}

/// Every example of an event is read as its variant.
fn events(api: &Api) -> Lines<'_> {
    let mut checks = Lines::new();
    for webhook in &api.webhooks {
        let Some(event) = &webhook.event else {
            continue;
        };
        let place = format!("{}/", webhook.pointer);
        let own = api.examples.iter();
        for one in own.filter(|one| one.pointer.as_str().starts_with(&place)) {
            let (pointer, json) = parts(one);
            let check = format!(
                "        check_variant({pointer}, {json}, |event| matches!(event, {EVENT}::{}(_))),\n",
                event.variant
            );
            let module = &*api.def(event.def).module;
            checks.entry(module).or_default().push_str(&check);
        }
    }
    checks
}

/// Every example for tests is one of its type.
fn made(api: &Api) -> Lines<'_> {
    let mut lines = Lines::new();
    for def in &api.defs {
        let is_made = matches!(def.kind, TypeKind::Struct(_) | TypeKind::Union(_));
        if is_made && def.usage.read && def.example.is_some() {
            let line = format!("    let _ = {}::example();\n", def.name);
            lines.entry(&*def.module).or_default().push_str(&line);
        }
    }
    lines
}
