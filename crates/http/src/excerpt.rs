use std::fmt;

/// A text that somebody else wrote, made safe for one line of a log: invisible characters, and
/// characters that change how the text around them looks, are escaped (controls such as line breaks
/// and ESC, marks that change the direction of writing), and only its first characters are shown.
///
/// ```
/// use upvest_http::Excerpt;
///
/// assert_eq!(Excerpt::new("a\u{1b}[31m\nb").to_string(), r"a\u{1b}[31m\nb");
/// assert_eq!(Excerpt::new("long story").limit(4).to_string(), "long... (10 bytes)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt<'a> {
    text: &'a str,
    limit: usize,
}

impl<'a> Excerpt<'a> {
    /// Makes an excerpt of at most 128 characters of the text.
    pub const fn new(text: &'a str) -> Self {
        Self { text, limit: 128 }
    }

    /// Sets how many characters are shown at most.
    pub const fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, character) in self.text.chars().enumerate() {
            if index == self.limit {
                return write!(f, "... ({} bytes)", self.text.len());
            }
            if is_unseen(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}

/// Controls, separators of lines, and the format characters of Unicode that show as nothing or
/// reorder what stands around them.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_line_however_hostile() {
        for (text, expected) in [
            ("Zahlung ä \"x\" \\", "Zahlung ä \"x\" \\"),
            ("a\r\nb\u{1b}[31m", r"a\r\nb\u{1b}[31m"),
            ("\u{2028}\u{202e}\u{85}\0", r"\u{2028}\u{202e}\u{85}\u{0}"),
            (
                "\u{ad}\u{61c}\u{200b}\u{2060}",
                r"\u{ad}\u{61c}\u{200b}\u{2060}",
            ),
            ("\u{feff}\u{fff9}\u{e0041}", r"\u{feff}\u{fff9}\u{e0041}"),
        ] {
            assert_eq!(Excerpt::new(text).to_string(), expected);
        }
    }

    #[test]
    fn it_is_cut_by_characters() {
        let long = "ä".repeat(1_000_000);
        let shown = format!("{}... (2000000 bytes)", "ä".repeat(128));
        assert_eq!(Excerpt::new(&long).to_string(), shown);
        assert_eq!(Excerpt::new("äöü €").limit(5).to_string(), "äöü €");
        assert_eq!(
            Excerpt::new("äöü €").limit(4).to_string(),
            "äöü ... (10 bytes)"
        );
    }
}
