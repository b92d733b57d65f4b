//! `cargo xtask release`: from the tree of `main` to a tag.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;

use super::changelog::{self, CHANGELOG};
use super::{process, root, semver, unreleased};
use upvest_description::error::{Error, Result};

/// Makes a release: checks, version, changelog, packages, commit and tag. Nothing is pushed: the workflow
/// `release` publishes what is tagged.
#[derive(Args, Debug)]
pub struct Release {
    /// The version, such as 0.2.0
    version: String,

    /// The day of the release, such as 2027-01-31 [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    date: Option<String>,

    /// Where the source is published [default: the remote `origin`]
    #[arg(long, value_name = "URL")]
    repository: Option<String>,

    /// Where users begin [default: the book on GitHub Pages, or the repository if it is not on GitHub]
    #[arg(long, value_name = "URL")]
    homepage: Option<String>,
}

const MANIFEST: &str = "Cargo.toml";

impl Release {
    /// Does it.
    ///
    /// # Errors
    /// When the tree is not clean, the version does not follow the last one or is released already, a
    /// check fails, or git refuses. Before the commit, `git checkout .` undoes what was written.
    pub fn run(&self) -> Result<ExitCode> {
        let root = root(None)?;
        self.check(&root)?;
        let repository = self.repository(&root)?;
        let path = root.join(MANIFEST);
        let before = read(&path)?;
        let homepage = self.homepage.clone();
        let homepage = homepage.unwrap_or_else(|| book(&repository));
        let after = with_version(&before, &self.version, &repository, &homepage)?;
        let today = chrono::DateTime::<chrono::Utc>::from(SystemTime::now());
        let today = today.date_naive().to_string();
        unreleased::release(&root, &self.version, self.date.as_deref().unwrap_or(&today))?;
        std::fs::write(&path, after).map_err(|error| {
            Error::new(
                "this cannot be written",
                "check its permissions, and whether another program uses it",
            )
            .in_file(Path::new(MANIFEST))
            .with_source(error)
        })?;
        process::run(&root, "cargo", &["update", "--workspace"])?;
        semver::check(&root)?;
        process::run(&root, "cargo", &["xtask", "packages", "--release"])?;

        let subject = subject(&self.version);
        process::run(
            &root,
            "git",
            &["commit", "--quiet", "--all", "--message", &subject],
        )?;
        let tag = tag(&root, &self.version)?;
        println!("{tag} is tagged. Look at it, then publish it: git push origin HEAD {tag}");
        Ok(ExitCode::SUCCESS)
    }

    /// The conditions that must hold before anything is written.
    fn check(&self, root: &Path) -> Result<()> {
        let changed = process::output(root, "git", &["status", "--porcelain"])?;
        if !changed.is_empty() {
            return Err(Error::new(
                format!("the tree has changes:\n{changed}"),
                "commit them, or put them away",
            ));
        }
        for task in ["generate", "surface"] {
            process::run(root, "cargo", &["xtask", task, "--check"])?;
        }
        Ok(())
    }

    /// Where the source is published, for the manifests of the packages.
    fn repository(&self, root: &Path) -> Result<String> {
        let address = match &self.repository {
            Some(address) => address.clone(),
            None => process::output(root, "git", &["remote", "get-url", "origin"])?,
        };
        public(address.trim()).ok_or_else(|| {
            Error::new(
                format!("`{}` is not a web address", address.trim()),
                "name one: --repository https://HOST/OWNER/NAME",
            )
        })
    }
}

fn subject(version: &str) -> String {
    format!("Release {version}")
}

/// Tags the commit that is checked out. The tag says what the changelog says of the release: the notes of the
/// release on GitHub are made from it.
///
/// # Errors
/// When the changelog cannot be read or says nothing of the release, or git refuses.
pub fn tag(root: &Path, version: &str) -> Result<String> {
    let text = read(&root.join(CHANGELOG))?.replace("\r\n", "\n");
    let notes = changelog::notes(&text, version).ok_or_else(|| {
        Error::new(
            format!("nothing is said of {version}"),
            "make the release of the changelog first",
        )
        .in_file(Path::new(CHANGELOG))
    })?;
    let tag = format!("v{version}");
    let message = format!("{}\n\n{notes}\n", subject(version));
    // Verbatim, since git would take headings for comments.
    let arguments = ["tag", "--annotate", "--cleanup=verbatim", &tag];
    let arguments = [&arguments[..], &["--message", &message]].concat();
    process::run(root, "git", &arguments)?;
    Ok(tag)
}

/// The address of the book, which `.github/workflows/book.yml` publishes.
fn book(repository: &str) -> String {
    let on_github = repository.strip_prefix("https://github.com/");
    let pages = on_github.and_then(|place| place.split_once('/'));
    pages.map_or_else(
        || repository.to_owned(),
        |(owner, name)| format!("https://{}.github.io/{name}/", owner.to_lowercase()),
    )
}

/// The address on the web of a repository, which git may know by one for SSH.
fn public(address: &str) -> Option<String> {
    let address = address.strip_suffix(".git").unwrap_or(address);
    if let Some(place) = address.strip_prefix("git@") {
        return Some(format!("https://{}", place.replacen(':', "/", 1)));
    }
    let is_plain = !address.contains('@') && address.len() > "https://".len();
    (address.starts_with("https://") && is_plain).then(|| address.to_owned())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::new("this cannot be read", "run it in the workspace")
            .in_file(path)
            .with_source(error)
    })
}

/// The manifest of the workspace with another version, of itself and in the dependencies of its crates on
/// each other, and with the addresses of the repository and of the homepage.
fn with_version(manifest: &str, version: &str, repository: &str, homepage: &str) -> Result<String> {
    let wrong = |reason: String, help: &str| Error::new(reason, help).in_file(Path::new(MANIFEST));
    let table: toml::Table = manifest.parse().map_err(|error: toml::de::Error| {
        wrong("this is not TOML".into(), "correct it").with_source(error)
    })?;
    let old = table["workspace"]["package"]["version"]
        .as_str()
        .unwrap_or_default();
    let is_ahead = match (numbers(old), numbers(version)) {
        (Some(old), Some(new)) => old <= new,
        _ => false,
    };
    if !is_ahead {
        return Err(wrong(
            format!("`{version}` does not follow {old}"),
            "name the next version, as three numbers",
        ));
    }
    let (was, is) = (
        format!("version = \"{old}\""),
        format!("version = \"{version}\""),
    );
    let lines = manifest.lines().map(|line| match line {
        _ if line == was => is.clone(),
        _ if line.contains("path = \"crates/") => line.replace(&was, &is),
        _ if line.starts_with("repository = ") => format!("repository = \"{repository}\""),
        _ if line.starts_with("homepage = ") => format!("homepage = \"{homepage}\""),
        _ => line.to_owned(),
    });
    Ok(lines.map(|line| line + "\n").collect())
}

/// The three numbers of a version.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{book, public, with_version};

    const ADDRESS: &str = "https://example.org/a/b";

    const MANIFEST: &str = r#"[workspace.package]
version = "0.1.0"
repository = ""
homepage = ""

[workspace.dependencies]
upvest = { path = "crates/upvest", version = "0.1.0" }
other = { version = "0.1.0" }
"#;

    #[test]
    fn a_version_that_does_not_follow_is_refused() {
        for version in ["0.0.9", "0.1", "v0.2.0", "next"] {
            let error = with_version(MANIFEST, version, ADDRESS, ADDRESS).unwrap_err();
            assert!(
                error.to_string().contains("does not follow 0.1.0"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_version_goes_to_the_workspace_and_to_its_own_crates_alone() {
        let text = with_version(MANIFEST, "0.2.0", ADDRESS, "https://example.org/book").unwrap();
        let expected = MANIFEST
            .replacen("0.1.0", "0.2.0", 2)
            .replacen("\"\"", "\"https://example.org/a/b\"", 1)
            .replacen("\"\"", "\"https://example.org/book\"", 1);
        assert_eq!(text, expected);
    }

    #[test]
    fn the_book_is_on_the_pages_of_the_repository() {
        let address = book("https://github.com/Owner/name");
        assert_eq!(address, "https://owner.github.io/name/");
        assert_eq!(book(ADDRESS), ADDRESS);
    }

    #[test]
    fn only_an_address_on_the_web_is_published() {
        let https = Some(ADDRESS.to_owned());
        assert_eq!(public("git@example.org:a/b.git"), https);
        assert_eq!(public("https://example.org/a/b.git"), https);
        for other in [
            "/srv/git/b",
            "https://user:secret@example.org/a/b",
            "https://",
        ] {
            assert_eq!(public(other), None, "{other}");
        }
    }
}
