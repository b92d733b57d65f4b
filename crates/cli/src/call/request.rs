//! What was given for a call.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Map, Value};
use upvest::{Client, OperationCall, OperationInfo};
use upvest_sandbox::{body_violations, parameter_violations};

use super::arguments::{IDEMPOTENCY_KEY, Options, PAIRS};
use super::fields::{self, Pair};
use crate::description::{Operation, Parameter, Place};
use crate::failure::{Failure, FailureKind};
use crate::input;
use crate::near;
use crate::profile::Settings;

/// The arguments of a call.
#[derive(Clone)]
pub(super) struct Given {
    parameters: Vec<(&'static str, Place, bool, Vec<String>)>,
    /// Nothing if nothing of the body was given.
    body: Option<Value>,
    is_form: bool,
}

impl Given {
    /// Reads options, pairs and the file of the body.
    pub(super) fn read(
        operation: &Operation,
        matches: &ArgMatches,
        options: &Options,
    ) -> Result<Self, Failure> {
        let mut pairs = Vec::new();
        for text in matches.get_many::<String>(PAIRS).into_iter().flatten() {
            pairs.push(Pair::read(text)?);
        }
        for name in operation
            .given()
            .map(|one| one.name.to_owned())
            .chain(field_names(operation))
        {
            let values = matches.try_get_many::<String>(&name).ok().flatten();
            pairs.extend(values.into_iter().flatten().map(|text| Pair {
                name: name.clone(),
                text: text.clone(),
                is_json: false,
            }));
        }
        let mut given = Self {
            parameters: Vec::new(),
            body: options.body.as_deref().map(read_body).transpose()?,
            is_form: is_form(operation),
        };
        let mut names = Vec::new();
        for pair in pairs {
            let name = pair.name.to_ascii_lowercase();
            if names.contains(&name) && !is_list(operation, &pair.name) {
                return Err(Failure::usage(format!("{} is given twice", pair.name)));
            }
            names.push(name);
            let is_named = |one: &&Parameter| one.name.eq_ignore_ascii_case(&pair.name);
            match operation.given().find(is_named) {
                Some(parameter) => given.add_parameter(parameter, pair.text),
                None => given.add_field(operation, &pair)?,
            }
        }
        Ok(given)
    }

    fn add_parameter(&mut self, parameter: &Parameter, text: String) {
        let is_list = parameter.schema.kind().as_deref() == Some("array");
        let texts: Vec<String> = match is_list {
            true => text.split(',').map(str::to_owned).collect(),
            false => vec![text],
        };
        let mut there = self.parameters.iter_mut();
        match there.find(|(name, ..)| *name == parameter.name) {
            Some((.., values)) if is_list => values.extend(texts),
            Some((.., values)) => *values = texts,
            None => {
                let Parameter {
                    name,
                    place,
                    explode,
                    ..
                } = *parameter;
                self.parameters.push((name, place, explode, texts));
            }
        }
    }

    fn add_field(&mut self, operation: &Operation, pair: &Pair) -> Result<(), Failure> {
        let name = &pair.name;
        let schema = operation.body.as_ref().map(|body| &body.schema);
        let known = schema.map(|schema| schema.fields()).unwrap_or_default();
        let first = name.split('.').next().unwrap_or(name);
        if !pair.is_json && !known.iter().any(|field| field.name == first) {
            let parameters = operation.given().map(|one| one.name);
            let fields = known.iter().map(|field| field.name.as_str());
            let near = near::nearest(first, parameters.chain(fields));
            let near = near.map(|near| format!("is it `{near}`? "));
            let help = "`--help` lists its arguments; NAME:=JSON sends any field";
            let failure = Failure::usage(format!("the operation has no argument {name:?}"));
            return Err(failure.help(near.unwrap_or_default() + help));
        }
        let schema = schema.and_then(|schema| fields::schema_at(schema, name));
        let value = pair.value(schema.as_ref())?;
        let body = self.body.get_or_insert_with(|| Value::Object(Map::new()));
        match body {
            Value::Object(members) => fields::put(members, name, value),
            _ => Err(Failure::usage(format!(
                "the body is not an object, so it cannot have the field {name:?}"
            ))),
        }
    }

    /// Adds client id and secret from the settings to a request for a token, so that nobody has to write
    /// them on a command line.
    pub(super) fn add_credentials(&mut self, settings: &Settings) {
        let body = self.body.get_or_insert_with(|| Value::Object(Map::new()));
        if let (Value::Object(fields), Some((id, secret))) = (body, settings.credentials()) {
            let mut add = |name: &str, value: &str| {
                fields.entry(name).or_insert_with(|| value.into());
            };
            add("client_id", &id);
            add("client_secret", &secret);
            add("grant_type", "client_credentials");
        }
    }

    /// The idempotency key of the call: as it was given, or made up. Nothing if the operation takes none.
    pub(super) fn idempotency_key(&mut self, operation: &Operation) -> Option<String> {
        let mut taken = operation.given();
        let parameter = taken.find(|one| one.name.eq_ignore_ascii_case(IDEMPOTENCY_KEY))?;
        let mut given = self.parameters.iter();
        if let Some((.., values)) = given.find(|(name, ..)| *name == parameter.name) {
            return values.first().cloned();
        }
        let key = uuid::Uuid::new_v4().to_string();
        self.add_parameter(parameter, key.clone());
        Some(key)
    }

    /// Compares everything with the description.
    ///
    /// # Errors
    ///
    /// When something is missing or wrong: one error names all of it.
    pub(super) fn check(&self, info: &OperationInfo, operation: &Operation) -> Result<(), Failure> {
        let mut found = Vec::new();
        for parameter in operation.given() {
            let values = self
                .parameters
                .iter()
                .find(|(name, ..)| *name == parameter.name);
            match values {
                Some((name, .., values)) => {
                    let values: Vec<&str> = values.iter().map(String::as_str).collect();
                    let wrong = parameter_violations(info.id, name, &values);
                    found.extend(wrong.into_iter().map(|one| format!("{name}: {one}")));
                }
                // A key is made up for those that change something.
                None if parameter.required && parameter.name != IDEMPOTENCY_KEY => {
                    found.push(format!("{} is missing", parameter.name));
                }
                None => {}
            }
        }
        if operation.body.is_some() {
            let nothing = Value::Object(Map::new());
            found.extend(body_violations(
                info.id,
                self.body.as_ref().unwrap_or(&nothing),
            ));
        } else if self.body.is_some() {
            found.push("the operation takes no body".to_owned());
        }
        if found.is_empty() {
            return Ok(());
        }
        let failure = Failure::usage(format!("{}: {}", info.id, found.join("; ")));
        Err(failure.help(format!(
            "`upvest call {} --help` lists its arguments",
            info.id
        )))
    }

    /// The call.
    pub(super) fn call(self, client: &Client, info: &'static OperationInfo) -> OperationCall {
        let mut call = client.call_operation(info);
        for (name, place, explode, values) in self.parameters {
            call = match place {
                Place::Path => call.path(name, values.join(",")),
                Place::Header => call.header(name, values.join(",")),
                Place::Query if explode => call.query(name, values),
                Place::Query => call.query_joined(name, values),
            };
        }
        match self.body {
            Some(body) if self.is_form => call.form(body),
            Some(body) => call.json(body),
            None => call,
        }
    }

    #[cfg(test)]
    pub(super) fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The same with another offset.
    pub(super) fn at_offset(mut self, offset: u64) -> Self {
        self.parameters.retain(|(name, ..)| *name != "offset");
        let offset = vec![offset.to_string()];
        self.parameters.push(("offset", Place::Query, true, offset));
        self
    }

    /// The offset that was asked for.
    pub(super) fn offset(&self) -> u64 {
        let mut parameters = self.parameters.iter();
        let offset = parameters.find(|(name, ..)| *name == "offset");
        offset
            .and_then(|(.., values)| values.first()?.parse().ok())
            .unwrap_or(0)
    }
}

fn field_names(operation: &Operation) -> Vec<String> {
    let fields = operation.body.iter().flat_map(|body| body.schema.fields());
    let is_parameter = |name: &str| operation.parameters.iter().any(|one| one.name == name);
    fields
        .map(|field| field.name)
        .filter(|name| !is_parameter(name))
        .collect()
}

fn is_form(operation: &Operation) -> bool {
    let body = operation.body.as_ref();
    body.is_some_and(|body| body.media == "application/x-www-form-urlencoded")
}

/// Whether an argument or a field can be given many times.
fn is_list(operation: &Operation, name: &str) -> bool {
    let mut given = operation.given();
    let parameter = given.find(|one| one.name.eq_ignore_ascii_case(name));
    let body = || Some(&operation.body.as_ref()?.schema);
    let kind = match parameter {
        Some(parameter) => parameter.schema.kind(),
        None => body()
            .and_then(|body| fields::schema_at(body, name))
            .and_then(|schema| schema.kind()),
    };
    kind.as_deref() == Some("array")
}

fn read_body(path: &Path) -> Result<Value, Failure> {
    let text = input::text(path).map_err(|failure| failure.of(FailureKind::Usage))?;
    let name = input::name(path);
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("the body in `{name}` is empty")));
    }
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("the body in `{name}` is not JSON: {error}")))
}
