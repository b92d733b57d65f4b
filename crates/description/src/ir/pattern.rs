//! A parsed `pattern`, so that generated code matches it without a regular expression engine.
//!
//! ```text
//! ^[0-9]{1,9}(\.[0-9]{2})?$
//! Start, Chars(0-9, 1, 9), Maybe(Chars(., 1, 1), Chars(0-9, 2, 2)), End
//! ```

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// One of several sequences of pieces.
pub type Branches = Vec<Vec<Piece>>;

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The beginning of the text.
    Start,
    /// The end of the text.
    End,
    /// Characters of these ranges, both ends included: the least number of them, and the greatest
    /// if it is limited.
    Chars(Vec<(char, char)>, u32, Option<u32>),
    /// One of several sequences.
    Group(Branches),
    /// One of several sequences, or nothing.
    Maybe(Branches),
}

/// Parses a pattern. It is read as an ECMA 262 pattern over ASCII, as JSON Schema defines it.
///
/// # Errors
/// When it is not a pattern, or when it uses more than characters, optional groups, and the start
/// and end of the text. The error names what it uses.
pub fn parse(pattern: &str) -> Result<Branches, String> {
    let mut parser = ParserBuilder::new().unicode(false).build();
    let parsed = parser.parse(pattern).map_err(|error| {
        let told = error.to_string();
        let reason = told.lines().last().unwrap_or_default();
        reason.trim_start_matches("error: ").to_owned()
    })?;
    branches(&parsed)
}

fn branches(hir: &Hir) -> Result<Branches, String> {
    match hir.kind() {
        HirKind::Alternation(all) => all.iter().map(sequence).collect(),
        HirKind::Capture(group) => branches(&group.sub),
        _ => Ok(vec![sequence(hir)?]),
    }
}

fn sequence(hir: &Hir) -> Result<Vec<Piece>, String> {
    Ok(match hir.kind() {
        HirKind::Empty => Vec::new(),
        HirKind::Look(Look::Start) => vec![Piece::Start],
        HirKind::Look(Look::End) => vec![Piece::End],
        HirKind::Look(_) => {
            return Err("it asserts something about the characters beside a position".to_owned());
        }
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|error| error.to_string())?;
            text.chars()
                .map(|c| Piece::Chars(vec![(c, c)], 1, Some(1)))
                .collect()
        }
        HirKind::Class(_) => vec![Piece::Chars(ranges(hir).unwrap_or_default(), 1, Some(1))],
        HirKind::Concat(parts) => {
            let parts: Result<Vec<_>, _> = parts.iter().map(sequence).collect();
            parts?.concat()
        }
        HirKind::Capture(_) | HirKind::Alternation(_) => vec![Piece::Group(branches(hir)?)],
        HirKind::Repetition(repeated) => vec![repetition(repeated)?],
    })
}

fn repetition(repeated: &Repetition) -> Result<Piece, String> {
    let Repetition { min, max, sub, .. } = repeated;
    match (ranges(sub), min, max) {
        (Some(ranges), _, _) => Ok(Piece::Chars(ranges, *min, *max)),
        (None, 0, Some(1)) => Ok(Piece::Maybe(branches(sub)?)),
        (None, ..) => Err("it repeats more than single characters".to_owned()),
    }
}

/// The characters that stand for one character, if that is all there is.
fn ranges(hir: &Hir) -> Option<Vec<(char, char)>> {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges().iter();
            Some(
                ranges
                    .map(|one| (one.start().into(), one.end().into()))
                    .collect(),
            )
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges().iter();
            Some(ranges.map(|one| (one.start(), one.end())).collect())
        }
        HirKind::Literal(literal) => {
            let mut chars = std::str::from_utf8(&literal.0).ok()?.chars();
            let only = chars.next().filter(|_| chars.next().is_none())?;
            Some(vec![(only, only)])
        }
        HirKind::Capture(group) => ranges(&group.sub),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, parse};

    #[test]
    fn patterns_are_taken_apart() {
        let digits = |least, most| Piece::Chars(vec![('0', '9')], least, most);
        let point = Piece::Chars(vec![('.', '.')], 1, Some(1));
        assert_eq!(
            parse(r"^[0-9]{1,9}(\.\d{2})?$"),
            Ok(vec![vec![
                Piece::Start,
                digits(1, Some(9)),
                Piece::Maybe(vec![vec![point, digits(2, Some(2))]]),
                Piece::End,
            ]])
        );
        assert_eq!(parse("[0-9]*"), Ok(vec![vec![digits(0, None)]]));
    }

    #[test]
    fn what_is_more_is_refused_with_the_reason() {
        for (pattern, reason) in [
            ("^(ab)+$", "it repeats more than single characters"),
            ("^(a|bc){2}$", "it repeats more than single characters"),
            (
                r"\bword",
                "it asserts something about the characters beside a position",
            ),
            (
                "(?=a)b",
                "look-around, including look-ahead and look-behind, is not supported",
            ),
            (r"(a)\1", "backreferences are not supported"),
            ("[^a]", "pattern can match invalid UTF-8"),
            ("(", "unclosed group"),
        ] {
            assert_eq!(parse(pattern), Err(reason.to_owned()), "{pattern}");
        }
    }
}
