//! The parameters of the signature and its list of components cannot be changed.

use std::fmt::Write as _;

use super::{Case, set, value};

/// The value of a parameter in `signature-input`, quotes included.
fn parameter(input: &str, name: &str) -> String {
    let (_, rest) = input.split_once(&format!(";{name}=")).expect("is there");
    rest.split(';').next().unwrap_or(rest).to_owned()
}

#[test]
fn parameters() {
    let mut tables = Vec::new();
    for case in Case::all() {
        let signed = case.signed();
        let input = value(&signed, "signature-input");
        let mut table = String::new();
        for name in ["keyid", "created", "expires", "nonce"] {
            let before = parameter(&input, name);
            let whole = format!(";{name}={before}");
            let changed = match name {
                "keyid" => "\"other-key\"".to_owned(),
                "nonce" => "\"nonce-2\"".to_owned(),
                _ => (before.parse::<u64>().expect("a number") + 1).to_string(),
            };
            for (change, with) in [
                ("changed", format!(";{name}={changed}")),
                ("dropped", String::new()),
                ("given twice", format!("{whole}{whole}")),
                ("given twice, changed", format!(";{name}={changed}{whole}")),
                ("emptied", format!(";{name}=\"\"")),
                ("without a value", format!(";{name}")),
                ("of another type", format!(";{name}=1.5")),
                ("a byte sequence", format!(";{name}=:AAAA:")),
                ("renamed", format!(";{name}2={before}")),
                ("moved to the end", String::new()),
            ] {
                let mut other = input.replacen(&whole, &with, 1);
                if change == "moved to the end" {
                    // The nonce is at the end already.
                    other.push_str(if name == "nonce" { ";x=1" } else { "" });
                    other.push_str(&whole);
                }
                let mut request = signed.clone();
                set(&mut request, "signature-input", other.as_bytes());
                let error = case.refusal(&request);
                writeln!(table, "{name} {change}: {error}").expect("writes");
            }
        }
        tables.push(table);
    }
    // Neither version nor algorithm make a difference.
    for table in &tables {
        assert_eq!(*table, tables[0]);
    }
    insta::assert_snapshot!(tables[0]);
}

#[test]
fn lists_of_components() {
    let mut tables = Vec::new();
    for case in Case::all() {
        let signed = case.signed();
        let input = value(&signed, "signature-input");
        let mut table = String::new();
        for component in case.components() {
            let quoted = format!("\"{component}\"");
            for (change, with) in [
                ("dropped", String::new()),
                ("given twice", format!("{quoted} {quoted}")),
                ("a token", component.replace('@', "t")),
                ("in upper case", quoted.to_ascii_uppercase()),
                ("with a parameter", format!("{quoted};req")),
                (
                    "replaced by a header that is not there",
                    "\"x-none\"".to_owned(),
                ),
                ("replaced by an unknown component", "\"@scheme\"".to_owned()),
            ] {
                let mut request = signed.clone();
                let other = input.replacen(&quoted, &with, 1);
                assert_ne!(other, input, "{component}");
                set(&mut request, "signature-input", other.as_bytes());
                let error = case.refusal(&request);
                writeln!(table, "{component} {change}: {error}").expect("writes");
            }
        }
        tables.push(table);
    }
    // The algorithm makes no difference.
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[2], tables[3]);
    insta::assert_snapshot!(format!(
        "--- version 15\n{}\n--- version 6\n{}",
        tables[0], tables[2]
    ));
}
