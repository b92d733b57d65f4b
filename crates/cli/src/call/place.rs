//! Where a file is put once it is complete. Existing files are not changed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::failure::Failure;

/// How many names are tried in a directory.
const NAMES: u32 = 1000;

/// Where a file is to be.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// At this path, where nothing is.
    At(&'a Path),
    /// In this directory, under the name that it has, or `name (1)` and so on if that is taken.
    Within(&'a Path),
}

impl<'a> Place<'a> {
    /// What a path on the command line means.
    ///
    /// # Errors
    ///
    /// When something other than a directory is there.
    pub(super) fn of(path: &'a Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::Within(path));
        }
        match path.symlink_metadata() {
            Ok(_) => Err(Self::taken(path)),
            Err(_) => Ok(Self::At(path)),
        }
    }

    /// The path, unless it is taken by the time when the file is there.
    pub(super) fn path(self, name: &str) -> PathBuf {
        match self {
            Self::At(path) => path.to_owned(),
            Self::Within(directory) => directory.join(allowed(name, cfg!(windows))),
        }
    }

    /// Moves a complete file there, and returns its path.
    ///
    /// # Errors
    ///
    /// When the path is taken, or the file cannot be moved: it is returned with the failure.
    pub(super) fn take(
        self,
        mut file: TempPath,
        name: &str,
    ) -> Result<PathBuf, (Failure, TempPath)> {
        let names = match self {
            Self::At(_) => 1,
            Self::Within(_) => NAMES,
        };
        let wanted = self.path(name);
        for number in 0..names {
            let path = numbered(&wanted, number);
            match file.persist_noclobber(&path) {
                Ok(()) => return Ok(path),
                Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => {
                    file = failed.path;
                }
                Err(failed) => {
                    return Err((Failure::file("write", &path, &failed.error), failed.path));
                }
            }
        }
        Err((Self::taken(&wanted), file))
    }

    /// Writes a file with this content. Only its owner can read it.
    ///
    /// # Errors
    ///
    /// When the path is taken, or the file cannot be written.
    pub(super) fn write(self, content: &[u8], name: &str) -> Result<PathBuf, Failure> {
        let wanted = self.path(name);
        let failed = |error: std::io::Error| Failure::file("write", &wanted, error);
        let parent = wanted.parent().filter(|one| !one.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        // The error of a temporary file shows its name, which says nothing to the user.
        let begun = NamedTempFile::new_in(parent);
        let mut file = begun.map_err(|error| failed(error.kind().into()))?;
        std::io::Write::write_all(&mut file, content).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        let taken = self.take(file.into_temp_path(), name);
        taken.map_err(|(failure, _)| failure)
    }

    fn taken(path: &Path) -> Failure {
        let message = format!("`{}` exists already, and was not changed", path.display());
        Failure::usage(message).help("name another file, or a directory")
    }
}

/// A name that the API gave, as the system allows it. Windows reads more into names than others do: drives,
/// streams and devices.
fn allowed(name: &str, is_windows: bool) -> String {
    if !is_windows {
        return name.to_owned();
    }
    let name = name.replace(['<', '>', ':', '"', '/', '\\', '|', '?', '*'], "_");
    let name = name.trim_end_matches(['.', ' ']);
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let is_port =
        port.is_some_and(|rest| rest.len() == 1 && rest != "0" && rest.parse::<u8>().is_ok());
    let is_device = is_port || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str());
    match name.is_empty() || is_device {
        true => format!("_{name}"),
        false => name.to_owned(),
    }
}

/// `name (1).pdf` for `name.pdf` and 1.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem} ({number}).{}", extension.to_string_lossy()),
        None => format!("{stem} ({number})"),
    };
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let place = Place::of(directory.path()).expect("a directory");
        let names = ["a", "b", "c"].map(|content| {
            let path = place.write(content.as_bytes(), "report.pdf");
            let path = path.expect("it can be written");
            assert_eq!(std::fs::read_to_string(&path).expect("a file"), content);
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
        let names = names.map(Option::unwrap_or_default);
        assert_eq!(names, ["report.pdf", "report (1).pdf", "report (2).pdf"]);

        let path = directory.path().join("report.pdf");
        assert!(Place::of(&path).is_err());
        let late = Place::At(&path).write(b"late", "");
        assert!(late.is_err(), "it came meanwhile");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "a");
    }

    #[test]
    fn names_are_those_of_files_on_windows_too() {
        for (name, expected) in [
            ("report.pdf", "report.pdf"),
            ("Bericht für Jürgen.pdf", "Bericht für Jürgen.pdf"),
            ("C:report.pdf", "C_report.pdf"),
            ("report.pdf:hidden", "report.pdf_hidden"),
            (r"..\report.pdf", ".._report.pdf"),
            ("what?.pdf. ", "what_.pdf"),
            ("nul", "_nul"),
            ("Com1.pdf", "_Com1.pdf"),
            ("COM0.pdf", "COM0.pdf"),
            ("COM10", "COM10"),
            ("console.pdf", "console.pdf"),
            ("...", "_"),
        ] {
            assert_eq!(allowed(name, true), expected);
            assert_eq!(allowed(name, false), name);
        }
    }

    #[test]
    fn numbers_stand_before_the_extension() {
        let numbered = |path: &str| numbered(Path::new(path), 2);
        assert_eq!(numbered("a/b.tar.gz"), Path::new("a/b.tar (2).gz"));
        assert_eq!(numbered("report"), Path::new("report (2)"));
    }
}
