//! `cargo xtask generate` and `generate --check`.

use std::path::Path;

use xtask::emit::{CLIENT, MODELS};

use crate::support::{assert_untouched, files, generated_tree, workspace, xtask};

const MODEL: &str = "cash_balances.rs";

fn check(root: &Path) -> (Option<i32>, String, String) {
    let run = xtask(&["generate", "--check", "--root", root.to_str().unwrap()]);
    (run.status, run.out, run.err)
}

#[test]
fn the_tree_holds_what_the_description_makes() {
    let (status, out, err) = check(&workspace());
    assert_eq!(status, Some(0), "run `cargo xtask generate`\n{out}{err}");
}

#[test]
fn a_changed_byte_is_found_and_shown() {
    let root = generated_tree("changed");
    let path = root.join(MODELS).join(MODEL);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replacen("pub balance: Decimal", "pub balance: Decimel", 1),
    )
    .unwrap();
    let (status, out, err) = check(&root);
    assert_eq!(status, Some(1));
    insta::assert_snapshot!(format!("{out}{err}"));
}

#[test]
fn a_missing_file_is_found() {
    let root = generated_tree("missing");
    std::fs::remove_file(root.join(CLIENT).join("common.rs")).unwrap();
    let (status, out, _) = check(&root);
    assert_eq!(status, Some(1));
    assert_eq!(out, "missing  crates/client/src/generated/common.rs\n");
}

#[test]
fn a_stray_file_is_found_wherever_it_is() {
    let root = generated_tree("extra");
    std::fs::write(root.join(CLIENT).join("notes.txt"), "").unwrap();
    std::fs::create_dir(root.join(MODELS).join("below")).unwrap();
    std::fs::write(root.join(MODELS).join("below/stray.rs"), "").unwrap();
    let (status, out, _) = check(&root);
    assert_eq!(status, Some(1));
    assert_eq!(
        out,
        "extra    crates/client/src/generated/notes.txt\nextra    crates/models/src/generated/below/stray.rs\n"
    );
}

#[test]
fn another_description_is_found() {
    let root = generated_tree("outdated");
    let path = root.join(xtask::DESCRIPTION);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}# one comment more\n")).unwrap();
    assert_eq!(check(&root).0, Some(1));
}

/// A comma that ends a text where none was meant makes a member of what is behind it.
#[test]
fn the_overlay_for_other_versions_is_read_as_strictly() {
    let root = generated_tree("stray_comma");
    let action = "{target: $.paths, description: The id, not the check., update: {}}";
    let text = format!("overlay: 1.1.0\ninfo: {{title: T, version: '1'}}\nactions: [{action}]\n");
    std::fs::write(root.join(xtask::WHOLE_API), text).unwrap();
    let before = files(&root);
    let run = xtask(&["generate", "--root", root.to_str().unwrap()]);
    assert_eq!(run.status, Some(2), "{}{}", run.out, run.err);
    assert!(
        run.err.contains("unknown field `not the check.`"),
        "{}",
        run.err
    );
    assert_untouched(&root, &before);
}

#[test]
fn checking_writes_nothing() {
    let root = generated_tree("untouched");
    std::fs::write(root.join(CLIENT).join("common.rs"), "// mine").unwrap();
    let before = files(&root);
    check(&root);
    assert_untouched(&root, &before);
}

#[test]
fn generating_mends_everything_and_gives_the_same_bytes_again() {
    let root = generated_tree("mended");
    let before = files(&root);
    std::fs::write(root.join(CLIENT).join("stray.rs"), "").unwrap();
    std::fs::write(root.join(CLIENT).join("common.rs"), "// mine").unwrap();
    std::fs::remove_file(root.join(MODELS).join(MODEL)).unwrap();
    assert_eq!(
        xtask(&["generate", "--root", root.to_str().unwrap()]).status,
        Some(0)
    );
    assert_untouched(&root, &before);
}

#[test]
fn unchanged_files_are_not_written() {
    let root = generated_tree("unchanged");
    let modified = |root: &Path| {
        let file = root.join(MODELS).join(MODEL);
        std::fs::metadata(file).unwrap().modified().unwrap()
    };
    let before = modified(&root);
    assert_eq!(
        xtask(&["generate", "--root", root.to_str().unwrap()]).status,
        Some(0)
    );
    assert_eq!(modified(&root), before);
}

#[test]
fn what_cannot_be_written_leaves_all_as_it_was() {
    let root = generated_tree("unwritable");
    std::fs::write(root.join(MODELS).join(MODEL), "// mine").unwrap();
    // The second directory cannot be moved away from its place: something is where it would go.
    let blocked = root.join(CLIENT).with_extension("old");
    std::fs::write(&blocked, "a file").unwrap();
    let before = files(&root);
    let run = xtask(&["generate", "--root", root.to_str().unwrap()]);
    assert_eq!(run.status, Some(2), "{}", run.out);
    assert!(run.err.contains("cannot be written"), "{}", run.err);
    assert_untouched(&root, &before);
}

#[test]
fn the_manifest_lists_all_files() {
    let root = generated_tree("manifest");
    for directory in [MODELS, CLIENT] {
        let directory = root.join(directory);
        let manifest = std::fs::read_to_string(directory.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let listed: Vec<_> = manifest["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file.as_str().unwrap())
            .collect();
        let there: Vec<_> = files(&directory)
            .into_iter()
            .map(|(path, _)| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(listed, there);
    }
}

#[test]
fn programs_get_json() {
    let root = generated_tree("json");
    let root = root.to_str().unwrap();
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&xtask(arguments).out).unwrap()
    };
    let report = json(&["generate", "--json", "--root", root]);
    assert_eq!(report["operations"], 3);
    assert_eq!(report["webhooks"], 1);
    assert_eq!(report["version"], "1.9.0");
    std::fs::remove_file(Path::new(root).join(CLIENT).join("common.rs")).unwrap();
    let drift = json(&["generate", "--check", "--json", "--root", root]);
    assert_eq!(drift["drift"][0]["drift"], "missing");
    assert_eq!(
        drift["drift"][0]["file"],
        "crates/client/src/generated/common.rs"
    );
}
