//! A request, read and checked against the description of its operation.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Map, Value};

use crate::description::{Body, Operation, Parameters, Place, Violation, typed, violations};
use crate::refusal::Refusal;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How many faults of a request are reported.
const MAX_FAULTS: usize = 10;

/// A valid request for an operation.
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    /// The values in the path, which are not checked: a text that is not an id names nothing.
    pub(crate) path: Parameters,
    pub(crate) query: BTreeMap<String, Value>,
    /// Null if there is none.
    pub(crate) body: Value,
    pub(crate) accept: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) client_id: String,
}

impl Call {
    pub(crate) fn read(
        operation: &'static Operation,
        path: Parameters,
        client_id: &str,
        request: &Request<Bytes>,
    ) -> Result<Self, Refusal> {
        let headers = request.headers();
        check_headers(operation, headers)?;
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let takes_key = operation
            .parameter(Place::Header, IDEMPOTENCY_KEY)
            .is_some();
        Ok(Self {
            operation,
            path,
            query: query(operation, request.uri().query().unwrap_or_default())?,
            body: match &operation.body {
                Some(described) => body(described, headers, request.body())?,
                None => Value::Null,
            },
            accept: text(ACCEPT.as_str()).unwrap_or_default().to_owned(),
            idempotency_key: text(IDEMPOTENCY_KEY)
                .filter(|_| takes_key)
                .map(str::to_owned),
            client_id: client_id.to_owned(),
        })
    }

    /// The fields of the body.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        self.body.as_object().cloned().unwrap_or_default()
    }

    /// A text of the query.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name)?.as_str()
    }

    /// A number of the query.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        let number = self.query.get(name)?.as_u64()?;
        usize::try_from(number).ok()
    }
}

fn check_headers(operation: &Operation, headers: &HeaderMap) -> Result<(), Refusal> {
    let described = operation.parameters.iter();
    for parameter in described.filter(|one| one.place == Place::Header && !one.is(ACCEPT.as_str()))
    {
        match headers.get(&parameter.name) {
            Some(value) => {
                let value = Value::from(String::from_utf8_lossy(value.as_bytes()));
                let found = violations(&parameter.schema, &value);
                refuse(&format!("The header {} is", parameter.name), &found)?;
            }
            None if parameter.required => {
                let refusal = Refusal::bad(format!("The header {} is missing", parameter.name));
                return Err(match parameter.is(IDEMPOTENCY_KEY) {
                    true => refusal.slug("missing_idempotency_key"),
                    false => refusal,
                });
            }
            None => {}
        }
    }
    Ok(())
}

fn query(operation: &Operation, query: &str) -> Result<BTreeMap<String, Value>, Refusal> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        form_urlencoded::parse(query.as_bytes()).collect();
    let mut values = BTreeMap::new();
    let mut found = Vec::new();
    for parameter in operation
        .parameters
        .iter()
        .filter(|one| one.place == Place::Query)
    {
        let given: Vec<&str> = pairs
            .iter()
            .filter(|(name, _)| *name == parameter.name)
            .map(|(_, value)| value.as_ref())
            .collect();
        if given.is_empty() {
            if parameter.required {
                found.push(Violation {
                    pointer: parameter.name.clone(),
                    reason: "it is missing".to_owned(),
                });
            }
            continue;
        }
        let value = typed(&parameter.schema, &given);
        found.extend(
            violations(&parameter.schema, &value)
                .into_iter()
                .map(|one| Violation {
                    pointer: format!("{}{}", parameter.name, one.pointer),
                    ..one
                }),
        );
        values.insert(parameter.name.clone(), value);
    }
    refuse("The query is", &found)?;
    Ok(values)
}

fn body(described: &Body, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let media = &described.media;
    if body.is_empty() && !described.required && !headers.contains_key(CONTENT_TYPE) {
        let found = violations(&described.schema, &Value::Object(Map::new()));
        if found.is_empty() {
            return Ok(Value::Null);
        }
    }
    if headers.get(CONTENT_TYPE).map(|value| value.as_bytes()) != Some(media.as_bytes()) {
        return Err(Refusal::bad(format!("The content type is not {media}")));
    }
    if media != "application/json" {
        return Ok(Value::Null);
    }
    let value = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad(format!("The body is not as described: {error}")))?;
    refuse("The body is", &violations(&described.schema, &value))?;
    Ok(value)
}

fn refuse(what: &str, found: &[Violation]) -> Result<(), Refusal> {
    if found.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = found
        .iter()
        .take(MAX_FAULTS)
        .map(Violation::to_string)
        .collect();
    let detail = format!("{what} not as described: {}", shown.join("; "));
    Err(Refusal::new(StatusCode::BAD_REQUEST, detail))
}
