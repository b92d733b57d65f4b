//! What a fault does to a request.

use std::io;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};

use super::guard::MAX_BODY_BYTES;
use super::serve::{identified, serve};
use crate::api::Api;
use crate::connection_handle::ConnectionHandle;
use crate::fault::{Edit, Effect, Fault};
use crate::latch::Waiter;
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;

/// Answers a request with the fault.
pub(super) async fn inject(
    fault: Fault,
    api: &Api,
    connection: &ConnectionHandle,
    request: Request<RequestBody>,
) -> Response<ResponseBody> {
    let mut response = match fault.effect {
        Effect::Refused(refusal) => {
            receive(api, request, fault.after_acting).await;
            identified(Err(refusal)).map(ResponseBody::from)
        }
        Effect::Html(status) => {
            receive(api, request, fault.after_acting).await;
            page(status).map(ResponseBody::from)
        }
        Effect::Cut(cut) => {
            receive(api, request, fault.after_acting).await;
            connection.cut(cut);
            Response::default()
        }
        Effect::ConnectionReset => unreachable!("it does not happen to requests"),
        Effect::Truncated => truncated(serve(api, request).await),
        Effect::Trickling(latch) => trickling(serve(api, request).await, latch),
        Effect::Held(latch) if fault.after_acting => {
            let response = serve(api, request).await;
            latch.arrive();
            latch.released().await;
            response.map(ResponseBody::from)
        }
        Effect::Held(latch) => {
            latch.arrive();
            latch.released().await;
            serve(api, request).await.map(ResponseBody::from)
        }
        Effect::Json(edit) => edited(serve(api, request).await, &edit).map(ResponseBody::from),
    };
    response.headers_mut().extend(fault.headers);
    response
}

/// Reads the whole request, and executes it or not.
async fn receive(api: &Api, request: Request<RequestBody>, acts: bool) {
    if acts {
        serve(api, request).await;
    } else {
        // A body that is too long or incomplete is ignored.
        let _ = request.into_body().read(MAX_BODY_BYTES).await;
    }
}

fn page(status: StatusCode) -> Response<Bytes> {
    let page = format!(
        "<html>\n<head><title>{status}</title></head>\n<body>\n\
         <center><h1>{status}</h1></center>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Bytes::from(page));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

fn truncated(response: Response<Bytes>) -> Response<ResponseBody> {
    announced(response).map(|whole| {
        let half = whole.slice(..whole.len() / 2);
        let half = stream::once(async { Ok(half) }).chain(stream::once(async {
            // The half is sent before this continues.
            tokio::task::yield_now().await;
            let reason = "the sandbox was instructed to break off";
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason))
        }));
        ResponseBody::of_stream(half)
    })
}

fn trickling(response: Response<Bytes>, latch: Waiter) -> Response<ResponseBody> {
    latch.arrive();
    announced(response).map(|whole| {
        ResponseBody::of_stream(stream::unfold((latch, whole), |(latch, mut rest)| async {
            if rest.is_empty() {
                return None;
            }
            latch.released().await;
            let byte = rest.split_to(1);
            Some((Ok(byte), (latch, rest)))
        }))
    })
}

fn edited(response: Response<Bytes>, edit: &Edit) -> Response<Bytes> {
    announced(response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut value) => {
            edit.make(&mut value);
            value.to_string().into()
        }
        Err(_) => body,
    }))
}

/// The response with the `content-length` of its body.
fn announced(mut response: Response<Bytes>) -> Response<Bytes> {
    let length = response.body().len().into();
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_stays_as_it_is() {
        let edit = Edit::new(|_| panic!("the edit must not run"));
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let response = edited(response, &edit);
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.body(), "");
    }
}
