//! The patterns of the description as generated code matches them, against an engine for regular expressions.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;
use upvest_description::ir::pattern::{self, Branches, Piece};
use upvest_models::limits;

use crate::support::workspace;

/// Texts of which each pattern fits at least one.
const TEXTS: &[&str] = &[
    "",
    "1",
    "100",
    "99.5",
    "-12.50",
    "123456789",
    "12345678901234",
    "15m",
    "1d",
    "1day",
    "30s",
    "31s",
    "2024-02-29",
    "2024/2025",
    "3024-02-29",
    "A0RPWH",
    "AT",
    "BELADEBE",
    "BELADEBEXXX",
    "Bearer a-b._~+/==",
    "DE02100500000054540402",
    "DE02AB**********0402",
    "529900T8BM49AURSDO55",
    "65170839J003",
    "Sample (1)",
    "US0378331005",
    "mifir_reports",
    "report-1.pdf",
    "12.50\n",
    "é",
];

fn patterns() -> BTreeSet<String> {
    let text = std::fs::read_to_string(workspace().join("spec/upvest.yaml")).unwrap();
    let lines = text.lines().map(str::trim);
    let patterns = lines.filter_map(|line| line.strip_prefix("pattern: "));
    patterns
        .map(|one| one.trim_matches('\'').to_owned())
        .collect()
}

/// A pattern as a constant of generated code has it.
fn compiled(text: &str) -> limits::Pattern {
    let branches = pattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    limits::Pattern {
        text: text.to_owned().leak(),
        branches: sequences(&branches),
    }
}

fn sequences(branches: &Branches) -> &'static [&'static [limits::Piece]] {
    let all = branches.iter().map(|branch| {
        let pieces: Vec<limits::Piece> = branch.iter().map(piece).collect();
        &*pieces.leak()
    });
    all.collect::<Vec<_>>().leak()
}

fn piece(piece: &Piece) -> limits::Piece {
    let whole = |count: u32| count as usize;
    match piece {
        Piece::Start => limits::Piece::Start,
        Piece::End => limits::Piece::End,
        Piece::Group(branches) => limits::Piece::Group(sequences(branches)),
        Piece::Maybe(branches) => limits::Piece::Maybe(sequences(branches)),
        Piece::Chars(ranges, least, most) => limits::Piece::Chars(
            ranges.clone().leak(),
            whole(*least),
            most.map_or(usize::MAX, whole),
        ),
    }
}

#[test]
fn a_pattern_fits_what_the_regular_expression_matches() {
    let patterns = patterns();
    assert!(patterns.len() > 30, "{} patterns", patterns.len());
    let pairs: Vec<_> = patterns
        .iter()
        .map(|text| {
            let expression = jsonschema::validator_for(&json!({ "pattern": text })).unwrap();
            (compiled(text), expression)
        })
        .collect();
    for (pattern, expression) in &pairs {
        let is_right = |text: &&&str| pattern.fits(text) == expression.is_valid(&json!(text));
        let wrong = TEXTS.iter().find(|text| !is_right(text));
        assert_eq!(wrong, None, "{}", pattern.text);
        assert!(
            TEXTS.iter().any(|text| pattern.fits(text)),
            "{}",
            pattern.text
        );
    }
    let texts = "[0-9A-Za-z .:/;_*=é\n-]{0,24}";
    proptest!(ProptestConfig::with_cases(200), |(text in texts)| {
        for (pattern, expression) in &pairs {
            let expected = expression.is_valid(&json!(text));
            prop_assert_eq!(pattern.fits(&text), expected, "{} {:?}", pattern.text, text);
        }
    });
}
