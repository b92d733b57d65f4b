//! An explanation in colours, for terminals.

use upvest_auth_signing::{ClaimedLine, ExplainedLine, Explanation};

use crate::output::Style;

/// An explanation as text: with colours if there are any, otherwise as it prints itself. What differs in a line
/// shows in both of its texts.
pub(super) fn text(explanation: &Explanation, style: Style) -> String {
    let plain = explanation.to_string();
    if !style.is_coloured() || explanation.lines.is_empty() {
        return plain;
    }
    // It begins with the version and ends with the first difference; the table is in between.
    let mut parts = plain.splitn(3, "\n\n");
    let (head, tail) = (parts.next(), parts.nth(1));
    let tail = tail.unwrap_or_default();
    let tail = match &explanation.difference {
        Some(_) => style.red(tail),
        None => style.green(tail),
    };
    let table = table(&explanation.lines, style);
    format!(
        "{}\n\n{table}\n{tail}",
        style.bold(head.unwrap_or_default())
    )
}

fn table(lines: &[ExplainedLine], style: Style) -> String {
    let widths = lines.iter().map(|line| line.component.len());
    let width = widths.max().unwrap_or_default();
    let head = format!("line  {:width$}  claim        value", "component");
    let mut text = style.bold(&head) + "\n";
    for (index, line) in lines.iter().enumerate() {
        let before =
            |word: &str| format!("{:>4}  {:width$}  {word:11}  ", index + 1, line.component);
        let built = line.built.as_deref().unwrap_or("(none)");
        let (word, is_right) = match line.claim {
            ClaimedLine::Same => ("same", true),
            ClaimedLine::Other(_) => ("differs", false),
            ClaimedLine::NotCovered => ("not covered", false),
            _ => ("absent", false),
        };
        let before = match is_right {
            true => style.green(&before(word)),
            false => style.red(&before(word)),
        };
        let ClaimedLine::Other(claimed) = &line.claim else {
            text.push_str(&format!("{before}{built}\n"));
            continue;
        };
        let [built, claimed] = marked(built, claimed, style);
        let blank = format!("{:>4}  {:width$}  {:11}  ", "", "", "in header");
        text.push_str(&format!(
            "{before}{built}\n{}{claimed}\n",
            style.red(&blank)
        ));
    }
    text
}

/// Two texts that differ: what is only in the first in green, what is only in the second in red.
fn marked(built: &str, claimed: &str, style: Style) -> [String; 2] {
    let (begin, end) = shared(built, claimed);
    let mark = |text: &str, colour: &dyn Fn(&str) -> String| {
        let (first, rest) = text.split_at(begin);
        let (middle, last) = rest.split_at(rest.len() - end);
        match middle.is_empty() {
            true => text.to_owned(),
            false => format!("{first}{}{last}", colour(middle)),
        }
    };
    [
        mark(built, &|text| style.green(text)),
        mark(claimed, &|text| style.red(text)),
    ]
}

/// How many bytes two texts share at the beginning and at the end, in whole words.
fn shared(one: &str, other: &str) -> (usize, usize) {
    let (one, other) = (words(one), words(other));
    let length = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        let same = pairs.take_while(|(one, other)| one == other);
        let words: Vec<usize> = same.map(|(word, _)| word.len()).collect();
        (words.len(), words.iter().sum::<usize>())
    };
    let (count, begin) = length(&mut one.iter().zip(&other));
    let (_, end) = length(&mut one[count..].iter().rev().zip(other[count..].iter().rev()));
    (begin, end)
}

/// Words, and what is between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begin = 0;
    let mut last = None;
    for (place, char) in text.char_indices() {
        let kind = char.is_alphanumeric();
        if place > begin && (last != Some(kind) || !kind) {
            words.push(&text[begin..place]);
            begin = place;
        }
        last = Some(kind);
    }
    if begin < text.len() {
        words.push(&text[begin..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use upvest_auth_signing::{KeyAlgorithm, Signer, SigningKey, explain};

    use super::*;

    #[test]
    fn words_are_what_is_compared() {
        assert_eq!(words("a=b, ü1;"), ["a", "=", "b", ",", " ", "ü1", ";"]);
        assert_eq!(words(""), Vec::<&str>::new());
        for (one, other, begin, end) in [
            ("application/json", "application/json; charset=utf-8", 16, 0),
            ("sha-512=:abcd:", "sha-512=:abxd:", 9, 1),
            ("same", "same", 4, 0),
            ("a a", "a", 1, 0),
            ("", "x", 0, 0),
        ] {
            assert_eq!(shared(one, other), (begin, end), "{one} {other}");
        }
    }

    /// An explanation of a request whose body was changed.
    fn explained() -> Explanation {
        let key = SigningKey::generate(KeyAlgorithm::Ed25519).expect("a key");
        let mut request = http::Request::post("https://sandbox.upvest.co/users")
            .header("content-type", "application/json")
            .body(Bytes::from_static(b"{}"))
            .expect("a request");
        let signed = Signer::new(key, "my-key").sign(&mut request);
        signed.expect("it can be signed");
        *request.body_mut() = Bytes::from_static(b"{ }");
        explain(&request, None)
    }

    #[test]
    fn the_whole_table_is_coloured_and_both_lines_show_the_difference() {
        let coloured = text(&explained(), Style::coloured());
        for part in [
            "\u{1b}[1msignature `sig1` of version 15\u{1b}[0m",
            "\u{1b}[32m   1  @method ",
            "\u{1b}[32m3\u{1b}[0m\n",
            "\u{1b}[31m2\u{1b}[0m\n",
            "\u{1b}[31mfirst difference in line ",
        ] {
            assert!(coloured.contains(part), "{part:?} is not in {coloured:?}");
        }
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let explanation = explained();
        let coloured = text(&explanation, Style::coloured());
        let plain = ["\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[0m"]
            .iter()
            .fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(plain, explanation.to_string());
        assert_eq!(text(&explanation, Style::plain()), plain);
    }
}
