//! What comes out, for review.

use std::path::Path;

use xtask::ir::Api;

use crate::support::workspace;

fn api() -> Api {
    xtask::generate_vendored(&workspace(), &[]).unwrap().api
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
    let bodies = xtask::read::examples::examples(&document.root)
        .into_iter()
        .filter(|example| example.pointer.contains("/content/"))
        .filter(|example| !example.pointer.contains("/schema/"))
        .count();
    let api = api();
    assert_eq!(api.examples.len(), bodies);
    assert!(
        api.examples
            .iter()
            .all(|example| example.ty.def().is_some())
    );
}
