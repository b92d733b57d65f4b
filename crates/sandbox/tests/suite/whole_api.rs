//! Every operation of the description, with the examples of the description.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use upvest_auth_signing::Clock as _;

use crate::support::{Fixture, refused, set};

/// The description as the sandbox embeds it.
pub(crate) fn description() -> Value {
    let text = include_str!("../../src/generated/api.json");
    serde_json::from_str(text).expect("it is JSON")
}

pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("it is text")
}

/// A sandbox in which nothing happens by itself, with enough cash for every example.
pub(crate) async fn fixture() -> Fixture {
    let day = Duration::from_secs(24 * 60 * 60);
    let fixture = Fixture::start_with(|builder| builder.processing_time(day)).await;
    let mut balance = json!(fixture.sandbox.balance(fixture.sandbox.account_group_id()));
    for name in [
        "balance",
        "available_for_trading",
        "available_for_withdrawal",
    ] {
        balance[name] = json!("1000000");
    }
    let balance = serde_json::from_value(balance).expect("it is a balance");
    fixture.sandbox.set_balance(balance);
    fixture
}

/// The ids that there are, by the names that paths have for them.
struct Ids<'f> {
    fixture: &'f Fixture,
    made: BTreeMap<String, String>,
}

impl Ids<'_> {
    fn find(&self, name: &str) -> Option<String> {
        let suffix = format!("/{{{name}}}");
        let mut made = self.made.iter();
        let made = made.find(|(path, _)| path.ends_with(&suffix));
        let demo = || self.fixture.sandbox.demo_id(name);
        made.map(|(_, id)| id.clone()).or_else(demo)
    }

    /// The id that a path has in the place of a parameter.
    fn find_in(&self, path: &str, name: &str) -> Option<String> {
        let (before, _) = path.split_once(&format!("{{{name}}}"))?;
        // An order that was just placed has no executions yet.
        if path.starts_with("/orders")
            && path.contains("{execution_id}")
            && let Some(id) = self.fixture.sandbox.demo_id(name)
        {
            return Some(id);
        }
        let made = self.made.get(&format!("{before}{{{name}}}"));
        made.cloned().or_else(|| self.find(name))
    }

    /// The path with ids that exist, or else with examples or made up ones.
    fn path(&self, operation: &Value) -> String {
        let mut path = text(&operation["path"]).to_owned();
        for parameter in array(&operation["parameters"]) {
            let name = text(&parameter["name"]);
            let example = example(parameter);
            let instrument = name == "instrument_id";
            let value = match self.find_in(text(&operation["path"]), name) {
                _ if instrument => "US0378331005".to_owned(),
                Some(id) => id,
                None if name == "currency" => "EUR".to_owned(),
                None => example.unwrap_or_else(|| made_up(parameter)),
            };
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &value);
            }
        }
        path + &self.query(operation)
    }

    /// What has to be in the query.
    fn query(&self, operation: &Value) -> String {
        let required = array(&operation["parameters"]).iter();
        let required = required.filter(|one| one["in"] == "query" && one["required"] == true);
        let pairs: Vec<String> = required
            .map(|one| {
                let name = text(&one["name"]);
                let id = self.find(name);
                let value = id.or_else(|| example(one));
                let value = value.unwrap_or_else(|| "2024-01-01".to_owned());
                format!("{name}={value}")
            })
            .collect();
        match pairs.is_empty() {
            true => String::new(),
            false => format!("?{}", pairs.join("&")),
        }
    }

    /// An example of a body, about what exists.
    fn body(&self, example: &Value) -> Value {
        let mut body = example.clone();
        for (name, value) in body.as_object_mut().into_iter().flatten() {
            let plain = name
                .trim_start_matches("source_")
                .trim_start_matches("target_");
            if let Some(id) = self.find(plain) {
                *value = json!(id);
            }
            if name == "url" {
                *value = json!("http://127.0.0.1:1/");
            }
            // A savings plan is executed today, so that there is an execution.
            if name == "start_date" {
                let now = chrono::DateTime::<chrono::Utc>::from(self.fixture.clock.now());
                *value = json!(now.date_naive());
            }
        }
        body
    }
}

/// A value of a parameter: its example, or the first that its schema has.
fn example(parameter: &Value) -> Option<String> {
    let of_schema = first_value(&description(), &parameter["schema"]);
    let given = parameter["examples"][0].as_str().map(str::to_owned);
    given.or(of_schema)
}

fn made_up(parameter: &Value) -> String {
    let is_id = parameter["schema"]["format"] == "uuid";
    let value = if is_id {
        "5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13"
    } else {
        "list"
    };
    value.to_owned()
}

fn first_value(description: &Value, schema: &Value) -> Option<String> {
    let given = schema["example"].as_str().or(schema["enum"][0].as_str());
    let parts = [
        schema["$ref"]
            .as_str()
            .map(|name| &description["schemas"][name]),
        schema["allOf"].get(0),
    ];
    let mut parts = parts.into_iter().flatten();
    let of_part = || parts.find_map(|part| first_value(description, part));
    given.map(str::to_owned).or_else(of_part)
}

async fn call(ids: &Ids<'_>, operation: &Value, body: Option<Value>) -> Response<Bytes> {
    let fixture = ids.fixture;
    let scopes: Vec<&str> = array(&operation["scopes"]).iter().map(text).collect();
    let mut request = fixture.request(text(&operation["method"]), &ids.path(operation));
    let token = fixture.token(scopes[0]).await;
    set(&mut request, "authorization", &format!("Bearer {token}"));
    for parameter in array(&operation["parameters"]) {
        if text(&parameter["name"]).eq_ignore_ascii_case("idempotency-key") {
            set(
                &mut request,
                "idempotency-key",
                &uuid::Uuid::new_v4().to_string(),
            );
        }
    }
    if let Some(body) = body {
        set(
            &mut request,
            "content-type",
            text(&operation["body"]["media"]),
        );
        *request.body_mut() = body.to_string().into();
    }
    fixture.sign_and_send(request).await
}

/// Operations in the order in which they can be called: nothing is taken away that is still needed.
fn operations(description: &Value) -> Vec<&Value> {
    let mut operations: Vec<&Value> = array(&description["operations"]).iter().collect();
    let rank = |method: &str| {
        ["POST", "PUT", "PATCH", "GET", "DELETE"]
            .iter()
            .position(|one| *one == method)
    };
    operations.sort_by_key(|one| rank(text(&one["method"])));
    operations
}

#[tokio::test]
async fn every_operation_is_answered_as_described() {
    let fixture = fixture().await;
    let description = description();
    let mut ids = Ids {
        fixture: &fixture,
        made: BTreeMap::new(),
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for operation in operations(&description) {
        if operation["path"] == "/auth/token" {
            continue;
        }
        let examples = array(&operation["body"]["examples"]);
        let bodies: Vec<Option<Value>> = match operation["body"].is_null() {
            true => vec![None],
            false => examples.iter().map(|one| Some(ids.body(one))).collect(),
        };
        assert!(!bodies.is_empty(), "{} has no example", operation["id"]);
        for body in bodies {
            let response = call(&ids, operation, body).await;
            if response.status().as_u16() != operation["answer"]["status"] {
                let answer = String::from_utf8_lossy(response.body()).into_owned();
                wrong.push(format!(
                    "{}: {} {answer}",
                    operation["id"],
                    response.status()
                ));
                continue;
            }
            remember(&mut ids, operation, &response);
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count + 1, array(&description["operations"]).len());
    assert_eq!(count, 156);
}

/// What a `POST` made, or the first of a list where nothing was made, goes by the name that the path of its
/// retrieval has for it.
fn remember(ids: &mut Ids<'_>, operation: &Value, response: &Response<Bytes>) {
    let answer = serde_json::from_slice::<Value>(response.body()).unwrap_or_default();
    let id = match text(&operation["method"]) {
        "POST" => &answer["id"],
        "GET" => &answer["data"][0]["id"],
        _ => return,
    };
    let id = id.as_str().map(str::to_owned);
    let description = description();
    let below = format!("{}/{{", text(&operation["path"]));
    let paths = array(&description["operations"])
        .iter()
        .map(|one| text(&one["path"]));
    let rest = paths.filter_map(|path| path.strip_prefix(&below)?.strip_suffix('}'));
    let name = rest
        .filter(|name| !name.contains('/'))
        .map(str::to_owned)
        .next();
    // Most things belong to what is there from the start.
    let is_owner = ["user_id", "account_id", "account_group_id", "business_id"];
    if let (Some(name), Some(id)) = (name, id)
        && !is_owner.contains(&name.as_str())
    {
        let path = format!("{}/{{{name}}}", text(&operation["path"]));
        if operation["method"] == "POST" {
            ids.made.insert(path, id);
        } else {
            ids.made.entry(path).or_insert(id);
        }
    }
}

#[tokio::test]
async fn every_operation_wants_its_scopes_its_body_and_its_key() {
    let fixture = fixture().await;
    let description = description();
    let ids = Ids {
        fixture: &fixture,
        made: BTreeMap::new(),
    };
    for operation in operations(&description) {
        if operation["path"] == "/auth/token" {
            continue;
        }
        let id = text(&operation["id"]);
        let accepted: Vec<&str> = array(&operation["scopes"]).iter().map(text).collect();
        let mut other = array(&description["scopes"]).iter().map(text);
        let other = other.find(|scope| !accepted.contains(scope)).unwrap();
        let method = text(&operation["method"]);
        let path = ids.path(operation);
        let send = async |scope: &str, body: Option<&str>| {
            let mut request = fixture.request(method, &path);
            let token = fixture.token(scope).await;
            set(&mut request, "authorization", &format!("Bearer {token}"));
            if let Some(body) = body {
                set(&mut request, "content-type", "application/json");
                *request.body_mut() = Bytes::copy_from_slice(body.as_bytes());
            }
            fixture.sign_and_send(request).await
        };
        let response = send(other, None).await;
        let detail = format!(
            "The access token has none of the scopes that this operation takes: {}",
            accepted.join(", ")
        );
        refused(&response, 403, "forbidden", &detail);

        let wants_key = array(&operation["parameters"]).iter().any(|one| {
            text(&one["name"]).eq_ignore_ascii_case("idempotency-key") && one["required"] == true
        });
        if wants_key {
            let response = send(accepted[0], Some("{}")).await;
            refused(
                &response,
                400,
                "missing_idempotency_key",
                "The header idempotency-key",
            );
        } else if !operation["body"].is_null() {
            let response = send(accepted[0], Some("[]")).await;
            let detail = "The body is not as described";
            assert_eq!(response.status(), 400, "{id}");
            refused(&response, 400, "bad_request", detail);
        }
    }
}
