//! `upvest webhooks trigger`: an event that did not happen.

use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;
use clap::Args;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use serde_json::{Map, Value, json};
use upvest_auth_signing::{SignatureVersion, Signer};
use upvest_http::Excerpt;
use upvest_sandbox::event_example;

use super::target::{Sent, Targets, http_address};
use crate::call::fields::{Pair, put};
use crate::clock;
use crate::failure::{Failure, FailureKind, with_sources};
use crate::kinds;
use crate::output;
use crate::profile::Admin;

/// Deliver an event, signed as Upvest signs
///
/// It is the example of the API's description, with a new id and time. The sandbox of this machine
/// delivers it to the subscriptions that it has; with `--url`, it is delivered straight to an address, signed
/// with a key of yours.
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
    #[command(flatten)]
    straight: Straight,
}

/// A delivery that goes straight to a receiver.
#[derive(Args)]
struct Straight {
    /// Deliver it to this address; the receiver has to know the key
    #[arg(long, value_name = "URL", requires_all = ["key", "key_id"], value_parser = url)]
    url: Option<Uri>,
    /// The file of the private key that signs
    #[arg(long, value_name = "PATH", requires = "url")]
    key: Option<PathBuf>,
    /// The file with its passphrase
    #[arg(long, value_name = "PATH", requires = "key")]
    passphrase_file: Option<PathBuf>,
    /// The id by which the receiver knows the key
    #[arg(long, value_name = "ID", requires = "url")]
    key_id: Option<String>,
}

/// Makes the event, and has it delivered.
pub(super) async fn run(arguments: TriggerArguments) -> Result<ExitCode, Failure> {
    let event = event(&arguments)?;
    let Straight {
        url, key, key_id, ..
    } = &arguments.straight;
    let sent = match (url, key, key_id) {
        (Some(url), Some(key), Some(key_id)) => {
            let passphrase = arguments.straight.passphrase_file.as_deref();
            let key = crate::keys::signing_key(key, passphrase)?;
            let signer = Signer::new(key, key_id.as_str()).version(SignatureVersion::V6);
            let request = delivery(url, &event, &signer)?;
            let targets = Targets::new(None, false, Vec::new(), Vec::new())?;
            Some(targets.send(request).await)
        }
        _ => {
            let events = json!([event]);
            let admin = Admin::at(None);
            admin.ask(Method::POST, "/events", Some(&events)).await?;
            None
        }
    };
    output::line(&format!("{:#}", Value::Object(event)))?;
    match sent {
        None => Ok(ExitCode::SUCCESS),
        Some(Sent::Failed(reason)) => Err(Failure::new(FailureKind::Unavailable, reason)),
        Some(sent) => {
            output::note(&format!("It was answered with {sent}"));
            Ok(ExitCode::from(u8::from(!sent.is_taken())))
        }
    }
}

/// A delivery with one event, signed by the rules of version 6, which deliveries are signed by.
fn delivery(
    url: &Uri,
    event: &Map<String, Value>,
    signer: &Signer,
) -> Result<Request<Bytes>, Failure> {
    let body = json!({ "payload": [event] }).to_string();
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.clone();
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let signed = signer.sign(&mut request);
    signed.map_err(|error| Failure::usage(with_sources(&error)))?;
    Ok(request)
}

fn event(arguments: &TriggerArguments) -> Result<Map<String, Value>, Failure> {
    let Some(Value::Object(mut event)) = event_example(&arguments.kind) else {
        let kind = Excerpt::new(&arguments.kind);
        let failure = Failure::usage(format!("the API has no event {kind}"));
        return Err(failure.help(kinds::advice(&arguments.kind)));
    };
    let id = || Value::from(uuid::Uuid::new_v4().to_string());
    event.insert("id".to_owned(), id());
    event.insert("created_at".to_owned(), clock::now().to_rfc3339().into());
    // Some examples lack the id of the subscription, which every event has.
    event.entry("webhook_id").or_insert_with(id);
    for text in &arguments.set {
        let pair = Pair::read(text)?;
        put(&mut event, &pair.name, pair.value(None)?)?;
    }
    for path in &arguments.remove {
        remove(&mut event, path)?;
    }
    Ok(event)
}

fn url(text: &str) -> Result<Uri, String> {
    http_address(text).ok_or_else(|| "write http://localhost:3000/hook".to_owned())
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

#[cfg(test)]
mod tests {
    use upvest_sandbox::event_types;
    use upvest_webhooks::Event;

    use super::*;

    #[test]
    fn every_event_is_as_the_models_have_it() {
        for kind in event_types() {
            let arguments = TriggerArguments {
                kind: kind.to_owned(),
                set: Vec::new(),
                remove: Vec::new(),
                straight: Straight {
                    url: None,
                    key: None,
                    passphrase_file: None,
                    key_id: None,
                },
            };
            let event = event(&arguments).expect("an example");
            let event = Event::from_json(&Value::Object(event).to_string());
            assert!(event.content().is_ok(), "{kind}: {:?}", event.content());
        }
    }
}
