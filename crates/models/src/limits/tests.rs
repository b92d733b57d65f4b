use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Check, Faults, Pattern, Piece, Place, Rule};
use crate::Secret;

/// `^[0-9]{1,9}(\.[0-9]{2})?$`
const AMOUNT: Pattern = Pattern {
    text: r"^[0-9]{1,9}(\.[0-9]{2})?$",
    branches: &[&[
        Piece::Start,
        Piece::Chars(&[('0', '9')], 1, 9),
        Piece::Maybe(&[&[
            Piece::Chars(&[('.', '.')], 1, 1),
            Piece::Chars(&[('0', '9')], 2, 2),
        ]]),
        Piece::End,
    ]],
};

/// `^1d|[1-9][0-9]*[hm]$`
const INTERVAL: Pattern = Pattern {
    text: "^1d|[1-9][0-9]*[hm]$",
    branches: &[
        &[
            Piece::Start,
            Piece::Chars(&[('1', '1')], 1, 1),
            Piece::Chars(&[('d', 'd')], 1, 1),
        ],
        &[
            Piece::Chars(&[('1', '9')], 1, 1),
            Piece::Chars(&[('0', '9')], 0, usize::MAX),
            Piece::Chars(&[('h', 'h'), ('m', 'm')], 1, 1),
            Piece::End,
        ],
    ],
};

/// `^(100|[0-9]{1,2})é$`
const GROUP: Pattern = Pattern {
    text: "^(100|[0-9]{1,2})é$",
    branches: &[&[
        Piece::Start,
        Piece::Group(&[
            &[
                Piece::Chars(&[('1', '1')], 1, 1),
                Piece::Chars(&[('0', '0')], 2, 2),
            ],
            &[Piece::Chars(&[('0', '9')], 1, 2)],
        ]),
        Piece::Chars(&[('é', 'é')], 1, 1),
        Piece::End,
    ]],
};

#[test]
fn patterns_fit_what_they_say() {
    for (pattern, fitting, others) in [
        (
            AMOUNT,
            &["1", "123456789", "0.00", "123456789.99"][..],
            &[
                "",
                "1234567890",
                "1.",
                "1.2",
                "1.234",
                "-1",
                " 1",
                "1 ",
                "1.23\n",
                "١",
            ][..],
        ),
        (
            INTERVAL,
            &["1d", "15m", "4h", "1day", "about 90m"],
            &["", "d", "2d", "a1d", "0m", "5m.", "m"],
        ),
        (
            GROUP,
            &["100é", "99é", "1é"],
            &["101é", "100", "é", "1001é", "100éé"],
        ),
    ] {
        for text in fitting {
            assert!(pattern.fits(text), "{} {text:?}", pattern.text);
        }
        for text in others {
            assert!(!pattern.fits(text), "{} {text:?}", pattern.text);
        }
    }
}

/// What is told of a value in a field `f`.
fn told(value: &impl Check, rules: &[Rule]) -> Vec<String> {
    let mut faults = Faults::default();
    value.check(rules, &Place::Field(&Place::Root("body"), "f"), &mut faults);
    faults.into_vec().iter().map(ToString::to_string).collect()
}

#[test]
fn texts_and_what_is_written_as_text_are_checked() {
    let amount = [Rule::Pattern(AMOUNT)];
    let fault = r#"`body.f` is "12.5", which does not fit the pattern ^[0-9]{1,9}(\.[0-9]{2})?$"#;
    assert_eq!(told(&Decimal::new(125, 1), &amount), [fault]);
    assert_eq!(told(&Decimal::new(1250, 2), &amount), [""; 0]);
    assert_eq!(told(&None::<Decimal>, &amount), [""; 0]);
    let lengths = [Rule::MinLength(2), Rule::MaxLength(3)];
    assert_eq!(told(&"ééé".to_owned(), &lengths), [""; 0]);
    let fault = "`body.f` has 4 characters: 3 are the most";
    assert_eq!(told(&"éééé".to_owned(), &lengths), [fault]);
    let fault = "`body.f` has 1 characters: 2 are the least";
    assert_eq!(told(&Some("é".to_owned()), &lengths), [fault]);
}

#[test]
fn numbers_are_checked() {
    let rules = [Rule::Minimum(1), Rule::Maximum(1000)];
    assert_eq!(told(&1_i32, &rules), [""; 0]);
    assert_eq!(told(&1000_i64, &rules), [""; 0]);
    assert_eq!(told(&0_i32, &rules), ["`body.f` is 0: 1 is the least"]);
    assert_eq!(
        told(&1000.5_f64, &rules),
        ["`body.f` is 1000.5: 1000 is the most"]
    );
}

#[test]
fn lists_and_maps_are_checked_with_their_entries() {
    let rules = [
        Rule::MinItems(1),
        Rule::MaxItems(3),
        Rule::UniqueItems,
        Rule::Each(&[Rule::MaxLength(1)]),
    ];
    let list = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&list(&["a", "b"]), &rules), [""; 0]);
    assert_eq!(
        told(&list(&[]), &rules),
        ["`body.f` has 0 entries: 1 are the least"]
    );
    assert_eq!(
        told(&list(&["a", "b", "a", "cd"]), &rules),
        [
            "`body.f` has 4 entries: 3 are the most",
            "`body.f[2]` is there already",
            "`body.f[3]` has 2 characters: 1 are the most",
        ]
    );
    let map = BTreeMap::from([("k".to_owned(), "ab".to_owned())]);
    assert_eq!(
        told(&map, &rules),
        ["`body.f.k` has 2 characters: 1 are the most"]
    );
}

#[test]
fn what_is_secret_or_personal_is_not_quoted_and_long_texts_are_cut() {
    let rules = [Rule::Pattern(AMOUNT), Rule::Personal];
    let fault = r"`body.f` does not fit the pattern ^[0-9]{1,9}(\.[0-9]{2})?$";
    assert_eq!(told(&"DE02".to_owned(), &rules), [fault]);
    assert_eq!(told(&Secret::from("DE02"), &rules[..1]), [fault]);
    let [fault] = &told(&"é\n".repeat(100), &rules[..1])[..] else {
        panic!("there is one fault");
    };
    assert!(
        fault.contains(r#"é\n"..., which"#) && fault.len() < 250,
        "{fault}"
    );
}
