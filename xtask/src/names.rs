//! Names of Rust items, made from the names of the description.
//!
//! `title` plays no part: Upvest gives the same title to different schemas.

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

/// The variant for values that are not known.
const UNKNOWN: &str = "Unknown";

/// `cash_balance` as the name of a type: `CashBalance`.
pub fn type_name(text: &str) -> String {
    text.to_pascal_case()
}

/// `Cash Balances` as the name of a module: `cash_balances`.
pub fn module_name(text: &str) -> String {
    text.to_snake_case()
}

/// `retrieve_cash_balance` as the name of a constant: `RETRIEVE_CASH_BALANCE`.
pub fn constant_name(text: &str) -> String {
    text.to_shouty_snake_case()
}

/// The name of what an operation answers: its id without the verb.
pub fn response_name(operation_id: &str) -> String {
    let noun = match operation_id.split_once('_') {
        Some((verb, noun)) if VERBS.contains(&verb) => noun,
        _ => operation_id,
    };
    type_name(noun)
}

/// The name of what an operation is sent: its id, and what it is.
pub fn request_name(operation_id: &str) -> String {
    format!("{}Request", type_name(operation_id))
}

/// The name of what a webhook delivers: `Cash Balance events` makes `CashBalanceEvent`.
pub fn event_name(webhook: &str) -> String {
    let name = type_name(webhook);
    match name.strip_suffix("Events") {
        Some(noun) => format!("{noun}Event"),
        None if name.ends_with("Event") => name,
        None => format!("{name}Event"),
    }
}

/// The variant for a type of event: `CashBalanceEvent` makes `CashBalance`.
pub fn event_variant(event: &str) -> &str {
    match event.strip_suffix("Event") {
        Some(noun) if !noun.is_empty() => noun,
        _ => event,
    }
}

/// The name of the type of a property, and whether it needs the parent's name in front.
pub fn property_name(property: &str) -> (String, bool) {
    (type_name(property), GENERIC.contains(&property))
}

/// Words that say nothing by themselves.
const MAKESHIFT: &[&str] = &[
    "Data", "Item", "Items", "Key", "Keys", "Kind", "Meta", "Method", "Object", "Other", "Type",
    "Value", "Values",
];

/// What stands before the number of a variant that nothing else names.
pub const VARIANT: &str = "Variant";

/// So long a name fills a line by itself.
const MAX_LENGTH: usize = 40;

/// Whether a person would have chosen another name for a type.
pub fn is_makeshift(name: &str) -> bool {
    let is_numbered = name
        .split(VARIANT)
        .skip(1)
        .any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    is_numbered || MAKESHIFT.contains(&name) || name.len() > MAX_LENGTH
}

/// One of many: `Keys` makes `Key`, `Addresses` makes `Address`, `Entries` makes `Entry`.
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

/// The variant of an enum for one of its values: `CASH_BALANCE.UPDATED` makes `CashBalanceUpdated`.
///
/// A value that does not begin with a letter gets `Value` in front, and one that reads as the
/// variant for all other values gets it behind. Nothing at all is `Empty`; anything else without
/// letters or digits has no name.
pub fn variant_name(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("Empty".to_owned());
    }
    let name = value.to_pascal_case();
    match name.chars().next()? {
        _ if name == UNKNOWN => Some(format!("{name}Value")),
        first if first.is_alphabetic() => Some(name),
        _ => Some(format!("Value{name}")),
    }
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
        assert_eq!(module_name("Cash Balances"), "cash_balances");
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
        assert_eq!(variant_name("1").as_deref(), Some("Value1"));
        assert_eq!(variant_name("").as_deref(), Some("Empty"));
        assert_eq!(variant_name("+"), None);
    }
}
