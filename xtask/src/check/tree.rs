//! Compares generated files with those in the tree, and writes them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::emit::Files;
use upvest_description::error::{Error, Result};

/// How many lines of a difference are shown.
const MOST_LINES: usize = 40;

/// How a file of the tree differs from what the description makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// It has another content; the difference is given.
    Changed(String),
    /// It is not there.
    Missing,
    /// It is there, but nothing generates it.
    Extra,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Changed(_) => "changed",
            Self::Missing => "missing",
            Self::Extra => "extra",
        })
    }
}

/// Every file of these directories below `root`.
///
/// # Errors
/// When one cannot be read as text.
pub fn read(root: &Path, directories: &[&str]) -> Result<Files> {
    let mut files = Files::new();
    for directory in directories {
        for path in files_below(root, Path::new(directory))? {
            let full = root.join(&path);
            let text =
                std::fs::read_to_string(&full).map_err(|error| Error::unreadable(&full, error))?;
            files.insert(path, text);
        }
    }
    Ok(files)
}

/// Compares the whole of the generated directories below `root`, both ways.
///
/// # Errors
/// When a file cannot be read.
pub fn compare(
    root: &Path,
    directories: &[&str],
    files: &Files,
) -> Result<BTreeMap<PathBuf, Drift>> {
    let mut drift = BTreeMap::new();
    for (path, wanted) in files {
        let full = root.join(path);
        if !full.is_file() {
            drift.insert(path.clone(), Drift::Missing);
            continue;
        }
        let found = std::fs::read(&full).map_err(|error| Error::unreadable(&full, error))?;
        let found = String::from_utf8_lossy(&found).replace("\r\n", "\n");
        if found != *wanted {
            drift.insert(path.clone(), Drift::Changed(difference(&found, wanted)));
        }
    }
    for directory in directories {
        for path in files_below(root, Path::new(directory))? {
            if !files.contains_key(&path) {
                drift.insert(path, Drift::Extra);
            }
        }
    }
    Ok(drift)
}

/// Makes the generated directories below `root` hold these files and no others. Files that are in
/// none of the directories are replaced one by one.
///
/// All of them are written beside their places first and then moved there together: if anything
/// fails, all of them stay as they were.
///
/// # Errors
/// When a file cannot be written or moved.
pub fn replace(root: &Path, directories: &[&str], files: &Files) -> Result<()> {
    let is_below = |path: &Path| directories.iter().any(|place| path.starts_with(place));
    let single = files.iter().filter(|(path, _)| !is_below(path));
    let moves: Vec<(Move<'_>, &Path)> = directories
        .iter()
        .map(|place| (Move::of(&root.join(place), None), Path::new(*place)))
        .chain(single.map(|(path, text)| (Move::of(&root.join(path), Some(text)), path.as_path())))
        .collect();
    for (step, place) in &moves {
        if let Err(error) = step.stage(place, files) {
            moves.iter().for_each(|(step, _)| step.unstage());
            return Err(error);
        }
    }
    let moves: Vec<Move<'_>> = moves.into_iter().map(|(step, _)| step).collect();
    for (done, step) in moves.iter().enumerate() {
        if let Err(error) = step.make() {
            moves[..=done].iter().for_each(Move::undo);
            moves.iter().for_each(Move::unstage);
            return Err(error);
        }
    }
    moves.iter().try_for_each(|step| step.remove(&step.old))
}

/// One directory, or one file, that takes the place of another.
struct Move<'t> {
    /// The content, if it is a file.
    text: Option<&'t str>,
    new: PathBuf,
    place: PathBuf,
    old: PathBuf,
}

impl<'t> Move<'t> {
    fn of(place: &Path, text: Option<&'t String>) -> Self {
        Self {
            text: text.map(String::as_str),
            new: place.with_extension("new"),
            place: place.to_owned(),
            old: place.with_extension("old"),
        }
    }

    /// Writes what is new beside its place.
    fn stage(&self, directory: &Path, files: &Files) -> Result<()> {
        if self.place.exists() && self.place.is_file() != self.text.is_some() {
            let error = std::io::Error::other(
                "a file is where a directory belongs, or the other way round",
            );
            return Err(unwritable(&self.place, error));
        }
        self.remove(&self.new)?;
        self.remove(&self.old)?;
        if let Some(text) = self.text {
            return write(&self.new, text);
        }
        for (path, text) in files {
            if let Ok(below) = path.strip_prefix(directory) {
                write(&self.new.join(below), text)?;
            }
        }
        Ok(())
    }

    /// Removes what is staged, as far as that is possible: the earlier failure is reported.
    fn unstage(&self) {
        let _ = self.remove(&self.new);
    }

    fn make(&self) -> Result<()> {
        if self.place.exists() {
            rename(&self.place, &self.old)?;
        }
        rename(&self.new, &self.place)
    }

    /// Puts the old one back, as far as that is possible.
    fn undo(&self) {
        if self.old.exists() {
            let _ = self.remove(&self.place);
            let _ = rename(&self.old, &self.place);
        } else if !self.new.exists() {
            // Nothing was there before.
            let _ = self.remove(&self.place);
        }
        self.unstage();
    }

    fn remove(&self, path: &Path) -> Result<()> {
        if !path.exists() {
            return Ok(());
        }
        let removed = match self.text {
            Some(_) => std::fs::remove_file(path),
            None => std::fs::remove_dir_all(path),
        };
        removed.map_err(|error| unwritable(path, error))
    }
}

fn files_below(root: &Path, directory: &Path) -> Result<Vec<PathBuf>> {
    let full = root.join(directory);
    if !full.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&full).map_err(|error| Error::unreadable(&full, error))? {
        let entry = entry.map_err(|error| Error::unreadable(&full, error))?;
        let path = directory.join(entry.file_name());
        if entry.path().is_dir() {
            files.extend(files_below(root, &path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn difference(found: &str, wanted: &str) -> String {
    let diff = similar::TextDiff::from_lines(found, wanted);
    let text = diff
        .unified_diff()
        .context_radius(1)
        .header("in the tree", "generated")
        .to_string();
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("…");
    }
    lines.join("\n")
}

pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let directory = path.parent().unwrap_or(path);
    std::fs::create_dir_all(directory)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| unwritable(path, error))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|error| unwritable(to, error))
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(
        "this cannot be written",
        "check that the directory is writable",
    )
    .in_file(path)
    .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If something fails, what was moved before is moved back.
    #[test]
    fn an_undone_move_leaves_no_trace() {
        let root = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        write(&root.join("known.txt"), "before").unwrap();
        let text = "after".to_owned();
        for name in ["known.txt", "new.txt"] {
            let step = Move::of(&root.join(name), Some(&text));
            step.stage(Path::new(name), &Files::new()).unwrap();
            step.make().unwrap();
            assert_eq!(std::fs::read_to_string(root.join(name)).unwrap(), text);
            step.undo();
        }
        let left: Vec<_> = std::fs::read_dir(&root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["known.txt"]);
        assert_eq!(
            std::fs::read_to_string(root.join("known.txt")).unwrap(),
            "before"
        );
        std::fs::remove_dir_all(&root).unwrap();
    }
}
