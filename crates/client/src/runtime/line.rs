//! What others send, in a line of a log.

use std::fmt::{self, Write};

/// How many characters of one text are shown.
const LONGEST: usize = 300;

/// A text from elsewhere, fit for one line: control characters and what changes the direction of
/// writing are escaped, and what is long is cut.
pub(super) struct Foreign<'a>(pub(super) &'a str);

impl fmt::Display for Foreign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, character) in self.0.chars().enumerate() {
            if place == LONGEST {
                return f.write_str("...");
            }
            match character {
                _ if !is_plain(character) => write!(f, "{}", character.escape_unicode())?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// Whether a character is shown as it is: no control character, no line end, nothing invisible that
/// rearranges or hides what is around it.
fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

/// Writes an error so that what it quotes stays in its line.
pub(super) struct Line<'a>(pub(super) &'a dyn std::error::Error);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Foreign(&self.0.to_string()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_line_however_hostile() {
        for (text, expected) in [
            ("Zahlung ä \"x\" \\", "Zahlung ä \"x\" \\"),
            ("a\r\nb\u{1b}[31m", "a\\u{d}\\u{a}b\\u{1b}[31m"),
            (
                "\u{2028}\u{202e}\u{85}\u{0}",
                "\\u{2028}\\u{202e}\\u{85}\\u{0}",
            ),
        ] {
            assert_eq!(Foreign(text).to_string(), expected);
        }
        let long = Foreign(&"ä".repeat(1_000_000)).to_string();
        assert_eq!(long.chars().count(), LONGEST + 3);
    }
}
