//! What comes out, for review.

use upvest_description::ir::Api;
use upvest_description::read::cursor::Cursor;
use upvest_description::read::walk::{self, Object};

use crate::support::workspace;

fn api() -> Api {
    xtask::generate_vendored(&workspace(), &[]).unwrap().api
}

#[test]
fn names_are_those_that_a_person_would_choose() {
    for def in api().defs {
        assert!(
            !upvest_description::names::is_makeshift(&def.name),
            "{}",
            def.name
        );
    }
}

#[test]
fn every_example_of_a_body_is_tried() {
    let document = xtask::vendored(&workspace(), &[]).unwrap();
    let mut bodies = 0;
    walk::members(&Cursor::of(&document.root), &mut |kind, _, member, name| {
        if kind == Object::MediaType {
            bodies += match name {
                "example" => 1,
                "examples" => member.children().len(),
                _ => 0,
            };
        }
    });
    let api = api();
    assert_eq!(api.examples.len(), bodies);
    let mut examples = api.examples.iter();
    assert!(examples.all(|example| example.ty.def().is_some()));
}
