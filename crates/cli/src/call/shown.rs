//! A request that is shown instead of sent.

use std::sync::{Arc, Mutex, PoisonError};

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, Request, Response};
use upvest::{Body, Bytes};

use super::arguments::Call;
use super::request::Given;
use crate::failure::{Failure, FailureKind};
use crate::output;
use crate::profile::Settings;

/// Where `upvest proxy` listens unless set otherwise.
const PROXY: &str = "http://127.0.0.1:3000";

/// A token that is not valid, so that the request that is shown cannot be used.
const TOKEN: &str = r#"{"access_token":"shown","token_type":"bearer","expires_in":3600}"#;

/// Prints the request of a call: as it would be sent, or as a command for curl.
pub(super) async fn print(call: &Call, given: Given, settings: &Settings) -> Result<(), Failure> {
    let request = made(call, given, settings).await?;
    let text = match call.options.curl {
        true => curl(&request),
        false => as_sent(&request),
    };
    output::print(text.as_bytes())?;
    if !call.globals.quiet && call.options.dry_run && !call.info.scopes.is_empty() {
        output::note("note: nothing was sent. The signature is for a token that does not exist.");
    }
    Ok(())
}

/// The request with all that the client adds. No token is fetched for it.
async fn made(call: &Call, given: Given, settings: &Settings) -> Result<Request<Bytes>, Failure> {
    let kept = Arc::new(Mutex::new(None));
    let keeping = Arc::clone(&kept);
    let is_token_call = call.info.path == "/auth/token";
    let transport = tower::service_fn(move |request: Request<Bytes>| {
        let asks_for_token = request.uri().path().ends_with("/auth/token");
        let answer = match asks_for_token && !is_token_call {
            true => TOKEN,
            false => {
                let mut kept = keeping.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some(request);
                "{}"
            }
        };
        async move { Ok::<_, std::convert::Infallible>(Response::new(Body::from(answer))) }
    });
    let client = settings.builder().await?.transport(transport).build()?;
    given.call(&client, call.info).send().await?;
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    kept.ok_or_else(|| Failure::new(FailureKind::Other, "the client made no request"))
}

fn as_sent(request: &Request<Bytes>) -> String {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut text = format!("{} {target} HTTP/1.1\n", request.method());
    if let Some(host) = request.uri().authority() {
        text.push_str(&format!("{HOST}: {host}\n"));
    }
    for (name, value) in lines(request.headers()) {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push('\n');
    if !request.body().is_empty() {
        text.push_str(&shown_body(request));
        text.push('\n');
    }
    text
}

/// Names and values, without the token.
fn lines(headers: &HeaderMap) -> impl Iterator<Item = (&str, String)> {
    headers.iter().map(|(name, value)| {
        let value = match *name == AUTHORIZATION {
            true => "Bearer [redacted]".to_owned(),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        (name.as_str(), value)
    })
}

/// The body, without the client secret.
fn shown_body(request: &Request<Bytes>) -> String {
    let body = String::from_utf8_lossy(request.body());
    let is_form = request
        .headers()
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|kind| {
            kind.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
    if !is_form {
        return body.into_owned();
    }
    let fields = body
        .split('&')
        .map(|field| match field.starts_with("client_secret=") {
            true => "client_secret=[redacted]",
            false => field,
        });
    fields.collect::<Vec<_>>().join("&")
}

/// A command that sends the request through the proxy, which adds token and signature.
fn curl(request: &Request<Bytes>) -> String {
    const KEPT: [&str; 4] = [
        "accept",
        "content-type",
        "idempotency-key",
        "upvest-api-version",
    ];
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut text = format!(
        "curl -X {} {}",
        request.method(),
        quoted(&format!("{PROXY}{target}"))
    );
    for (name, value) in lines(request.headers()).filter(|(name, _)| KEPT.contains(name)) {
        text.push_str(&format!(
            " \\\n  -H {}",
            quoted(&format!("{name}: {value}"))
        ));
    }
    if !request.body().is_empty() {
        text.push_str(&format!(
            " \\\n  --data-binary {}",
            quoted(&shown_body(request))
        ));
    }
    text.push('\n');
    text
}

/// A text for a POSIX shell, in which nothing is special between single quotes but the single quote.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_what_was_meant() {
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
