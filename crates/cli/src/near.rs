//! What somebody may have meant.

/// The candidate that a word was most likely meant to be: a few letters away at most.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    let distances = candidates.into_iter().map(|one| (distance(word, one), one));
    let (distance, one) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= most).then_some(one)
}

/// How many letters have to be put in, taken out, replaced, or swapped with their neighbour (optimal string
/// alignment), capitals and hyphens aside.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let letters = |text: &str| -> Vec<char> {
        let letters = text.chars().map(|letter| match letter {
            '-' => '_',
            letter => letter.to_ascii_lowercase(),
        });
        letters.collect()
    };
    let (one, other) = (letters(one), letters(other));
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for row in 1..=one.len() {
        let mut current = vec![row];
        for column in 1..=other.len() {
            let is_same = one[row - 1] == other[column - 1];
            let replaced = rows[row - 1][column - 1] + usize::from(!is_same);
            let mut best = replaced
                .min(rows[row - 1][column] + 1)
                .min(current[column - 1] + 1);
            let is_swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if is_swapped {
                best = best.min(rows[row - 2][column - 2] + 1);
            }
            current.push(best);
        }
        rows.push(current);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_may_be_wrong_missing_or_swapped() {
        let known = ["title", "type", "url", "ORDER.FILLED"];
        for (word, meant) in [
            ("titel", Some("title")),
            ("typ", Some("type")),
            ("urls", Some("url")),
            ("order.filld", Some("ORDER.FILLED")),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest("title", []), None);
    }
}
