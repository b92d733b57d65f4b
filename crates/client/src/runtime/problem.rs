//! Reading problem details from the body of an error.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use upvest_models::Problem;

/// What [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1) makes of a missing type.
const BLANK: &str = "about:blank";

/// How much of a body is looked at, in bytes.
const PREFIX: usize = 65_536;

/// The problem that a body describes, if it is a JSON object with at least one member of a problem.
///
/// The errors of an API are where surprises are least welcome, so this is lenient, as RFC 9457
/// asks: a member of the wrong type is taken as missing, and what is missing but required is
/// filled in: the type with `about:blank`, the status with that of the response.
///
/// Of a body that is longer than [`PREFIX`] bytes only that much is looked at, and of other members
/// nothing is kept, so that an error takes no more memory than its body.
pub(super) fn read(status: StatusCode, body: &[u8]) -> Option<Problem> {
    let prefix = &body[..body.len().min(PREFIX)];
    let mut found = Members::default();
    let mut deserializer = serde_json::Deserializer::from_slice(prefix);
    let read = deserializer.deserialize_map(&mut found);
    if read.and_then(|()| deserializer.end()).is_err() && prefix.len() == body.len() {
        return None;
    }
    let [type_, title, detail, instance, request_id] = found.texts;
    let type_ = type_.unwrap_or_else(|| BLANK.to_owned());
    let number = found.status.flatten();
    let mut members = serde_json::Map::from_iter([
        ("type".to_owned(), type_.into()),
        (
            "status".to_owned(),
            number.unwrap_or_else(|| status.as_u16().into()).into(),
        ),
    ]);
    let texts = [title, detail, instance, request_id];
    for (name, text) in TEXTS[1..].iter().zip(texts) {
        members.extend(text.map(|text| ((*name).to_owned(), text.into())));
    }
    let problem: Problem = serde_json::from_value(members.into()).ok()?;
    let is_blank = problem.type_ == BLANK
        && problem.title.is_none()
        && problem.detail.is_none()
        && problem.instance.is_none()
        && problem.request_id.is_none()
        && found.status.is_none();
    (!is_blank).then_some(problem)
}

/// The members of a problem that are text.
const TEXTS: [&str; 5] = ["type", "title", "detail", "instance", "request_id"];

/// The members of a problem that were found so far.
#[derive(Default)]
struct Members {
    texts: [Option<String>; TEXTS.len()],
    /// The status, and within it the number, if it is one.
    status: Option<Option<i64>>,
}

impl<'de> Visitor<'de> for &mut Members {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("problem details")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            match TEXTS.iter().position(|text| *text == name) {
                Some(place) => self.texts[place] = members.next_value::<Lenient>()?.text(),
                None if name == "status" => {
                    self.status = Some(members.next_value::<Lenient>()?.number())
                }
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// A member: a text, a number, or anything else, which is not kept.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient {
    Text(String),
    Number(i64),
    Other(IgnoredAny),
}

impl Lenient {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Other(_) => None,
        }
    }

    fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(_) | Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(body: &str) -> Option<Problem> {
        read(StatusCode::SERVICE_UNAVAILABLE, body.as_bytes())
    }

    #[test]
    fn a_problem_is_read_as_it_is() {
        let read = problem(r#"{"type":"https://docs.upvest.co/errors/unauthorised","status":401,"title":"t","detail":"d","instance":"i","request_id":"r","new":1}"#).unwrap();
        assert_eq!(read.type_, "https://docs.upvest.co/errors/unauthorised");
        assert_eq!(read.status, 401);
        assert_eq!(read.request_id.as_deref(), Some("r"));
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_type_costs_nothing_else() {
        let read =
            problem(r#"{"type":7,"status":"503","detail":"Signature is incorrect"}"#).unwrap();
        assert_eq!(read.type_, "about:blank");
        assert_eq!(read.status, 503);
        assert_eq!(read.detail.as_deref(), Some("Signature is incorrect"));
    }

    #[test]
    fn one_member_is_enough_but_for_a_type_that_says_nothing() {
        for body in [
            r#"{"type":"t"}"#,
            r#"{"status":400}"#,
            r#"{"status":"?"}"#,
            r#"{"type":"about:blank","status":400}"#,
            r#"{"title":"t"}"#,
            r#"{"detail":"d"}"#,
            r#"{"instance":"i"}"#,
            r#"{"request_id":"r"}"#,
        ] {
            assert!(problem(body).is_some(), "{body}");
        }
        assert_eq!(problem(r#"{"type":"about:blank"}"#), None);
        assert_eq!(problem(r#"{"type":7}"#), None);
    }

    #[test]
    fn of_a_long_body_only_the_beginning_is_read() {
        let filler = "x".repeat(PREFIX);
        let first = problem(&format!(
            r#"{{"type":"t","detail":"d","more":["{filler}"]}}"#
        ))
        .unwrap();
        assert_eq!(
            (first.type_.as_str(), first.detail.as_deref()),
            ("t", Some("d"))
        );
        let last = problem(&format!(
            r#"{{"title":"t","more":"{filler}","detail":"d"}}"#
        ))
        .unwrap();
        assert_eq!((last.title.as_deref(), last.detail), (Some("t"), None));
        assert_eq!(problem(&format!("<html>{filler}")), None);
    }

    #[test]
    fn what_is_not_a_problem_is_none() {
        for body in [
            "",
            "{",
            "<html></html>",
            "[]",
            "null",
            "{}",
            r#"{"error":"invalid_client"}"#,
        ] {
            assert_eq!(problem(body), None, "{body}");
        }
    }
}
