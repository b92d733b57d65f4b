//! The lock of names: what everything is called stays that way.

use std::path::Path;

use upvest_description::ir::Api;
use upvest_description::lower::{lock::Lock, lower};
use upvest_description::read::document::Document;

use crate::support::{generated_tree, workspace, xtask};

const BASE: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
paths:
  /a: {get: {operationId: get_a, tags: [A], parameters: [{name: q, in: query, schema: {type: string}}],
    responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {
      price: {type: object, properties: {amount: {type: string}, currency: {type: string, format: ISO4217, enum: [EUR]}}},
      side: {type: string, enum: [BUY]}}}}}}}}}
  /b: {get: {operationId: get_b, tags: [B],
    responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {
      price: {type: object, properties: {amount: {type: string}, currency: {type: string, format: ISO4217, enum: [EUR]}}}}}}}}}}}
";

fn read(text: &str, lock: &Lock) -> Api {
    let document = Document::parse(text, Path::new("test")).unwrap();
    lower(&document, lock).unwrap_or_else(|error| panic!("{error}"))
}

fn locked() -> Lock {
    let api = read(BASE, &Lock::default());
    Lock::parse(&Lock::of(&api).to_string()).unwrap()
}

fn names(api: &Api) -> Vec<&str> {
    api.defs.iter().map(|def| def.name.as_str()).collect()
}

#[test]
fn a_lock_is_read_as_it_is_written() {
    let lock = locked();
    assert_eq!(lock.to_string(), Lock::of(&read(BASE, &lock)).to_string());
    assert!(Lock::parse("type A\n  member x").is_err());
    assert!(Lock::parse("  at /nowhere").is_err());
}

#[test]
fn additions_to_a_description_rename_nothing() {
    // By rule, two different prices would be `APrice` and `BPrice`.
    let more = BASE.replacen(
        "amount: {type: string}",
        "amount: {type: string}, net: {type: string}",
        1,
    );
    assert!(names(&read(&more, &Lock::default())).contains(&"BPrice"));
    let api = read(&more, &locked());
    assert!(names(&api).contains(&"Price"), "{:?}", names(&api));
    let price = api.named("Price").unwrap();
    assert!(
        price.pointer().as_str().starts_with("/paths/~1a/"),
        "{}",
        price.pointer()
    );
    let departed = api
        .defs
        .iter()
        .find(|def| def.name.ends_with("Price") && def.name != "Price");
    assert!(
        departed
            .unwrap()
            .pointer()
            .as_str()
            .starts_with("/paths/~1b/")
    );
}

#[test]
fn enums_of_one_meaning_stay_one_type_with_all_values() {
    let wider = BASE.replacen("enum: [EUR]", "enum: [EUR, GBP]", 1);
    for lock in [Lock::default(), locked()] {
        let api = read(&wider, &lock);
        assert_eq!(
            names(&api)
                .iter()
                .filter(|name| name.ends_with("Currency"))
                .count(),
            1
        );
        assert_eq!(
            names(&api)
                .iter()
                .filter(|name| name.ends_with("Price"))
                .count(),
            1
        );
    }
    let widened = BASE.replacen("enum: [BUY]", "enum: [BUY, SELL]", 1);
    assert_eq!(
        names(&read(&widened, &locked())),
        names(&read(BASE, &locked()))
    );
}

const SENT: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
paths:
  /a: {post: {operationId: make_a, tags: [A], responses: {'204': {description: ok}},
    requestBody: {required: true, content: {application/json: {schema: {type: object,
      required: [side, amount], properties: {
      side: {type: string, enum: [BUY]}, amount: {type: string}}}}}}}}
";

/// What the sent object of [`SENT`] is made by, and what it consists of.
fn making(api: &Api) -> (String, String) {
    let surface = xtask::emit::surface::models(api);
    let made = surface["MakeARequest::new"].clone();
    let files = xtask::emit::emit(api);
    let fields = files.values().find_map(|text| {
        let (_, rest) = text.split_once("object! {")?;
        Some(rest.split_once("}")?.0.to_owned())
    });
    (made, fields.unwrap())
}

#[test]
fn a_second_value_of_an_enum_changes_nothing_of_what_makes_an_object() {
    let before = read(SENT, &Lock::default());
    let lock = Lock::parse(&Lock::of(&before).to_string()).unwrap();
    let wider = read(&SENT.replace("[BUY]", "[SELL, BUY]"), &lock);
    let (new, fields) = making(&before);
    assert_eq!(new, "pub fn MakeARequest::new(amount: String)");
    // What has one value alone has no setter.
    assert!(fields.contains("Constant side: Side"), "{fields}");
    let (new_then, fields_then) = making(&wider);
    assert_eq!(new_then, new);
    assert!(fields_then.contains("Required side: Side"), "{fields_then}");
    // The default is held by the lock of the version after that, too.
    assert!(Lock::of(&wider).to_string().contains("  default \"BUY\"\n"));
    // Two values from the beginning have no default.
    let (asked, _) = making(&read(
        &SENT.replace("[BUY]", "[SELL, BUY]"),
        &Lock::default(),
    ));
    assert_eq!(
        asked,
        "pub fn MakeARequest::new(side: Side, amount: String)"
    );
}

#[test]
fn the_lock_overrides_the_rule_and_the_overlay_overrides_the_lock() {
    let text = locked().to_string();
    let text = text
        .replace("type Side", "type Direction")
        .replace("argument q ", "argument question ");
    let lock = Lock::parse(&text.replace("operation get_a ", "operation look ")).unwrap();
    let api = read(BASE, &lock);
    assert!(names(&api).contains(&"Direction"));
    assert_eq!(api.operations[0].name, "look");
    assert_eq!(api.operations[0].args[0].name, "question");
    let renamed = BASE.replacen("side: {", "side: {x-rust-name: Way, ", 1);
    assert!(names(&read(&renamed, &lock)).contains(&"Way"));
}

#[test]
fn a_lock_that_differs_is_drift() {
    let root = generated_tree("lock");
    let file = root.join(xtask::LOCK);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("member ", "member x", 1)).unwrap();
    let check = ["generate", "--check", "--root", root.to_str().unwrap()];
    assert_eq!(xtask(&check).status, Some(1));
    assert!(workspace().join(xtask::LOCK).is_file());
}
