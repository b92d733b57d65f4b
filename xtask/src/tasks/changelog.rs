//! What the description changes from the last release to this one, as the changelog lists it.

use std::collections::BTreeMap;

use upvest_description::diff::{Change, ChangeKind, Class, Diff, code};

/// The changelog, from the root of the workspace.
pub const CHANGELOG: &str = "CHANGELOG.md";

const UNRELEASED: &str = "## [Unreleased]";

/// How the line begins that names the version of the description.
const GENERATED: &str = "Generated from the ";

/// The sections of Keep a Changelog, in its order.
const SECTIONS: &[&str] = &[
    "Added",
    "Changed",
    "Deprecated",
    "Removed",
    "Fixed",
    "Security",
];

/// The lines that a comparison adds, by section.
pub type Lines = BTreeMap<&'static str, Vec<String>>;

/// What users notice: each breaking change in a separate line, and additions by their kind.
pub fn lines(diff: &Diff) -> Lines {
    let mut lines = Lines::new();
    let mut gathered: BTreeMap<ChangeKind, Vec<String>> = BTreeMap::new();
    for change in &diff.changes {
        match change.class {
            // It has to be checked by hand, and says nothing to users.
            _ if change.kind == ChangeKind::NotUnderstood => {}
            Class::Breaking => {
                let line = format!("- **Breaking:** {}", sentence(change));
                lines.entry(section(change.kind)).or_default().push(line);
            }
            Class::Harmless if !is_told(change.kind) => {}
            Class::Additive | Class::Harmless => {
                let what = code(&change.what());
                gathered.entry(change.kind).or_default().push(what);
            }
        }
    }
    for (kind, all) in gathered {
        let line = format!("- {}: {}.", label(kind), all.join(", "));
        lines.entry(section(kind)).or_default().push(line);
    }
    lines
}

/// The lines as a text.
pub fn text(diff: &Diff) -> String {
    let mut text = format!("{GENERATED}{}.\n", diff.new);
    let lines = lines(diff);
    for section in SECTIONS {
        if let Some(lines) = lines.get(section) {
            text.push_str(&format!("\n### {section}\n\n{}\n", lines.join("\n")));
        }
    }
    text
}

/// The changelog with what is unreleased made a release, with the lines of a comparison with the last
/// one, and with an empty unreleased part above it.
pub fn released(changelog: &str, version: &str, date: &str, new: &str, lines: &Lines) -> String {
    let (before, unreleased, after) = split(changelog);
    let mut body = unreleased.replacen(UNRELEASED, "", 1);
    let is_other = |line: &&str| !line.starts_with(&format!("{GENERATED}{new}"));
    if body.lines().all(|line| is_other(&line)) {
        let kept = body.lines().filter(|line| !line.starts_with(GENERATED));
        let kept: Vec<&str> = kept.collect();
        body = format!("{GENERATED}{new}.\n\n{}", kept.join("\n").trim());
    }
    for section in SECTIONS {
        if let Some(lines) = lines.get(section) {
            add(&mut body, section, lines);
        }
    }
    let heading = format!("{UNRELEASED}\n\n## [{version}] - {date}\n");
    let end = if after.is_empty() { "" } else { "\n" };
    format!("{before}{heading}\n{}\n{end}{after}", body.trim())
}

/// What the changelog says of a release, without the heading.
pub fn notes<'a>(changelog: &'a str, version: &str) -> Option<&'a str> {
    let heading = format!("\n## [{version}]");
    let (_, after) = changelog.split_once(&heading)?;
    let (_, body) = after.split_once('\n')?;
    let end = body.find("\n## [").unwrap_or(body.len());
    Some(body[..end].trim())
}

/// The text before the unreleased part, that part, and the text after it.
fn split(changelog: &str) -> (String, &str, &str) {
    let release = |text: &str| text.find("\n## [").map(|at| at + 1);
    let Some(start) = changelog.find(UNRELEASED) else {
        let at = release(changelog).unwrap_or(changelog.len());
        let before = format!("{}\n\n", changelog[..at].trim_end());
        return (before, "", &changelog[at..]);
    };
    let end = release(&changelog[start..]).map_or(changelog.len(), |end| start + end);
    (
        changelog[..start].to_owned(),
        &changelog[start..end],
        &changelog[end..],
    )
}

/// Adds lines at the end of a section, which is made where it belongs if it is not there.
fn add(body: &mut String, section: &str, lines: &[String]) {
    let rank = |name: &str| SECTIONS.iter().position(|one| *one == name);
    let heading = format!("### {section}\n");
    let mut parts: Vec<String> = Vec::new();
    for line in body.trim_end().lines() {
        match parts.last_mut() {
            Some(part) if !line.starts_with("### ") => part.push_str(&format!("{line}\n")),
            _ => parts.push(format!("{line}\n")),
        }
    }
    let lines = format!("{}\n", lines.join("\n"));
    match parts.iter_mut().find(|part| part.starts_with(&heading)) {
        Some(part) => *part = format!("{}\n{lines}", part.trim_end()),
        None => {
            let name = |part: &String| part.lines().next()?.strip_prefix("### ").and_then(rank);
            let is_later = |part: &String| name(part) > rank(section);
            let at = parts.iter().position(is_later).unwrap_or(parts.len());
            parts.insert(at, format!("{heading}\n{lines}"));
        }
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    *body = parts.join("\n\n");
}

/// Whether a change is listed although it is harmless: it revokes what an earlier line says.
fn is_told(kind: ChangeKind) -> bool {
    use ChangeKind::*;
    matches!(
        kind,
        OperationRestored | ParameterRestored | FieldRestored | WebhookRestored | SunsetLater
    )
}

fn section(kind: ChangeKind) -> &'static str {
    use ChangeKind::*;
    match kind {
        OperationAdded | ParameterAdded | TypeAdded | FieldAdded | FieldDemanded | ValueAdded
        | ValueAllowed | VariantAdded | WebhookAdded | HeaderAdded | OperationPaged | FileAdded
        | UseAdded => "Added",
        OperationRemoved | ParameterRemoved | BodyRemoved | TypeRemoved | FieldRemoved
        | UseRemoved | ValueRemoved | VariantRemoved | WebhookRemoved | HeaderRemoved
        | OperationUnpaged | FileRemoved => "Removed",
        OperationDeprecated | ParameterDeprecated | FieldDeprecated | WebhookDeprecated
        | SunsetSet | SunsetEarlier => "Deprecated",
        _ => "Changed",
    }
}

/// How several changes of a kind are called together.
fn label(kind: ChangeKind) -> String {
    use ChangeKind::*;
    let label = match kind {
        OperationAdded => "Calls",
        OperationDeprecated => "Calls",
        OperationRestored => "Calls that are no longer deprecated",
        FileAdded => "Calls whose answer can be a file",
        OperationPaged => "Calls whose answer is a stream of pages now",
        ParameterAdded => "Optional arguments",
        ParameterDeprecated => "Arguments",
        TypeAdded => "Types",
        FieldAdded => "Fields",
        FieldDeprecated => "Fields",
        ValueAdded => "Values of enums",
        VariantAdded => "Variants of unions",
        WebhookAdded => "Events",
        WebhookDeprecated => "Events",
        SunsetSet => "Calls with a last day",
        SunsetLater => "Calls with a later last day",
        ParameterLoosened | FieldLoosened => "Values of which the API takes more",
        other => return capitalised(other.name()),
    };
    label.to_owned()
}

/// What a breaking change asks of users.
fn sentence(change: &Change) -> String {
    use ChangeKind::*;
    let (place, detail) = (code(&change.place), code(&change.detail));
    match change.kind {
        OperationRemoved => format!("the call {place} ({detail}) is gone."),
        OperationRenamed | ParameterRenamed | TypeRenamed | FieldRenamed | ValueRenamed => {
            format!("{} {detail} in {place}.", change.kind.name())
        }
        OperationMoved => format!("{place} calls another address: {detail}."),
        ScopeAdded => format!("{place} needs the scope {detail} too."),
        AnswerChanged => format!("{place} answers another type: {detail}."),
        BodyAdded => format!("{place} takes a body: {detail}."),
        BodyChanged => format!("{place} takes another body: {detail}."),
        ParameterDemanded => format!("{place} has to be given."),
        ParameterRequired | FieldRequired => format!("{place} is required now."),
        ParameterOptional | FieldOptional => format!("{place} is optional now."),
        FieldDemanded => format!("{place} ({detail}) has to be sent."),
        FieldRemoved | ParameterRemoved | TypeRemoved | WebhookRemoved => {
            format!("{place} is gone.")
        }
        FieldChanged | ParameterChanged => format!("{place} has another type: {detail}."),
        FieldNullable => format!("{place} may be null."),
        FieldNotNullable => format!("{place} is no longer null."),
        SunsetEarlier => format!("{place} ends earlier: {detail}."),
        other => format!("{}: {}.", other.name(), code(&change.what())),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
