//! The formats of strings that are checked.

use chrono::{DateTime, NaiveDate};
use uuid::Uuid;

/// Whether a text is of a format. A format that is not known here admits every text.
pub(super) fn is(format: &str, text: &str) -> bool {
    match format {
        "uuid" => Uuid::try_parse(text).is_ok(),
        "date" => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() && text.len() == 10,
        "date-time" => DateTime::parse_from_rfc3339(text).is_ok(),
        "email" => text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        }),
        "uri" | "url" => text.contains(':') && !text.contains(' '),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn formats_are_distinguished() {
        for (format, right, wrong) in [
            ("uuid", "83d83ec2-d2ca-49ff-bbea-b92b5c3be202", "83d83ec2"),
            ("date", "2024-02-29", "2023-02-29"),
            ("date", "2024-02-29", "2024-2-9"),
            ("date-time", "2021-07-21T14:10:00.00Z", "2021-07-21 14:10"),
            ("email", "a@example.com", "a.example.com"),
            ("email", "a@example.com", "a@b@c"),
            ("url", "https://example.com", "example"),
        ] {
            assert!(is(format, right), "{format}: {right}");
            assert!(!is(format, wrong), "{format}: {wrong}");
        }
        assert!(is("ISO4217", "anything"));
    }
}
