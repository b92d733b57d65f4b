//! `upvest webhooks trigger`: an event that did not happen.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};
use upvest::models::{DateTime, Utc};
use upvest_http::Excerpt;
use upvest_sandbox::{event_example, event_types};

use crate::call::fields::{Pair, put};
use crate::failure::Failure;
use crate::output;
use crate::profile::Admin;

/// Let the sandbox of this machine deliver an event, signed as Upvest signs
///
/// It is the example of the API's description, with an id and a time of its own.
#[derive(Args)]
pub(super) struct TriggerArguments {
    /// The type: ORDER.FILLED
    kind: String,
    /// Set a field: object.status=CANCELLED, or object.quantity:=5 for JSON
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Leave a field out: object.user_id
    #[arg(long, value_name = "PATH")]
    remove: Vec<String>,
}

/// Makes the event, and has it delivered.
pub(super) async fn run(arguments: TriggerArguments) -> Result<ExitCode, Failure> {
    let event = event(&arguments)?;
    let admin = Admin::at(None);
    admin
        .ask(Method::POST, "/events", Some(&json!([event])))
        .await?;
    output::line(&format!("{:#}", Value::Object(event)))?;
    Ok(ExitCode::SUCCESS)
}

fn event(arguments: &TriggerArguments) -> Result<Map<String, Value>, Failure> {
    let Some(Value::Object(mut event)) = event_example(&arguments.kind) else {
        let kind = Excerpt::new(&arguments.kind);
        let failure = Failure::usage(format!("the API has no event {kind}"));
        return Err(failure.help(format!("it has these: {}", event_types().join(", "))));
    };
    event.insert("id".to_owned(), uuid::Uuid::new_v4().to_string().into());
    event.insert("created_at".to_owned(), now().into());
    for text in &arguments.set {
        let pair = Pair::read(text)?;
        put(&mut event, &pair.name, pair.value(None)?)?;
    }
    for path in &arguments.remove {
        remove(&mut event, path)?;
    }
    Ok(event)
}

/// This moment, as events tell theirs.
fn now() -> String {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    let moment = DateTime::<Utc>::from_timestamp(seconds, since.subsec_nanos());
    moment.unwrap_or_default().to_rfc3339()
}

fn remove(fields: &mut Map<String, Value>, path: &str) -> Result<(), Failure> {
    let missing = || Failure::usage(format!("the event has no field {path:?}"));
    match path.split_once('.') {
        None => fields.shift_remove(path).map(drop).ok_or_else(missing),
        Some((first, rest)) => match fields.get_mut(first) {
            Some(Value::Object(inner)) => remove(inner, rest),
            _ => Err(missing()),
        },
    }
}
