//! One call, from the request to a value or an error.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;
use tracing::Instrument;

use super::attempt::{Limits, Progress};
use super::call::Call;
use super::received::Received;
use super::{Body, Error, File, Response, trace};

impl Call {
    /// Sends the call, and reads JSON.
    pub(crate) async fn json_answer<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        whole(self, "application/json", |body| {
            serde_json::from_slice(body)
        })
        .await
    }

    /// Sends the call, and does not read the body of the response.
    pub(crate) async fn empty_answer(self) -> Result<Response<()>, Error> {
        whole(self, "application/json", |_| Ok(())).await
    }

    /// Sends the call, and returns the response as it arrives.
    pub(crate) async fn file_answer(
        self,
        media_type: &'static str,
    ) -> Result<Response<File>, Error> {
        file(self, media_type).await
    }
}

/// Sends a call, and reads the whole response.
pub(super) async fn whole<T>(
    call: Call,
    accept: &'static str,
    read: impl FnOnce(&Bytes) -> serde_json::Result<T>,
) -> Result<Response<T>, Error> {
    exchange(call, accept, false, async |response, progress| {
        let received = receive(response, progress).await?;
        match read(&received.body) {
            Ok(value) => Ok((value, received)),
            Err(error) => Err(Error::decode(received, &error)),
        }
    })
    .await
}

/// Sends a call, and returns the response as it arrives.
pub(super) async fn file(call: Call, accept: &'static str) -> Result<Response<File>, Error> {
    exchange(call, accept, true, async |response, progress| {
        if !response.status().is_success() {
            let received = receive(response, progress).await?;
            return Err(Error::response(received));
        }
        let (head, body) = response.into_parts();
        let received = Received::of(&http::Response::from_parts(head, Bytes::new()));
        let limits = progress.limits();
        Ok((File::new(&received.headers, body, limits), received))
    })
    .await
}

/// Reads the response of a call to its end: an error, unless it is a success.
async fn receive(response: http::Response<Body>, progress: &Progress) -> Result<Received, Error> {
    progress.receive(response).await?;
    match progress.received() {
        Some(received) if received.status.is_success() => Ok(received),
        Some(received) => Err(Error::response(received)),
        None => unreachable!("a response was received"),
    }
}

async fn exchange<T>(
    call: Call,
    accept: &'static str,
    is_streamed: bool,
    read: impl AsyncFnOnce(http::Response<Body>, &Progress) -> Result<(T, Received), Error>,
) -> Result<Response<T>, Error> {
    let (client, operation, options) = call.parts();
    let mut request = call
        .into_request(accept)
        .map_err(|error| error.of(operation))?;
    let limit = options.timeout.unwrap_or(client.timeout());
    let begun = Instant::now();
    let progress = Progress::new(Limits {
        retries: options.retries.unwrap_or(client.retries()),
        deadline: begun.checked_add(limit),
        attempt: options
            .attempt_timeout
            .or(client.attempt_timeout())
            .unwrap_or(limit / 3),
        response_bytes: client.max_response_bytes(),
        is_streamed,
    });
    request.extensions_mut().insert(progress.clone());
    let span = trace::call(operation, request.uri());
    let measure = |attempts, class: Option<&str>| {
        let metrics = client.metrics();
        metrics.call(operation, attempts, class, begun.elapsed());
    };
    let unfinished = trace::Unfinished::new(|| {
        let attempts = progress.attempts();
        trace::cancel_call(&span, attempts);
        measure(attempts, Some(trace::CANCELLED));
    });
    let answered = async {
        let response = client.service().oneshot(request).await;
        read(response.map_err(Error::from_service)?, &progress).await
    };
    let outcome = timeout(limit, answered.instrument(span.clone()))
        .await
        .unwrap_or_else(|_| Err(Error::timeout(limit)));
    let attempts = progress.attempts();
    let result = match outcome {
        Ok((value, received)) => Ok(Response::received(value, received, attempts)),
        Err(error) => {
            let error = error.or_received(progress.received());
            Err(error.of(operation).after(attempts))
        }
    };
    unfinished.finish();
    trace::end_call(&span, &result);
    measure(attempts, result.as_ref().err().map(Error::class));
    result
}
