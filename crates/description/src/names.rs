//! Names of Rust items, made from the names of the description.
//!
//! `title` is not used, since Upvest gives the same title to different schemas. Characters other
//! than ASCII letters and digits separate words. A name that begins with a digit gets the prefix
//! `x`, and a keyword gets the suffix `_`.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};

/// Words that say nothing without what they belong to: their types get the parent's name in front.
const GENERIC: &[&str] = &[
    "code", "config", "content", "data", "details", "id", "info", "item", "items", "kind", "meta",
    "mode", "name", "object", "options", "other", "payload", "reason", "result", "source", "state",
    "status", "type", "value", "values",
];

/// Verbs with which operation ids begin.
const VERBS: &[&str] = &[
    "cancel", "create", "delete", "get", "issue", "list", "place", "retrieve", "trigger", "update",
];

/// The keywords of Rust, reserved ones and those of editions included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The variant for values that are not known.
pub const UNKNOWN: &str = "Unknown";

/// The letters and digits of a text, anything else as a gap.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect()
}

fn not_first_digit(name: String, prefix: char) -> String {
    match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("{prefix}{name}"),
        false => name,
    }
}

/// The name of a type: `cash_balance` becomes `CashBalance`.
pub fn type_name(text: &str) -> String {
    not_first_digit(plain(text).to_pascal_case(), 'X')
}

/// Snake case, even if that is a keyword: `accountId` becomes `account_id`.
pub fn snake(text: &str) -> String {
    not_first_digit(plain(text).to_snake_case(), 'x')
}

/// The name of a field, an argument or a method: `type` becomes `type_`.
pub fn field_name(text: &str) -> String {
    avoid(snake(text), KEYWORDS)
}

/// The name, with an underscore after it if it is in `taken`.
pub fn avoid(mut name: String, taken: &[&str]) -> String {
    if taken.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// The name of a constant: `retrieve_cash_balance` becomes `RETRIEVE_CASH_BALANCE`.
pub fn constant_name(text: &str) -> String {
    text.to_shouty_snake_case()
}

/// The name of the type that an operation answers: its id without the verb.
pub fn response_name(operation_id: &str) -> String {
    let id = snake(operation_id);
    let noun = match id.split_once('_') {
        Some((verb, noun)) if VERBS.contains(&verb) => noun,
        _ => &id,
    };
    type_name(noun)
}

/// The name of the type of an operation's body: its id and `Request`.
pub fn request_name(operation_id: &str) -> String {
    format!("{}Request", type_name(operation_id))
}

/// The name of the type that a webhook delivers: `Cash Balance events` becomes `CashBalanceEvent`.
pub fn event_name(webhook: &str) -> String {
    let name = type_name(webhook);
    match name.strip_suffix("Events") {
        Some(noun) => format!("{noun}Event"),
        None if name.ends_with("Event") => name,
        None => format!("{name}Event"),
    }
}

/// The variant for a type of event: `CashBalanceEvent` becomes `CashBalance`.
pub fn event_variant(event: &str) -> &str {
    match event.strip_suffix("Event") {
        Some(noun) if !noun.is_empty() => noun,
        _ => event,
    }
}

/// The name of the type of a property, and whether it needs the name of the parent as a prefix.
pub fn property_name(property: &str) -> (String, bool) {
    (type_name(property), GENERIC.contains(&property))
}

/// Words that say nothing by themselves.
const MAKESHIFT: &[&str] = &[
    "Data", "Item", "Items", "Key", "Keys", "Kind", "Meta", "Method", "Object", "Other", "Type",
    "Value", "Values",
];

/// The prefix of a variant that has only a number for a name.
pub const VARIANT: &str = "Variant";

/// A name of this length fills a line by itself.
const MAX_LENGTH: usize = 40;

/// Whether a type has a name that a person would not have chosen.
pub fn is_makeshift(name: &str) -> bool {
    let is_numbered = name
        .split(VARIANT)
        .skip(1)
        .any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    is_numbered || MAKESHIFT.contains(&name) || name.len() > MAX_LENGTH
}

/// The singular: `Keys` becomes `Key`, `Addresses` becomes `Address`, `Entries` becomes `Entry`.
pub fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["ss", "x", "ch", "sh"] {
        if let Some(stem) = name
            .strip_suffix("es")
            .filter(|stem| stem.ends_with(ending))
        {
            return stem.to_owned();
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => name.to_owned(),
    }
}

/// The variant of an enum for one of its values: `CASH_BALANCE.UPDATED` becomes
/// `CashBalanceUpdated`.
///
/// A value that begins with a digit gets the prefix `Value`. A value whose name would be `Self`, or
/// that of the variant for unknown values, gets the suffix `Value`. The empty string is `Empty`;
/// any other value without letters or digits has no name (`None`).
pub fn variant_name(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("Empty".to_owned());
    }
    let name = plain(value).to_pascal_case();
    match name.chars().next()? {
        _ if name == UNKNOWN || name == "Self" => Some(format!("{name}Value")),
        first if first.is_alphabetic() => Some(name),
        _ => Some(format!("Value{name}")),
    }
}

/// Chooses distinct names for several things. The one that is spelled like the name keeps it; the
/// others are numbered.
pub fn distinct(wanted: &[(&str, String)]) -> Vec<String> {
    let mut names: Vec<Option<String>> = vec![None; wanted.len()];
    for exactly in [true, false] {
        for (index, (wire, name)) in wanted.iter().enumerate() {
            if names[index].is_some()
                || exactly && wire.trim_end_matches('_') != name.trim_end_matches('_')
            {
                continue;
            }
            let mut chosen = name.clone();
            let mut number = 1;
            while names.iter().flatten().any(|known| *known == chosen) {
                number += 1;
                chosen = format!("{}_{number}", name.trim_end_matches('_'));
            }
            names[index] = Some(chosen);
        }
    }
    names.into_iter().map(Option::unwrap_or_default).collect()
}

/// Whether this can be the name of a Rust item.
pub fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    let begins = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    begins
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
        && name != "Self"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_a_person_would_write_them() {
        assert_eq!(response_name("retrieve_cash_balance"), "CashBalance");
        assert_eq!(response_name("cash_balance"), "CashBalance");
        assert_eq!(request_name("issue_token"), "IssueTokenRequest");
        assert_eq!(event_name("Cash Balance events"), "CashBalanceEvent");
        assert_eq!(event_name("Order event"), "OrderEvent");
        assert_eq!(event_name("Mandate"), "MandateEvent");
        assert_eq!(snake("Cash Balances"), "cash_balances");
        assert_eq!(field_name("type"), "type_");
        assert_eq!(field_name("accounts.list"), "accounts_list");
        assert_eq!(field_name("2fa"), "x2fa");
        assert_eq!(type_name("3DSecure"), "X3dSecure");
        assert_eq!(constant_name("get_jwks"), "GET_JWKS");
    }

    #[test]
    fn names_that_no_person_would_choose_are_found() {
        for name in [
            "Data",
            "UserVariant2",
            "UserVariant12Status",
            &"Long".repeat(11),
        ] {
            assert!(is_makeshift(name), "{name}");
        }
        for name in [
            "UserData",
            "Variant",
            "UserVariant",
            "TypeOfUser",
            &"Long".repeat(10),
        ] {
            assert!(!is_makeshift(name), "{name}");
        }
    }

    #[test]
    fn a_list_holds_items_of_the_singular() {
        for (many, one) in [
            ("Keys", "Key"),
            ("Entries", "Entry"),
            ("Addresses", "Address"),
            ("Taxes", "Tax"),
            ("Prices", "Price"),
            ("Tax", "Tax"),
            ("Address", "Address"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn values_of_enums_become_variants() {
        assert_eq!(variant_name("EUR").as_deref(), Some("Eur"));
        assert_eq!(variant_name("P-521").as_deref(), Some("P521"));
        assert_eq!(
            variant_name("CASH_BALANCE.UPDATED").as_deref(),
            Some("CashBalanceUpdated")
        );
        assert_eq!(variant_name("UNKNOWN").as_deref(), Some("UnknownValue"));
        assert_eq!(variant_name("self").as_deref(), Some("SelfValue"));
        assert_eq!(variant_name("1").as_deref(), Some("Value1"));
        assert_eq!(variant_name("").as_deref(), Some("Empty"));
        assert_eq!(variant_name("+"), None);
    }

    #[test]
    fn names_that_collide_are_distinguished() {
        let wanted = |wires: &[&'static str]| -> Vec<(&'static str, String)> {
            wires.iter().map(|wire| (*wire, field_name(wire))).collect()
        };
        assert_eq!(distinct(&wanted(&["T", "t"])), ["t_2", "t"]);
        assert_eq!(
            distinct(&wanted(&["userId", "user_id", "UserID"])),
            ["user_id_2", "user_id", "user_id_3"]
        );
        assert_eq!(distinct(&wanted(&["Type", "type"])), ["type_2", "type_"]);
    }
}
