//! `upvest spec`: what a description of the API changes, and what that means for this version of the program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use upvest_description::diff::{Change, Class, Diff, aligned, visible};
use upvest_description::error::{Error, Fault};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::read::overlay::Overlay;
use upvest_description::version::{TITLE, Terms, Version};

use crate::failure::{Failure, FailureKind};
use crate::input::{self, is_stdin};
use crate::output;

/// The description that this version was made from, corrected and without words.
const DESCRIPTION: &str = include_str!("generated/description.json");

/// The names that this version has for what is in it.
const NAMES: &str = include_str!("generated/names.lock");

/// The overlays for any other version.
const OVERLAYS: [&str; 2] = [
    include_str!("generated/overlay.json"),
    include_str!("generated/overlay-whole-api.json"),
];

/// What errors call the overlays, which are not files of the user.
const CORRECTIONS: &str = "the corrections of this version";

/// The exit code where nothing could be compared: 0 to 2 say what was found.
const NOT_COMPARED: u8 = 3;

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing changes, or only what is harmless
  1  there is more to use
  2  something breaks, or is not understood
  3  the descriptions cannot be compared";

/// Show what a new description of the API changes
#[derive(Args)]
pub(crate) struct SpecArguments {
    #[command(subcommand)]
    command: SpecCommand,
}

#[derive(Subcommand)]
enum SpecCommand {
    /// Show what changes from one description to another
    #[command(after_help = EXIT_CODES)]
    Diff {
        /// The old description: OpenAPI in YAML or JSON, or `-` for standard input
        old: PathBuf,
        /// The new description
        new: PathBuf,
        #[command(flatten)]
        form: Form,
    },
    /// Show what a new description means for this version of the program
    #[command(after_help = EXIT_CODES)]
    Check {
        /// The new description: OpenAPI in YAML or JSON, or `-` for standard input
        new: PathBuf,
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Args)]
struct Form {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does what was asked for. The exit code says how bad it is.
pub(crate) fn run(arguments: &SpecArguments) -> Result<ExitCode, Failure> {
    let (diff, form, is_check) = match &arguments.command {
        SpecCommand::Diff { old, new, form } => (between(old, new)?, form, false),
        SpecCommand::Check { new, form } => (since_this(new)?, form, true),
    };
    let class = diff.class();
    match (form.json, is_check) {
        (true, _) => output::line(&json(&diff))?,
        (false, false) => output::print(text(&diff).as_bytes())?,
        (false, true) => output::print(format!("{}{}\n", text(&diff), means(class)).as_bytes())?,
    }
    Ok(ExitCode::from(match class {
        None | Some(Class::Harmless) => 0,
        Some(Class::Additive) => 1,
        Some(Class::Breaking) => 2,
    }))
}

/// Ends the program at a command line that is not understood. Of a comparison, 2 would say that something
/// breaks.
pub(crate) fn refuse(error: &clap::Error) -> ! {
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    if !error.use_stderr() || words.next().as_deref() != Some("spec") {
        error.exit();
    }
    // Nothing can be done about a closed terminal.
    let _ = error.print();
    std::process::exit(NOT_COMPARED.into());
}

/// All that changes between two files.
fn between(old: &Path, new: &Path) -> Result<Diff, Failure> {
    if is_stdin(old) && is_stdin(new) {
        let failure = Failure::configuration("standard input cannot be both descriptions");
        return Err(failure.help("name a file for one of them"));
    }
    let (old, new) = (read(old)?, read(new)?);
    let names = Lock::parse(NAMES).map_err(refused)?;
    let terms = Terms::held(overlays().map_err(refused)?, names);
    let (old, _) = terms.version(old).map_err(refused)?;
    let (new, _) = terms.after(&old).version(new).map_err(refused)?;
    Diff::between(&old, &new).map_err(refused)
}

/// What changes from the description of this version to that in a file, words and examples aside.
fn since_this(file: &Path) -> Result<Diff, Failure> {
    let document = read(file)?;
    let title = &document.root["info"]["title"];
    if *title != TITLE {
        let found = title.as_str().map(visible).unwrap_or_default();
        let message = format!("this describes `{found}`, not the {TITLE}");
        return Err(Failure::configuration(message).help("`upvest spec diff` compares two files"));
    }
    let old = this_version().map_err(refused)?;
    let terms = Terms::new(overlays().map_err(refused)?, Lock::of(&old.api));
    let (new, _) = terms.version(document).map_err(refused)?;
    let mut diff = Diff::between(&old, &new).map_err(refused)?;
    diff.changes.retain(|change| !change.kind.is_for_people());
    Ok(diff)
}

fn this_version() -> Result<Version, Error> {
    let document = Document::parse(DESCRIPTION, Path::new("the description of this version"))?;
    let terms = Terms::held(Vec::new(), Lock::parse(NAMES)?);
    Ok(terms.version(document)?.0)
}

fn overlays() -> Result<Vec<Overlay>, Error> {
    let all = OVERLAYS.into_iter();
    all.map(|text| Overlay::parse(text, Path::new(CORRECTIONS)))
        .collect()
}

fn read(file: &Path) -> Result<Document, Failure> {
    let text = input::text(file).map_err(|failure| failure.of(FailureKind::Configuration))?;
    Document::parse(&text, Path::new(&input::name(file))).map_err(refused)
}

/// A description that cannot be compared. What its user can change is the description alone.
fn refused(error: Error) -> Failure {
    let is_ours = error.file() == Some(Path::new(CORRECTIONS));
    let help = match error.fault() {
        Fault::Document if !is_ours => error.help(),
        _ => "the description may be right: a newer version of this program may understand it",
    };
    Failure::configuration(visible(&format!("{error:#}"))).help(help)
}

fn text(diff: &Diff) -> String {
    let row = |change: &Change| {
        [
            change.class.name().to_owned(),
            change.for_whom(),
            change.kind.name().to_owned(),
            change.what(),
        ]
    };
    let rows: Vec<_> = diff.changes.iter().map(row).collect();
    let class = diff.class().map_or("nothing changes", Class::name);
    let mut text = format!("{} → {}: {class}\n", visible(&diff.old), visible(&diff.new));
    aligned(&mut text, ["class", "for", "change", "what"], &rows);
    text
}

/// What that means for those who run this version.
fn means(class: Option<Class>) -> &'static str {
    match class {
        None | Some(Class::Harmless) => "\nThis version keeps working.",
        Some(Class::Additive) => {
            "\nThis version keeps working; one generated from that description can do more."
        }
        Some(Class::Breaking) => {
            "\nSome requests or answers of this version may fail; use one generated from that description."
        }
    }
}

fn json(diff: &Diff) -> String {
    let value = json!({
        "old": diff.old,
        "new": diff.new,
        "class": diff.class(),
        "changes": diff.changes,
    });
    format!("{value:#}")
}
