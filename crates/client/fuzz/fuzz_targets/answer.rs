//! Any bytes as the answer to a call: status, headers and body.
//!
//! The first byte chooses the status, the next three how long `retry-after`, `date` and
//! `upvest-request-id` are; the rest is the body.

#![no_main]

use std::convert::Infallible;
use std::future::ready;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;
use tower::service_fn;
use upvest_client::{Body, Client, Error, RetryPolicy};

const STATUSES: [u16; 8] = [200, 400, 401, 403, 404, 422, 429, 503];

/// How many characters of a line there may be. Of each text in it at most 300 are shown.
const LONGEST_LINE: usize = 8192;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().expect("a runtime")
});

fuzz_target!(|input: &[u8]| {
    let Some(([status, lengths @ ..], mut rest)) = input.split_first_chunk::<4>() else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let mut headers = HeaderMap::new();
    for (name, length) in ["retry-after", "date", "upvest-request-id"]
        .into_iter()
        .zip(lengths)
    {
        let (value, behind) = rest.split_at(rest.len().min(usize::from(*length) % 40));
        rest = behind;
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_bytes(value)) {
            headers.insert(name, value);
        }
    }
    match call(status, &headers, rest) {
        Ok(currency) => assert_eq!(status, 200, "{currency}"),
        Err(error) => check(&error, status, rest),
    }
});

/// The currency of the balance that a call returns which is answered in this way.
fn call(status: u16, headers: &HeaderMap, body: &[u8]) -> Result<String, Error> {
    let (headers, body) = (headers.clone(), Bytes::copy_from_slice(body));
    let client = Client::builder("https://api.example")
        .retries(RetryPolicy::none())
        .transport(service_fn(move |_: Request<Bytes>| {
            let mut response = Response::new(Body::from(body.clone()));
            *response.status_mut() = status.try_into().expect("a status");
            *response.headers_mut() = headers.clone();
            ready(Ok::<_, Infallible>(response))
        }))
        .build()?;
    let id = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";
    let call = client.retrieve_cash_balance_by_currency(id, "EUR");
    RUNTIME
        .block_on(call.send())
        .map(|balance| format!("{:?}", balance.currency))
}

/// The error keeps what arrived, and reports it in one line that is not too long.
fn check(error: &Error, status: u16, body: &[u8]) {
    assert_eq!(
        error.status().map(|it| it.as_u16()),
        Some(status),
        "{error}"
    );
    assert_eq!(error.body().map(|it| &it[..]), Some(body));
    assert_eq!(error.attempts(), 1);
    let line = error.to_string();
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(line.chars().count() <= LONGEST_LINE, "{line}");
    assert!(
        line.starts_with("retrieve_cash_balance_with_currency: "),
        "{line}"
    );
    if let Some(problem) = error.problem() {
        assert!(!error.is_decode(), "a success has no problem");
        assert_eq!(body.trim_ascii_start().first(), Some(&b'{'), "{problem:?}");
    }
    // Whatever is asked for, reading it does not fail, and `Debug` is one line as well.
    let _ = error.retry_after();
    assert!(!format!("{error:?}").contains('\n'), "{error:?}");
}
