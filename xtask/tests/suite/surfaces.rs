//! `cargo xtask surface` and `surface --check`.

use std::path::Path;

use xtask::generate::Files;
use xtask::surface::Surface;

use crate::support::{assert_untouched, files, updatable_tree, workspace, xtask};

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
    let root = updatable_tree("surface_changed");
    let path = root.join("crates/models/src/secret.rs");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("pub fn expose(&self)", "pub fn reveal(&self)"),
    )
    .unwrap();
    let before = files(&root);
    let (status, out, err) = check(&root);
    assert_eq!(status, Some(1));
    insta::assert_snapshot!(format!("{out}{err}"));
    assert_untouched(&root, &before);
    xtask(&["surface", "--root", root.to_str().unwrap()]);
    assert_eq!(check(&root).0, Some(0));
}

#[test]
fn a_surface_that_is_not_there_is_found() {
    let root = updatable_tree("surface_missing");
    std::fs::remove_file(root.join("crates/client/surface.txt")).unwrap();
    assert_eq!(check(&root), (
        Some(1),
        "missing  crates/client/surface.txt\n".to_owned(),
        "error: the public API is not as written down\n  help: run `cargo xtask surface`, and review what it writes\n".to_owned(),
    ));
}

#[test]
fn a_source_that_is_no_rust_is_named() {
    let root = updatable_tree("surface_broken");
    std::fs::write(root.join("crates/models/src/secret.rs"), "pub struct").unwrap();
    let (status, _, err) = check(&root);
    assert_eq!(status, Some(2));
    assert!(
        err.contains("secret.rs: this source cannot be read: "),
        "{err}"
    );
}

#[test]
fn items_count_where_users_find_them() {
    let sources: Files = [
        (
            "src/lib.rs",
            "mod hidden; pub mod shown; pub use hidden::{Taken, inner::Deep}; pub use elsewhere::Foreign;
             #[cfg(test)] mod tests { pub struct Test; }",
        ),
        (
            "src/hidden/mod.rs",
            "pub mod inner; pub struct Taken { pub a: u8, b: u8 } pub struct Left(pub u8);
             impl Taken { pub fn new() -> Self { panic!() } fn private(&self) {} }
             impl Left { pub fn lost(&self) {} }
             impl Clone for Taken { fn clone(&self) -> Self { panic!() } }",
        ),
        (
            "src/hidden/inner.rs",
            "#[derive(Debug)] #[non_exhaustive] pub enum Deep { One, Two(String) }",
        ),
        (
            "src/shown.rs",
            "#[deprecated(note = \"no\")] pub async fn call<'a>(text: &'a str,) -> Vec<u8> { panic!() }
             pub struct Open { pub field: Option<u8> } pub const LIMIT: usize = 3; pub type Short = Open;",
        ),
    ]
    .map(|(path, text)| (path.into(), text.to_owned()))
    .into();
    let surface = Surface::read(&sources, Path::new("src/lib.rs")).unwrap();
    insta::assert_snapshot!(surface);
    let exhaustive: Vec<&String> = surface.exhaustive.iter().collect();
    assert_eq!(exhaustive, ["shown::Open"]);
}

#[test]
fn a_module_without_source_is_named() {
    let sources: Files = [("src/lib.rs".into(), "mod lost;".to_owned())].into();
    let error = Surface::read(&sources, Path::new("src/lib.rs")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("there is no source of this module"),
        "{error}"
    );
}
