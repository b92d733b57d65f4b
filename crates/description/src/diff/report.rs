//! A comparison for people, for pull requests, and for programs.

use std::fmt::Write;

use serde_json::json;

use super::comparison::Diff;
use super::rust::{Crate, RustChange};

/// How a comparison is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Text,
    /// Tables for the body of a pull request.
    Markdown,
    /// For programs.
    Json,
}

impl RustChange {
    fn verb(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        }
    }

    fn item(&self) -> String {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (one, other) => one.as_ref().or(other.as_ref()).cloned().unwrap_or_default(),
        }
    }
}

impl Diff {
    /// Writes the comparison in a format.
    pub fn report(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Markdown => self.markdown(),
            Format::Json => format!("{:#}\n", self.json()),
        }
    }

    fn verdict(&self) -> String {
        let Some(class) = self.class() else {
            return "nothing changes".to_owned();
        };
        let (models, client) = (self.step(Crate::Models), self.step(Crate::Client));
        format!(
            "{}; upvest-models: {}, upvest-client: {}",
            class.name(),
            models.name(),
            client.name()
        )
    }

    fn rows(&self) -> Vec<[String; 6]> {
        self.changes
            .iter()
            .map(|change| {
                [
                    change.class.name().to_owned(),
                    change.for_whom(),
                    change.models.name().to_owned(),
                    change.client.name().to_owned(),
                    change.kind.name().to_owned(),
                    change.what(),
                ]
            })
            .collect()
    }

    fn rust_rows(&self) -> Vec<[String; 4]> {
        let row = |change: &RustChange| {
            [
                change.step.name().to_owned(),
                change.of.to_string(),
                change.verb().to_owned(),
                change.item(),
            ]
        };
        self.rust.iter().map(row).collect()
    }

    fn text(&self) -> String {
        let versions = visible(&format!("{} → {}", self.old, self.new));
        let mut text = format!("{versions}: {}\n", self.verdict());
        aligned(
            &mut text,
            ["class", "for", "models", "client", "change", "what"],
            &self.rows(),
        );
        aligned(
            &mut text,
            ["step", "crate", "item", "in Rust"],
            &self.rust_rows(),
        );
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "**{} → {}**: {}.\n",
            code(&self.old),
            code(&self.new),
            self.verdict()
        );
        table(
            &mut text,
            "What changes in the description",
            ["class", "for", "models", "client", "change", "what"],
            &self.rows(),
        );
        table(
            &mut text,
            "What changes in Rust",
            ["step", "crate", "item", "in Rust"],
            &self.rust_rows(),
        );
        text.push_str("\nSteps are those of a version from 1.0 on; at 0.x, major raises the minor number, the others the patch number.\n");
        text
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "old": self.old,
            "new": self.new,
            "class": self.class(),
            "steps": { "upvest-models": self.step(Crate::Models), "upvest-client": self.step(Crate::Client) },
            "changes": self.changes,
            "rust": self.rust,
        })
    }
}

/// Adds rows in columns of the width that they need, after an empty line; it adds nothing if there
/// are no rows. Control characters are escaped.
pub fn aligned<const N: usize>(text: &mut String, head: [&str; N], rows: &[[String; N]]) {
    if rows.is_empty() {
        return;
    }
    let head = head.map(str::to_owned);
    let rows = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| visible(cell)));
    let all: Vec<[String; N]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| {
        let cells = all.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    text.push('\n');
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A text of the document, with the characters escaped that control a terminal.
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// A table with the last column as code.
fn table<const N: usize>(text: &mut String, title: &str, head: [&str; N], rows: &[[String; N]]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\n### {title}\n\n| {} |\n|{}\n",
        head.join(" | "),
        "---|".repeat(N)
    );
    for row in rows {
        let (last, others) = row.split_last().expect("a row has cells");
        let _ = writeln!(
            text,
            "| {} | {} |",
            others.join(" | "),
            code(last).replace('|', "\\|")
        );
    }
}

/// A text of the document as code in Markdown, so that it cannot become markup, a link or a
/// mention.
pub fn code(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("`{}`", words.join(" ").replace('`', "'"))
}
