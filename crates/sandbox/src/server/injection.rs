//! What a fault does to a request.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};

use super::guard::MAX_BODY_BYTES;
use super::identity::identified;
use crate::connection_handle::ConnectionHandle;
use crate::fault::{Edit, Effect, Fault};
use crate::latch::Waiter;

/// Answers a request as the fault says.
pub(super) async fn inject(
    fault: Fault,
    connection: &ConnectionHandle,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match fault.effect {
        Effect::Refused(refusal) => {
            receive(request, next, fault.after_acting).await;
            identified(refusal.into_response())
        }
        Effect::Html(status) => {
            receive(request, next, fault.after_acting).await;
            page(status)
        }
        Effect::Cut(cut) => {
            receive(request, next, fault.after_acting).await;
            connection.cut(cut);
            Response::default()
        }
        Effect::ConnectionReset => unreachable!("it does not happen to requests"),
        Effect::Truncated => truncated(next.run(request).await).await,
        Effect::Trickling(latch) => trickling(next.run(request).await, latch).await,
        Effect::Held(latch) if fault.after_acting => {
            let response = next.run(request).await;
            latch.arrive();
            latch.released().await;
            response
        }
        Effect::Held(latch) => {
            latch.arrive();
            latch.released().await;
            next.run(request).await
        }
        Effect::Json(edit) => edited(next.run(request).await, &edit).await,
    };
    response.headers_mut().extend(fault.headers);
    response
}

/// Reads the whole request, and executes it or not.
async fn receive(request: Request, next: Next, acts: bool) {
    if acts {
        drop(next.run(request).await);
    } else {
        // A body that is too long or incomplete is ignored.
        let _ = to_bytes(request.into_body(), MAX_BODY_BYTES).await;
    }
}

fn page(status: StatusCode) -> Response {
    let page = format!(
        "<html>\n<head><title>{status}</title></head>\n<body>\n\
         <center><h1>{status}</h1></center>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

async fn truncated(response: Response) -> Response {
    let (mut response, whole) = collected(response).await;
    announce(&mut response, &whole);
    let half = whole.slice(..whole.len() / 2);
    let half = stream::once(async { Ok(half) }).chain(stream::once(async {
        // The half is sent before this continues.
        tokio::task::yield_now().await;
        Err("the sandbox was told to break off")
    }));
    *response.body_mut() = Body::from_stream(half);
    response
}

async fn trickling(response: Response, latch: Waiter) -> Response {
    let (mut response, whole) = collected(response).await;
    announce(&mut response, &whole);
    latch.arrive();
    let bytes = stream::unfold((latch, whole), |(latch, mut rest)| async {
        if rest.is_empty() {
            return None;
        }
        latch.released().await;
        let byte = rest.split_to(1);
        Some((Ok::<_, std::convert::Infallible>(byte), (latch, rest)))
    });
    *response.body_mut() = Body::from_stream(bytes);
    response
}

async fn edited(response: Response, edit: &Edit) -> Response {
    let (mut response, body) = collected(response).await;
    let body = match serde_json::from_slice(&body) {
        Ok(mut value) => {
            edit.make(&mut value);
            value.to_string().into()
        }
        Err(_) => body,
    };
    announce(&mut response, &body);
    *response.body_mut() = Body::from(body);
    response
}

/// A response and its body, which is left empty.
async fn collected(mut response: Response) -> (Response, Bytes) {
    let body = std::mem::take(response.body_mut());
    let body = to_bytes(body, usize::MAX).await;
    (response, body.expect("answers are made in memory"))
}

/// Sets the `content-length` of the response.
fn announce(response: &mut Response, body: &Bytes) {
    let length = body.len().into();
    response.headers_mut().insert(CONTENT_LENGTH, length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_json_stays_as_it_is() {
        let edit = Edit::new(|_| panic!("the edit must not run"));
        let response = (StatusCode::NO_CONTENT, Body::empty()).into_response();
        let (response, body) = collected(edited(response, &edit).await).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(body, "");
    }
}
