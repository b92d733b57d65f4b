//! `cargo xtask surface` and `surface --check`.

use std::path::Path;

use crate::support::{assert_untouched, files, generated_tree, workspace, xtask};

fn check(root: &Path) -> (Option<i32>, String, String) {
    let run = xtask(&["surface", "--check", "--root", root.to_str().unwrap()]);
    (run.status, run.out, run.err)
}

#[test]
fn the_public_api_is_as_written_down() {
    let (status, out, err) = check(&workspace());
    assert_eq!(status, Some(0), "run `cargo xtask surface`\n{out}{err}");
}

#[test]
fn a_change_of_the_public_api_is_found_shown_and_written() {
    let root = generated_tree("surface_changed");
    xtask(&["surface", "--root", root.to_str().unwrap()]);
    assert_eq!(check(&root).0, Some(0));
    let path = root.join(xtask::DESCRIPTION);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("locked_for_trading:", "held_for_trading:"),
    )
    .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("- locked_for_trading", "- held_for_trading"),
    )
    .unwrap();
    let before = files(&root);
    let (status, out, err) = check(&root);
    assert_eq!(status, Some(1), "{out}{err}");
    insta::assert_snapshot!(format!("{out}{err}"));
    assert_untouched(&root, &before);
    xtask(&["surface", "--root", root.to_str().unwrap()]);
    assert_eq!(check(&root).0, Some(0));
}

#[test]
fn a_surface_that_is_not_there_is_found() {
    let root = generated_tree("surface_missing");
    xtask(&["surface", "--root", root.to_str().unwrap()]);
    std::fs::remove_file(root.join("crates/client/surface.txt")).unwrap();
    assert_eq!(check(&root), (
        Some(1),
        "missing  crates/client/surface.txt\n".to_owned(),
        "error: the public API is not as recorded\n  help: run `cargo xtask surface`, and review what it writes\n".to_owned(),
    ));
}
