//! Patterns of the description, which are parsed when the code is generated.

/// A regular expression of the description, as alternatives of pieces.
///
/// The generator parses what can be matched without surprises: characters of a class, repeated or
/// not, groups that are there once or not at all, and both ends of the text. It refuses the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The expression as the description has it.
    pub text: &'static str,
    /// One of these fits somewhere in the text.
    pub branches: &'static [&'static [Piece]],
}

/// A piece of a [`Pattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The beginning of the text.
    Start,
    /// The end of the text.
    End,
    /// Characters of these ranges, both ends included: at least and at most this many.
    Chars(&'static [(char, char)], usize, usize),
    /// One of several sequences.
    Group(&'static [&'static [Piece]]),
    /// One of several sequences, or nothing.
    Maybe(&'static [&'static [Piece]]),
}

impl Pattern {
    /// Whether the text fits.
    pub fn fits(&self, text: &str) -> bool {
        let starts = text.char_indices().map(|(start, _)| start);
        starts
            .chain([text.len()])
            .any(|start| any(self.branches, text, start, &|_| true))
    }
}

/// Whether one of the branches fits from `at` on, and what comes after it does.
fn any(branches: &[&[Piece]], text: &str, at: usize, then: &dyn Fn(usize) -> bool) -> bool {
    branches.iter().any(|branch| all(branch, text, at, then))
}

fn all(pieces: &[Piece], text: &str, at: usize, then: &dyn Fn(usize) -> bool) -> bool {
    let Some((piece, rest)) = pieces.split_first() else {
        return then(at);
    };
    let after = |at: usize| all(rest, text, at, then);
    match piece {
        Piece::Start => at == 0 && after(at),
        Piece::End => at == text.len() && after(at),
        Piece::Group(branches) => any(branches, text, at, &after),
        Piece::Maybe(branches) => any(branches, text, at, &after) || after(at),
        Piece::Chars(ranges, least, most) => {
            let is_one = |c: &char| ranges.iter().any(|(low, high)| (low..=high).contains(&c));
            let taken = text[at..].chars().take(*most).take_while(is_one);
            let ends: usize = taken.clone().count();
            let bytes = taken.map(char::len_utf8).sum::<usize>();
            longest_first(&text[at..at + bytes], ends - (*least).min(ends) + 1)
                .take(if ends < *least { 0 } else { usize::MAX })
                .any(|length| after(at + length))
        }
    }
}

/// The lengths of a text as it gets shorter by a character at a time.
fn longest_first(text: &str, count: usize) -> impl Iterator<Item = usize> {
    let shorter = text.char_indices().rev().map(|(start, _)| start);
    std::iter::once(text.len()).chain(shorter).take(count)
}
