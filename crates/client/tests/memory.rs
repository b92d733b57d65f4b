//! What the error of a call takes of memory.
//!
//! A separate program, as it replaces the allocator.

use std::convert::Infallible;
use std::future::ready;
use std::io;

use allocation_counter::measure;
use http_body::Frame;
use http_body_util::StreamBody;
use upvest_client::{Body, Bytes, Client, Error, RetryPolicy};

const MIB: usize = 1024 * 1024;

/// The length of a body, and of each part that it arrives in.
const BODY: usize = 16 * MIB;
const PART: usize = 64 * 1024;

/// A JSON body that begins in this way and continues with the same text.
fn body(begins: &str, goes_on: &str) -> Bytes {
    let mut text = begins.to_owned();
    text.push_str(&goes_on.repeat(BODY / goes_on.len()));
    text.into()
}

/// The error of a call that is answered with 503 and this body, and the most bytes that were allocated
/// at a time meanwhile.
fn call(body: &Bytes) -> (Error, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let body = body.clone();
    let client = Client::builder("https://api.example")
        .retries(RetryPolicy::none())
        .transport(tower::service_fn(move |_: http::Request<Bytes>| {
            let (body, starts) = (body.clone(), (0..body.len()).step_by(PART));
            let parts = starts.map(move |start| {
                let part = body.slice(start..body.len().min(start + PART));
                Ok::<_, io::Error>(Frame::data(part))
            });
            let parts = Body::wrap(StreamBody::new(futures_util::stream::iter(parts)));
            let mut response = http::Response::new(parts);
            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            ready(Ok::<_, Infallible>(response))
        }))
        .build()
        .unwrap();
    let call = client.list_webhooks();
    let mut error = None;
    let taken = measure(|| error = runtime.block_on(call.send()).err());
    (error.unwrap(), taken.bytes_max)
}

#[test]
fn an_error_takes_little_more_memory_than_its_body() {
    for (begins, goes_on) in [
        (r#"{"type":"t","detail":""#, "x"),
        (r#"{"type":"t","errors":["#, r#"{"a":[1,2]},"#),
        (r#"{"type":"t","errors":["#, "["),
        (r#"{"type":"t""#, r#","detail":"d""#),
        ("[", r#"{"a":1},"#),
        ("", "<p>"),
    ] {
        let body = body(begins, goes_on);
        let (error, taken) = call(&body);
        assert_eq!(error.body(), Some(&body));
        // It is put together of its parts once; what else there is, problem details included, is small.
        let limit = u64::try_from(body.len() + MIB).unwrap();
        assert!(taken < limit, "{taken} bytes for {begins}{goes_on}");
        assert!(error.to_string().len() < 1024, "{begins}{goes_on}");
    }
}
