//! What programs that send requests can ask of the description.

use serde_json::json;
use upvest_sandbox::{
    body_violations, description_json, event_example, event_types, parameter_violations,
};

#[test]
fn a_wrong_body_is_reported_place_by_place() {
    let body = json!({ "url": 7, "title": "x" });
    let found = body_violations("create_webhook", &body);
    assert!(
        found.contains(&"/url: expected string, found number".to_owned()),
        "{found:?}"
    );
    assert!(body_violations("list_webhooks", &body).is_empty());
    assert!(body_violations("nothing", &body).is_empty());
}

#[test]
fn a_wrong_parameter_is_reported() {
    let check = |name, values: &[&str]| parameter_violations("list_webhooks", name, values);
    assert!(check("limit", &["10"]).is_empty());
    assert!(!check("limit", &["0"]).is_empty());
    assert!(!check("limit", &["many"]).is_empty());
    assert!(check("unknown", &["0"]).is_empty());
    assert!(check("limit", &[]).is_empty());
}

#[test]
fn every_type_of_event_has_an_example() {
    let types = event_types();
    assert!(
        types.len() > 50 && types.contains(&"ORDER.FILLED"),
        "{types:?}"
    );
    for kind in types {
        let example = event_example(kind).expect(kind);
        assert_eq!(example["type"], kind);
        assert!(example["object"].is_object(), "{kind}");
    }
    assert_eq!(event_example("MOON.FULL"), None);
}

#[test]
fn each_operation_and_schema_begins_a_line() {
    let begins = |with: &str| {
        description_json()
            .lines()
            .any(|line| line.starts_with(with))
    };
    assert!(begins("{\"id\":\"create_webhook\","));
    assert!(begins("\"Webhook\":{"));
}
