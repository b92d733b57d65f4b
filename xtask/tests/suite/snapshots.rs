//! What comes out, for review.

use std::fmt::Write;
use std::path::Path;

use xtask::description::{Description, Success};
use xtask::types::referred;

use crate::support::workspace;

fn outcome() -> xtask::Outcome {
    xtask::generate_vendored(&workspace()).unwrap()
}

#[test]
fn generated_files() {
    for (path, text) in outcome().files {
        if path.extension().is_some_and(|extension| extension == "rs") {
            // The header changes with every byte of the description.
            let text: String = text
                .lines()
                .skip(3)
                .map(|line| format!("{line}\n"))
                .collect();
            let path: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            let name = format!("{}_{}", path[1], path[4]);
            insta::assert_snapshot!(name, text);
        }
    }
}

#[test]
fn operations() {
    insta::assert_snapshot!(table(&outcome().description));
}

fn table(description: &Description) -> String {
    let mut table = String::new();
    for operation in &description.operations {
        writeln!(
            table,
            "{}: {} {}",
            operation.id,
            operation.method.to_uppercase(),
            operation.path
        )
        .unwrap();
        writeln!(table, "  tag         {}", operation.tag).unwrap();
        writeln!(table, "  scopes      {}", operation.scopes.join(", ")).unwrap();
        writeln!(table, "  idempotent  {}", operation.takes_idempotency_key).unwrap();
        writeln!(table, "  deprecated  {}", operation.deprecated).unwrap();
        for parameter in &operation.parameters {
            writeln!(
                table,
                "  parameter   {} in {:?}, required: {}",
                parameter.name, parameter.location, parameter.required
            )
            .unwrap();
        }
        if let Some(body) = &operation.body {
            writeln!(
                table,
                "  body        {:?} of {:?}",
                body.encoding,
                referred(&body.schema)
            )
            .unwrap();
        }
        if let Success::Json(schema) = &operation.success {
            writeln!(table, "  answer      {:?}", referred(schema)).unwrap();
        }
    }
    for webhook in &description.webhooks {
        writeln!(table, "{}: webhook {:?}", webhook.id, webhook.name).unwrap();
        writeln!(table, "  event       {:?}", referred(&webhook.schema)).unwrap();
    }
    table
}

#[test]
fn names_are_those_that_a_person_would_choose() {
    for kind in outcome().description.types() {
        assert!(!xtask::names::is_makeshift(&kind.name), "{}", kind.name);
    }
}

#[test]
fn every_example_of_a_body_is_tried() {
    let description = outcome().description;
    let text = std::fs::read_to_string(workspace().join(xtask::DESCRIPTION)).unwrap();
    let document = xtask::document::Document::parse(&text, Path::new("spec")).unwrap();
    let bodies = xtask::examples::examples(&document.root)
        .into_iter()
        .filter(|example| example.pointer.contains("/content/"))
        .filter(|example| !example.pointer.contains("/schema/"))
        .count();
    assert_eq!(description.examples.len(), bodies);
    assert!(
        description
            .examples
            .iter()
            .all(|example| referred(&example.schema).is_some())
    );
}
