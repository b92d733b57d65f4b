//! The entry that an update of the description makes in `CHANGELOG.md`.

use crate::diff::{Class, Diff, Kind, code};

/// The changelog, from the root of the workspace.
pub const CHANGELOG: &str = "CHANGELOG.md";

const UNRELEASED: &str = "## [Unreleased]";

/// The sections of Keep a Changelog, in its order.
const SECTIONS: &[&str] = &[
    "Added",
    "Changed",
    "Deprecated",
    "Removed",
    "Fixed",
    "Security",
];

/// The changelog with an entry about a new version of the description.
pub fn with_entry(changelog: &str, diff: &Diff) -> String {
    let (before, mut unreleased, after) = split(changelog);
    name_version(&mut unreleased, diff);
    for section in SECTIONS {
        let lines = lines(diff, section);
        if !lines.is_empty() {
            add(&mut unreleased, section, &lines);
        }
    }
    format!(
        "{before}{}\n{}{after}",
        unreleased.trim_end(),
        if after.is_empty() { "" } else { "\n" }
    )
}

/// The text before the unreleased part, that part, and the text after it.
fn split(changelog: &str) -> (String, String, &str) {
    let release = |text: &str| text.find("\n## [").map(|at| at + 1);
    let Some(start) = changelog.find(UNRELEASED) else {
        let at = release(changelog).unwrap_or(changelog.len());
        let before = format!("{}\n\n", changelog[..at].trim_end());
        return (before, format!("{UNRELEASED}\n"), &changelog[at..]);
    };
    let end = release(&changelog[start..]).map_or(changelog.len(), |end| start + end);
    (
        changelog[..start].to_owned(),
        changelog[start..end].to_owned(),
        &changelog[end..],
    )
}

/// Says which version the code is generated from.
fn name_version(unreleased: &mut String, diff: &Diff) {
    let (old, new) = (
        format!("Generated from the {}", diff.old),
        format!("Generated from the {}", diff.new),
    );
    if unreleased.contains(&old) {
        *unreleased = unreleased.replacen(&old, &new, 1);
    } else if !unreleased.contains(&new) {
        *unreleased = unreleased.replacen(UNRELEASED, &format!("{UNRELEASED}\n\n{new}."), 1);
    }
}

/// Adds lines at the end of a section, which is made where it belongs if it is not there.
fn add(unreleased: &mut String, section: &str, lines: &[String]) {
    let rank = |name: &str| SECTIONS.iter().position(|one| *one == name);
    let heading = format!("### {section}\n");
    let mut parts: Vec<String> = Vec::new();
    for line in unreleased.trim_end().lines() {
        match parts.last_mut() {
            Some(part) if !line.starts_with("### ") => part.push_str(&format!("{line}\n")),
            _ => parts.push(format!("{line}\n")),
        }
    }
    let lines = format!("{}\n", lines.join("\n"));
    match parts.iter_mut().find(|part| part.starts_with(&heading)) {
        Some(part) => *part = format!("{}\n{lines}", part.trim_end()),
        None => {
            let is_later = |part: &String| {
                let name = part
                    .lines()
                    .next()
                    .and_then(|line| line.strip_prefix("### "));
                name.and_then(rank) > rank(section)
            };
            let at = parts.iter().position(is_later).unwrap_or(parts.len());
            parts.insert(at, format!("{heading}\n{lines}"));
        }
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    *unreleased = format!("{}\n", parts.join("\n\n"));
}

/// What a section says of the update: one line for each change that somebody notices, and one for
/// all others together. That the version itself is another is said at the top.
fn lines(diff: &Diff, section: &str) -> Vec<String> {
    let version = &diff.new_version;
    let mut harmless = 0;
    let mut lines = Vec::new();
    for change in &diff.changes {
        let (kind, what) = (change.kind.name(), code(&change.what()));
        match change.class {
            Class::Harmless if change.kind == Kind::VersionChanged => {}
            Class::Harmless if !is_told(change.kind) => harmless += 1,
            _ if self::section(change.kind) != section => {}
            Class::Breaking => lines.push(format!("- **Breaking:** {kind}: {what} ({version}).")),
            Class::Additive | Class::Harmless => {
                lines.push(format!("- {}: {what} ({version}).", capitalised(kind)))
            }
        }
    }
    if section == "Changed" && harmless > 0 {
        let changes = if harmless == 1 { "change" } else { "changes" };
        lines.push(format!(
            "- The description: {harmless} harmless {changes} ({version})."
        ));
    }
    lines
}

/// Whether a change is told by itself although it is harmless: it takes back what an earlier line
/// of the changelog says.
fn is_told(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        OperationRestored | ParameterRestored | FieldRestored | WebhookRestored
    )
}

fn section(kind: Kind) -> &'static str {
    use Kind::*;
    match kind {
        OperationAdded | ParameterAdded | TypeAdded | FieldAdded | FieldDemanded | ValueAdded
        | VariantAdded | WebhookAdded => "Added",
        OperationRemoved | ParameterRemoved | BodyRemoved | TypeRemoved | FieldRemoved
        | ValueRemoved | VariantRemoved | WebhookRemoved => "Removed",
        OperationDeprecated | ParameterDeprecated | FieldDeprecated | WebhookDeprecated => {
            "Deprecated"
        }
        _ => "Changed",
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Version;

    fn noted(changelog: &str) -> String {
        let colour = |values| {
            format!(
                "components: {{schemas: {{Colour: {{type: string, enum: [{values}]}}}}}}\npaths: {{}}"
            )
        };
        noted_between(changelog, &colour("RED"), &colour("RED, BLUE"))
    }

    fn noted_between(changelog: &str, old: &str, new: &str) -> String {
        let version = |version: &str, rest: &str| {
            let text =
                format!("openapi: 3.0.3\ninfo: {{title: API, version: '{version}'}}\n{rest}\n");
            Version::read(&text, "test".as_ref(), &[]).unwrap()
        };
        let diff = Diff::between(&version("1", old), &version("2", new)).unwrap();
        with_entry(changelog, &diff)
    }

    const ADDED: &str = "### Added\n\n- Enum value added: `Colour: BLUE` (2).\n";

    #[test]
    fn what_is_missing_is_made_where_it_belongs() {
        let entry = format!("## [Unreleased]\n\nGenerated from the API 2.\n\n{ADDED}");
        assert_eq!(noted("# Changelog\n"), format!("# Changelog\n\n{entry}"));
        assert_eq!(
            noted("# Changelog\n\n## [1.0.0]\n\n- One.\n"),
            format!("# Changelog\n\n{entry}\n## [1.0.0]\n\n- One.\n")
        );
        assert_eq!(
            noted("# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- That.\n"),
            format!("# Changelog\n\n{entry}\n### Fixed\n\n- That.\n")
        );
    }

    #[test]
    fn what_is_taken_back_is_told() {
        let operation = |deprecated| {
            format!(
                "paths: {{/a: {{get: {{operationId: get_a, tags: [A], deprecated: {deprecated}, \
                 responses: {{'200': {{description: ok}}}}}}}}}}"
            )
        };
        let entry = noted_between("# Changelog\n", &operation(true), &operation(false));
        let line = "### Changed\n\n- Operation no longer deprecated: `get_a` (2).\n";
        assert!(entry.ends_with(line), "{entry}");
    }

    #[test]
    fn what_is_there_is_continued() {
        let before = format!(
            "# Changelog\n\n## [Unreleased]\n\nGenerated from the API 1, in part.\n\n{ADDED}"
        );
        let after = before.replace("API 1", "API 2") + "- Enum value added: `Colour: BLUE` (2).\n";
        assert_eq!(noted(&before), after);
    }
}
