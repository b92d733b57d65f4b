//! The list of operations.

use upvest::OperationInfo;

use crate::description::Operation;
use crate::failure::Failure;
use crate::output::{self, Style};

/// Prints the operations that contain a word, by tag.
///
/// # Errors
///
/// When no operation contains it.
pub(super) fn print(word: &str) -> Result<(), Failure> {
    let word = word.to_lowercase();
    let style = Style::of_stdout();
    let mut text = String::new();
    let mut tag = "";
    let mut operations = upvest::OPERATIONS.to_vec();
    operations.sort_by_key(|one| one.tag);
    for info in operations {
        let summary = Operation::find(info.id).map_or_else(String::new, |one| one.summary);
        if !matches(info, &summary, &word) {
            continue;
        }
        if info.tag != tag {
            tag = info.tag;
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{}\n", style.bold(tag)));
        }
        let deprecated = if info.deprecated { " (deprecated)" } else { "" };
        text.push_str(&format!("  {:<45} {summary}{deprecated}\n", info.id));
    }
    if text.is_empty() {
        let failure = Failure::usage(format!("no operation contains {word:?}"));
        return Err(failure.help("`upvest call --list` lists all"));
    }
    output::print(text.as_bytes())?;
    Ok(())
}

fn matches(info: &OperationInfo, summary: &str, word: &str) -> bool {
    let texts = [info.id, info.path, info.tag, summary];
    let mut all = texts.iter().chain(info.scopes);
    all.any(|text| text.to_lowercase().contains(word))
}
