//! `cargo xtask book`: whether the links of the built book lead anywhere.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{root, slashed};
use upvest_description::error::{Error, Result};

/// Checks that the links of the book, from one page to another and to places in them, have a target. Links to
/// other sites are not followed.
#[derive(Args, Debug)]
pub struct Book {}

/// Where `mdbook build` writes, from the root of the workspace.
const BOOK: &str = "target/book";

/// The files of a book, with the text of pages.
type Files = BTreeMap<PathBuf, String>;

impl Book {
    /// Prints the links that lead nowhere. The exit code is 1 if there are any.
    ///
    /// # Errors
    /// When the book is not built, or cannot be read.
    pub fn run(&self) -> Result<ExitCode> {
        let book = root(None)?.join(BOOK);
        let mut files = Files::new();
        read(&book, Path::new(""), &mut files).map_err(|error| {
            Error::new("the book cannot be read", "build it: mdbook build")
                .in_file(Path::new(BOOK))
                .with_source(error)
        })?;
        let broken = broken_links(&files);
        for (page, link) in &broken {
            eprintln!("error: {}: `{link}` leads nowhere", slashed(page));
        }
        if broken.is_empty() {
            println!("The links of the book lead somewhere.");
        }
        Ok(ExitCode::from(u8::from(!broken.is_empty())))
    }
}

fn read(book: &Path, directory: &Path, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(book.join(directory))? {
        let entry = entry?;
        let path = directory.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read(book, &path, files)?;
        } else if is_page(&path) {
            files.insert(path, std::fs::read_to_string(entry.path())?);
        } else {
            files.insert(path, String::new());
        }
    }
    Ok(())
}

fn is_page(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "html")
}

/// The links without a target, and the pages that they are on.
fn broken_links(files: &Files) -> Vec<(&Path, &str)> {
    let pages = files.iter().filter(|(path, _)| is_page(path));
    pages
        .flat_map(|(page, text)| links(text).map(move |link| (page.as_path(), link)))
        .filter(|(page, link)| !has_target(files, page, link))
        .collect()
}

/// The links within the book: those to other sites have a scheme.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let anchors = page.split("<a ").skip(1);
    let links = anchors.filter_map(|rest| {
        let (attributes, _) = rest.split_once('>')?;
        let (_, value) = attributes.split_once("href=\"")?;
        Some(value.split_once('"')?.0)
    });
    links.filter(|link| {
        !link.is_empty() && !link.split('/').next().unwrap_or_default().contains(':')
    })
}

fn has_target(files: &Files, page: &Path, link: &str) -> bool {
    let (file, place) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        page.to_owned()
    } else {
        joined(page.parent().unwrap_or(Path::new("")), file)
    };
    files
        .get(&target)
        .is_some_and(|text| place.is_empty() || text.contains(&format!("id=\"{place}\"")))
}

/// The file that a link names, from the root of the book.
fn joined(directory: &Path, link: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in directory.join(link).components() {
        match part {
            // Above the root there is nothing, and the link leads nowhere.
            Component::ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Files, broken_links};

    #[test]
    fn links_need_a_page_and_a_place_on_it() {
        let page = r##"<base href="/"><a class="x" href="../b.html#there">, <a href="#here">, <h1 id="here">, <a href="https://example.org/x">,
            <a href="../b.html#nowhere">, <a href="../../c.html">, <a href="c.html">"##;
        let files = Files::from([
            (PathBuf::from("sub/a.html"), page.to_owned()),
            (PathBuf::from("b.html"), "<h1 id=\"there\">".to_owned()),
            (PathBuf::from("c.html"), String::new()),
        ]);
        let page = Path::new("sub/a.html");
        assert_eq!(
            broken_links(&files),
            [
                (page, "../b.html#nowhere"),
                (page, "../../c.html"),
                (page, "c.html")
            ]
        );
    }
}
