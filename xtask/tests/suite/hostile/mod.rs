//! Small descriptions that mean harm: circles of every kind, names that cannot be names, what cannot be sent, and
//! what has nothing in the client. Each is refused with its place, or reported as left out; what of them can be
//! generated is in `constructs/hard_*.yaml`, and compiles.

use std::path::Path;

use upvest_description::error::Result;
use upvest_description::ir::Api;
use upvest_description::read::document::Document;

mod calls;
mod circles;
mod schemas;

/// Reads a description of these paths and components.
fn read(version: &str, paths: &str, components: &str) -> Result<Api> {
    let text = format!(
        "openapi: {version}\ninfo: {{title: Test, version: '1'}}\npaths: {{{paths}}}\ncomponents: {{{components}}}\n"
    );
    let document = Document::parse(&text, Path::new("test"))?;
    xtask::generate(&document).map(|outcome| outcome.api)
}

/// A path with one operation, which has these members too.
fn operation(path: &str, method: &str, members: &str) -> String {
    let more = if members.is_empty() { "" } else { ", " };
    let ok = match members.contains("responses:") {
        true => "",
        false => ", responses: {'204': {description: ok}}",
    };
    format!("'{path}': {{{method}: {{operationId: act_now, tags: [Things]{ok}{more}{members}}}}}")
}

/// An operation with these parameters.
fn parameters(all: &str) -> String {
    operation("/things", "put", &format!("parameters: [{all}]"))
}

/// An operation with a body, or an answer.
fn body(media_type: &str, schema: &str) -> String {
    let body = format!("requestBody: {{content: {{{media_type}: {{schema: {schema}}}}}}}");
    operation("/things", "put", &body)
}

fn answers(all: &str) -> String {
    operation("/things", "put", &format!("responses: {{{all}}}"))
}

/// Asserts that each is refused with this text, place and reason, and that nothing takes forever.
fn assert_refused(cases: &[(String, &str, &str)]) {
    for (paths, components, expected) in cases {
        let error = read("3.0.3", paths, components)
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{paths} {components}: {error}");
        assert!(error.contains("\n  help: "), "{error}");
    }
}
