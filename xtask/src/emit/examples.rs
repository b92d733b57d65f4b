//! Tests of the models: every example of the description is read and written back, and every event
//! finds its variant.

use super::text::{json_literal, literal};
use super::types::{In, rust};
use upvest_description::ir::{Api, EVENT, Example};

/// The tests, if there are examples.
pub(super) fn module(api: &Api) -> Option<String> {
    if api.examples.is_empty() {
        return None;
    }
    let checks: String = api
        .examples
        .iter()
        .map(|one| {
            let ty = type_of(api, one);
            let (pointer, json) = parts(one);
            format!("        check::<{ty}>({pointer}, {json}),\n")
        })
        .collect();
    let mut out = format!(
        "use super::*;\nuse crate::examples::{{assert_whole, check}};\n\n\
         #[test]\nfn every_example_is_read_and_written_back() {{\n    assert_whole([\n{checks}    ]);\n}}\n"
    );
    out.push_str(&events(api));
    out.push_str(&made(api));
    Some(out)
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

fn events(api: &Api) -> String {
    let mut checks = String::new();
    for webhook in &api.webhooks {
        let Some(event) = &webhook.event else {
            continue;
        };
        let place = format!("{}/", webhook.pointer);
        let own = api.examples.iter();
        for one in own.filter(|one| one.pointer.as_str().starts_with(&place)) {
            let (pointer, json) = parts(one);
            checks.push_str(&format!(
                "        check_variant({pointer}, {json}, |event| matches!(event, {EVENT}::{}(_))),\n",
                event.variant
            ));
        }
    }
    match checks.is_empty() {
        true => String::new(),
        false => format!(
            "\n#[test]\nfn every_event_finds_its_variant() {{\n    use crate::examples::check_variant;\n    \
             assert_whole([\n{checks}    ]);\n}}\n"
        ),
    }
}

/// Every example for tests is one of its type.
fn made(api: &Api) -> String {
    let read = api.defs.iter().filter(|def| {
        let is_made = matches!(
            def.kind,
            upvest_description::ir::TypeKind::Struct(_)
                | upvest_description::ir::TypeKind::Union(_)
        );
        is_made && def.usage.read && def.example.is_some()
    });
    let lines: String = read
        .map(|def| format!("    let _ = {}::example();\n", def.name))
        .collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!(
            "\n#[test]\n#[cfg(feature = \"testing\")]\nfn every_type_has_an_example() {{\n{lines}}}\n"
        ),
    }
}
