//! Reading problem details from the body of an error.

use http::StatusCode;
use serde_json::{Map, Value};
use upvest_models::Problem;

/// What [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1) makes of a missing type.
const BLANK: &str = "about:blank";

/// The problem that a body describes, if it is a JSON object with at least one member of a problem.
///
/// The errors of an API are where surprises are least welcome, so this is lenient, as RFC 9457
/// asks: a member of the wrong type is taken as missing, and what is missing but required is
/// filled in: the type with `about:blank`, the status with that of the response.
pub(super) fn read(status: StatusCode, body: &[u8]) -> Option<Problem> {
    let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let text = |name: &str| members.get(name)?.as_str().map(str::to_owned);
    let problem = Problem {
        type_: text("type").unwrap_or_else(|| BLANK.to_owned()),
        status: members
            .get("status")
            .and_then(Value::as_i64)
            .unwrap_or_else(|| status.as_u16().into()),
        title: text("title"),
        detail: text("detail"),
        instance: text("instance"),
        request_id: text("request_id"),
    };
    let says_nothing = problem.type_ == BLANK
        && problem.title.is_none()
        && problem.detail.is_none()
        && problem.instance.is_none()
        && problem.request_id.is_none()
        && !members.contains_key("status");
    (!says_nothing).then_some(problem)
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
    fn what_is_no_problem_is_none() {
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
