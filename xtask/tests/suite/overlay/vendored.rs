//! The overlays of the workspace, and those that are named beside them.

use std::path::Path;

use serde_json::Value;
use upvest_description::read::document::Document;

use super::{generate, overlay, path, write};
use crate::support::{directory, generated_tree, published, workspace, xtask};

#[test]
fn further_overlays_come_after_the_vendored_one_in_their_order() {
    let root = generated_tree("further");
    let name = |name: &str| {
        let schema =
            "$.paths['/auth/token'].post.responses['200'].content['application/json'].schema";
        overlay(&format!(
            "- {{target: \"{schema}\", update: {{x-rust-name: {name}}}}}"
        ))
    };
    let first = write(&root, "first.yaml", &name("First"));
    let second = write(&root, "second.yaml", &name("Second"));
    let overlays = ["--overlay", path(&first), "--overlay", path(&second)];
    assert_eq!(generate(&root, &overlays).status, Some(0));
    let models = root.join(xtask::emit::MODELS).join("access_tokens.rs");
    let models = std::fs::read_to_string(models).unwrap();
    assert!(models.contains("pub struct Second {"), "{models}");
    assert!(
        models.contains("pub struct AccessTokenRequest {"),
        "{models}"
    );
    assert_eq!(generate(&root, &["--check"]).status, Some(1));
    assert_eq!(
        generate(&root, &[&overlays[..], &["--check"]].concat()).status,
        Some(0)
    );
}

#[test]
fn the_overlays_of_the_workspace_are_for_the_api_of_that_title_alone() {
    let spec = published(xtask::DESCRIPTION);
    let text = std::fs::read_to_string(&spec).unwrap();
    let arguments = [
        "spec",
        "effective",
        "--format",
        "json",
        "--spec",
        path(&spec),
    ];
    let laid_over = xtask(&arguments);
    assert!(laid_over.out.contains("JsonWebKeySet"));
    // What is only in later versions is counted, and listed if that is asked for.
    let listed = xtask(&[&arguments[..], &["--verbose"]].concat()).err;
    let warnings = listed.lines().filter(|line| line.starts_with("warning: "));
    let number = warnings.count();
    assert!(listed.contains("matches nothing"), "{listed}");
    assert_eq!(
        laid_over.err,
        format!("warning: parts of overlays without effect: {number} (`--verbose` lists them)\n")
    );

    let directory = directory("another-title");
    let text = text.replace("title: Upvest Investment API", "title: Another API");
    let another = write(&directory, "another.yaml", &text);
    let as_it_is = effective(&["--spec", path(&another)]);
    assert_eq!(
        as_it_is,
        upvest_description::read::yaml::parse(&text, &another).unwrap()
    );

    let overlay = published(xtask::OVERLAY);
    let named = effective(&["--spec", path(&another), "--overlay", path(&overlay)]);
    assert_ne!(named, as_it_is);
}

#[test]
fn the_effective_document_is_the_same_in_yaml_and_json_and_can_be_read_again() {
    let yaml = xtask(&["spec", "effective", "--format", "yaml"]);
    assert_eq!((yaml.status, &yaml.err[..]), (Some(0), ""));
    let json = effective(&[]);
    assert_eq!(
        upvest_description::read::yaml::parse(&yaml.out, Path::new("stdout")).unwrap(),
        json
    );
    let document = Document::parse(&yaml.out, Path::new("stdout")).unwrap();
    assert_eq!(document.root, json);
    assert_eq!(
        document.root.to_string(),
        json.to_string(),
        "the order of members"
    );

    let personal = json["x-rust-personal"].as_array().unwrap();
    assert!(personal.contains(&"first_name".into()), "{personal:?}");
}

#[test]
fn a_changed_overlay_is_drift_only_if_it_changes_the_code() {
    let root = generated_tree("changed-overlay");
    let file = root.join(xtask::OVERLAY);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}# one comment more\n")).unwrap();
    assert_eq!(generate(&root, &["--check"]).status, Some(0));
    std::fs::write(&file, text.replace("JsonWebKeySet", "KeySet")).unwrap();
    assert_eq!(generate(&root, &["--check"]).status, Some(1));
}

#[test]
fn every_action_of_the_overlays_says_why() {
    let overlays = xtask::overlays(&workspace()).unwrap();
    assert_eq!(overlays.len(), 2);
    for action in overlays.into_iter().flat_map(|overlay| overlay.actions) {
        let reason = action.description.unwrap_or_default();
        assert!(reason.ends_with('.'), "{}: {reason:?}", action.target);
    }
}

fn effective(arguments: &[&str]) -> Value {
    let run = xtask(&[&["spec", "effective", "--format", "json"], arguments].concat());
    assert_eq!((run.status, &run.err[..]), (Some(0), ""));
    serde_json::from_str(&run.out).unwrap()
}
