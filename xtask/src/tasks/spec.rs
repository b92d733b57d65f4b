//! `cargo xtask spec`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::effective::Effective;
use super::update::Update;
use super::{root, versions};
use crate::check::rust;
use upvest_description::diff::{Class, Format};
use upvest_description::error::{Error, Result};
use upvest_description::read::document::Document;

/// The exit code of `spec diff` when it cannot compare: 1 and 2 say what the comparison found.
pub const NOT_COMPARED: u8 = 3;

/// What is done with a description.
#[derive(Args, Debug)]
pub struct Spec {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Print the description as generation sees it: as OpenAPI 3.0, with overlays applied
    Effective(Effective),
    /// List what changes from one version of the description to another
    ///
    /// Exit codes: 0 nothing or harmless changes, 1 additive ones, 2 breaking ones or ones that are
    /// not understood, 3 the two cannot be compared.
    Diff(Compare),
    /// Take a new version of the description: compare, replace, regenerate
    Update(Take),
}

#[derive(Args, Debug)]
struct Compare {
    /// The old version, or `-` for standard input
    old: PathBuf,

    /// The new version, or `-` for standard input
    new: PathBuf,

    /// An overlay for the old version, in the place of those of the workspace; may be repeated
    #[arg(long, value_name = "FILE")]
    old_overlay: Vec<PathBuf>,

    /// How to write it
    #[arg(long, value_enum, default_value = "text")]
    format: Form,

    /// The workspace whose overlays and names are used [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct Take {
    /// The new version, or `-` for standard input
    file: PathBuf,

    /// How to write what changes
    #[arg(long, value_enum, default_value = "text")]
    format: Form,

    /// The workspace to read from and write to [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Markdown,
    Json,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Markdown => Self::Markdown,
            Form::Json => Self::Json,
        }
    }
}

impl Spec {
    /// Does it.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is not understood.
    pub fn run(&self) -> Result<ExitCode> {
        match &self.task {
            Task::Effective(task) => task.run(),
            Task::Diff(task) => task.run(),
            Task::Update(task) => task.run(),
        }
    }

    /// The exit code for an error.
    pub fn code_of_error(&self) -> u8 {
        match self.task {
            Task::Diff(_) => NOT_COMPARED,
            Task::Effective(_) | Task::Update(_) => super::FAILED,
        }
    }
}

impl Compare {
    fn run(&self) -> Result<ExitCode> {
        if is_standard_input(&self.old) && is_standard_input(&self.new) {
            return Err(Error::new(
                "standard input cannot be both versions",
                "name a file for one of them",
            ));
        }
        let root = root(self.root.as_deref())?;
        let (old, new) = (read(&self.old)?, read(&self.new)?);
        let old_document = Document::parse(&old, name(&self.old))?;
        // A document that is given twice is read once.
        let new_document = match old == new {
            true => old_document.clone().called(name(&self.new)),
            false => Document::parse(&new, name(&self.new))?,
        };
        let now = versions::of_tree(&root)?;
        let before = match self.old_overlay.as_slice() {
            [] => now.clone(),
            files => versions::with_overlays(&root, files)?,
        };
        let (old, known) = before.version(old_document)?;
        let (new, idle) = now.after(&old).version(new_document)?;
        // What did nothing on the old version either does not belong in this comparison.
        for idle in idle
            .iter()
            .filter(|idle| !known.iter().any(|known| known.is_at_place_of(idle)))
        {
            eprintln!("warning: {idle}");
        }
        let diff = rust::diff(&old, &new)?;
        print!("{}", diff.report(self.format.into()));
        Ok(ExitCode::from(match diff.class() {
            None | Some(Class::Harmless) => 0,
            Some(Class::Additive) => 1,
            Some(Class::Breaking) => 2,
        }))
    }
}

impl Take {
    fn run(&self) -> Result<ExitCode> {
        let root = root(self.root.as_deref())?;
        let update = Update::prepare(&root, &read(&self.file)?, name(&self.file))?;
        print!("{}", update.diff.report(self.format.into()));
        update.make(&root)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn is_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

/// What errors call the file.
fn name(file: &Path) -> &Path {
    if is_standard_input(file) {
        Path::new("standard input")
    } else {
        file
    }
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if is_standard_input(file) {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| {
        Error::new(
            "the API description cannot be read",
            "name an OpenAPI 3.0 document, in YAML or JSON",
        )
        .in_file(name(file))
        .with_source(error)
    })?;
    Ok(text)
}
