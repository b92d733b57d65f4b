//! What comes out, for review.

use std::fmt::Write;
use std::path::Path;

use xtask::ir::{Api, Success, Ty};

use crate::support::workspace;

fn api() -> Api {
    xtask::generate_vendored(&workspace(), &[]).unwrap().api
}

#[test]
fn operations() {
    insta::assert_snapshot!(table(&api()));
}

fn table(api: &Api) -> String {
    let name = |ty: &Ty| ty.def().map(|id| api.def(id).name.as_str());
    let mut table = String::new();
    for operation in &api.operations {
        let (id, method, path) = (&operation.id, &operation.method, &operation.path);
        writeln!(table, "{id}: {method} {path}").unwrap();
        writeln!(table, "  method      {}", operation.name).unwrap();
        writeln!(table, "  tag         {}", operation.tag).unwrap();
        writeln!(table, "  scopes      {}", operation.scopes.join(", ")).unwrap();
        writeln!(table, "  idempotent  {}", operation.takes_idempotency_key).unwrap();
        writeln!(table, "  deprecated  {}", operation.deprecated).unwrap();
        for arg in &operation.args {
            let (wire, location, required) = (&arg.wire, arg.location, arg.required);
            writeln!(
                table,
                "  parameter   {wire} in {location:?}, required: {required}"
            )
            .unwrap();
        }
        if let Some(body) = &operation.body {
            writeln!(
                table,
                "  body        {:?} of {:?}",
                body.encoding,
                name(&body.ty)
            )
            .unwrap();
        }
        if let Success::Json(ty) = &operation.success {
            writeln!(table, "  answer      {:?}", name(ty)).unwrap();
        }
    }
    for webhook in &api.webhooks {
        writeln!(table, "{}: webhook {:?}", webhook.id, webhook.name).unwrap();
        writeln!(table, "  event       {:?}", name(&webhook.ty)).unwrap();
    }
    table
}

#[test]
fn names_are_those_that_a_person_would_choose() {
    for def in api().defs {
        assert!(
            !xtask::lower::names::is_makeshift(&def.name),
            "{}",
            def.name
        );
    }
}

#[test]
fn every_example_of_a_body_is_tried() {
    let text = std::fs::read_to_string(workspace().join(xtask::DESCRIPTION)).unwrap();
    let document = xtask::read::document::Document::parse(&text, Path::new("spec")).unwrap();
    let api = api();
    let left_out = |pointer: &str| {
        let mut places = api.left_out.iter();
        places.any(|one| pointer.starts_with(one.pointer.as_str()))
    };
    let bodies = xtask::read::examples::examples(&document.root)
        .into_iter()
        .filter(|example| !left_out(&example.pointer))
        .filter(|example| example.pointer.contains("/content/"))
        .filter(|example| !example.pointer.contains("/schema/"))
        .count();
    assert_eq!(api.examples.len(), bodies);
    assert!(
        api.examples
            .iter()
            .all(|example| example.ty.def().is_some())
    );
}
