//! What is kept when a call fails.

use std::error::Error as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use upvest_client::{Body, Bytes, Client, Error, Hint, RetryPolicy, Transport};

use crate::support::{ACCOUNT_GROUP, client, hanging, response, transport};

async fn fail(client: &Client) -> Error {
    client
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .send()
        .await
        .expect_err("the call was to fail")
}

async fn error_of(status: u16, body: &'static str) -> Error {
    let (client, _) = client(move || Ok(response(status, body)));
    fail(&client).await
}

#[tokio::test]
async fn a_problem_is_read_and_everything_around_it_kept() {
    let body = r#"{"type":"https://docs.upvest.co/errors/not_found","status":404,"title":"Not found","detail":"There is no such account group.","request_id":"r"}"#;
    let error = error_of(404, body).await;
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(
        error.request_id(),
        Some("169ae4c7-ebd7-4041-94da-25369653eba7")
    );
    assert_eq!(error.problem().unwrap().title.as_deref(), Some("Not found"));
    assert_eq!(error.body().unwrap(), body);
    assert_eq!(error.headers().unwrap().len(), 1);
    assert_eq!(
        error.operation().unwrap().id,
        "retrieve_cash_balance_with_currency"
    );
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: 404 Not Found: not_found, There is no such account group. (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_a_problem_is_kept_as_it_is() {
    for body in ["<html>Service Unavailable</html>", "", "{\"type\":\"unav"] {
        let error = error_of(503, body).await;
        assert_eq!(error.status().unwrap(), 503);
        assert!(error.request_id().is_some() && error.problem().is_none());
        assert_eq!(error.body().unwrap(), body);
        assert!(error.is_transient());
        assert_eq!(
            error.to_string(),
            "retrieve_cash_balance_with_currency: 503 Service Unavailable (3 attempts) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)"
        );
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_keeps_status_id_and_body() {
    for body in [
        "",
        "<html>",
        r#"{"account_group_id":"d0fc03"#,
        r#"{"currency":"EUR"}"#,
    ] {
        let error = error_of(200, body).await;
        assert!(error.is_decode() && !error.is_transient());
        assert_eq!(error.status().unwrap(), 200);
        assert!(error.request_id().is_some() && error.problem().is_none());
        assert_eq!(error.body().unwrap(), body);
    }
    insta::assert_snapshot!(error_of(200, "").await, @"retrieve_cash_balance_with_currency: the response cannot be read: it ends too early at line 1 column 0 (status 200 OK) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");
}

#[tokio::test]
async fn of_a_body_that_cannot_be_read_only_place_and_kind_are_reported() {
    let body = r#"{"account_group_id":"d0fc0305-97b7-4e3b-bddf-66d3c434898c","currency":"EUR","balance":"0.1234567890123456789012345678901"}"#;
    let error = error_of(200, body).await;
    assert_eq!(error.body().unwrap(), body);
    let mut told = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(&format!("{error} {error:?}"));
        cause = error.source();
    }
    assert!(!told.contains("0.12345"), "{told}");
    assert!(
        error
            .to_string()
            .contains("a value does not match its type at line 1 column 121"),
        "{error}"
    );
}

#[tokio::test]
async fn whatever_the_server_sends_an_error_is_one_line() {
    let (client, _) = client(|| {
        let detail = "x".repeat(10_000);
        let body = format!(
            r#"{{"type":"a\nb/c\u001bd","title":"t","detail":"one\r\ntwo \u202e{detail}","request_id":"r\u001b[2J"}}"#
        );
        let mut response = response(400, body);
        response.headers_mut().remove("upvest-request-id");
        Ok(response)
    });
    let error = fail(&client).await;
    let text = error.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 1_000, "{}", text.len());
    assert!(
        text.starts_with(
            r"retrieve_cash_balance_with_currency: 400 Bad Request: c\u{1b}d, one\r\ntwo \u{202e}xxx"
        ),
        "{text}"
    );
    assert!(text.ends_with(r"(request id r\u{1b}[2J)"), "{text}");
    assert!(!format!("{error:?}").contains(char::is_control));
}

#[tokio::test(start_paused = true)]
async fn statuses_say_what_they_mean() {
    for (status, authentication, rate_limited, transient) in [
        (401, true, false, false),
        (403, false, false, false),
        (429, false, true, true),
        (500, false, false, false),
        (502, false, false, true),
        (503, false, false, true),
        (504, false, false, true),
    ] {
        let error = error_of(status, r#"{"type":"t","status":1}"#).await;
        assert_eq!(error.is_authentication(), authentication, "{status}");
        assert_eq!(error.is_rate_limited(), rate_limited, "{status}");
        assert_eq!(error.is_transient(), transient, "{status}");
        assert!(!error.is_timeout() && !error.is_connect() && !error.is_decode());
        assert!(!error.is_configuration() && !error.is_invalid_request() && !error.is_too_large());
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_asked_for_is_read() {
    let (client, _) = client(|| {
        let mut response = response(429, "");
        response
            .headers_mut()
            .insert("retry-after", "7".parse().unwrap());
        Ok(response)
    });
    assert_eq!(
        fail(&client).await.retry_after(),
        Some(Duration::from_secs(7))
    );
    assert_eq!(error_of(429, "").await.retry_after(), None);
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_knows_about_the_cause_is_reported() {
    let (client, _) = client(|| {
        let mut response = response(
            401,
            r#"{"type":"unauthorised","detail":"Signature is incorrect"}"#,
        );
        let hint = Hint::new("the clock of this machine is 90 seconds behind");
        response.extensions_mut().insert(hint);
        Ok(response)
    });
    let error = fail(&client).await;
    assert!(error.hint().unwrap().contains("90 seconds"));
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: 401 Unauthorized: unauthorised, Signature is incorrect; the clock of this machine is 90 seconds behind (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");
    assert_eq!(error_of(401, "").await.hint(), None);
}

#[tokio::test]
async fn an_error_shows_no_body() {
    let (client, _) = client(|| Ok(response(200, r#"{"access_token":"hush"}"#)));
    let error = fail(&client).await;
    let debug = format!("{error:?}");
    assert!(!error.to_string().contains("hush") && !debug.contains("hush"));
    assert!(
        debug.contains("kind: Decode") && debug.contains("body_bytes: Some(23)"),
        "{debug}"
    );
    assert!(error.body().is_some());
}

/// A body that breaks off, or never ends.
struct Broken {
    begun: bool,
    hangs: bool,
}

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(
                b"{\"half",
            )))));
        }
        if self.hangs {
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

#[tokio::test(start_paused = true)]
async fn what_arrived_of_a_response_that_breaks_off_is_kept() {
    let (client, _) = client(|| {
        Ok(response(
            200,
            Body::wrap(Broken {
                begun: false,
                hangs: false,
            }),
        ))
    });
    let error = fail(&client).await;
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.body().unwrap(), "{\"half");
    assert!(error.request_id().is_some() && !error.is_decode());
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: the exchange was interrupted: connection reset (status 200 OK) (3 attempts) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_after_its_time_with_what_has_arrived() {
    let stalls = transport(Default::default(), || {
        Ok(response(
            200,
            Body::wrap(Broken {
                begun: false,
                hangs: true,
            }),
        ))
    });
    let client = Client::builder("https://api.example")
        .attempt_timeout(Duration::MAX)
        .transport(stalls)
        .build()
        .unwrap();
    let started = tokio::time::Instant::now();
    let error = fail(&client).await;
    assert_eq!(started.elapsed(), Duration::from_secs(30));
    assert!(error.is_timeout());
    assert_eq!(error.body().unwrap(), "{\"half");
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: not done within 30s (status 200 OK) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_call_can_be_set() {
    let hangs = hanging();
    let client = Client::builder("https://api.example")
        .timeout(Duration::from_millis(1_500))
        .attempt_timeout(Duration::MAX)
        .transport(hangs)
        .build()
        .unwrap();
    let started = tokio::time::Instant::now();
    let error = fail(&client).await;
    assert_eq!(started.elapsed(), Duration::from_millis(1_500));
    assert!(error.is_timeout() && error.status().is_none() && error.headers().is_none());
}

#[tokio::test]
async fn an_error_of_a_layer_is_passed_on_with_its_source() {
    let (client, _) = client(|| Err("the limit is reached".into()));
    let error = fail(&client).await;
    assert_eq!(error.source().unwrap().to_string(), "the limit is reached");
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: the request was not sent: the limit is reached");
}

#[tokio::test]
async fn a_layer_may_fail_with_what_the_token_endpoint_answered() {
    let answer = http::Response::builder()
        .status(401)
        .header("upvest-request-id", "of the token request")
        .body(Bytes::from_static(
            br#"{"type":"unauthorized","status":401}"#,
        ))
        .unwrap();
    let (client, _) =
        client(move || Err(Error::authentication("wrong secret", Some(&answer)).into()));
    let error = fail(&client).await;
    assert!(error.is_authentication());
    assert_eq!(error.problem().unwrap().type_, "unauthorized");
    assert_eq!(
        error.operation().unwrap().id,
        "retrieve_cash_balance_with_currency"
    );
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: no access token: wrong secret (request id of the token request)");
}

#[test]
fn a_client_that_would_speak_in_clear_is_not_built() {
    let service = transport(Default::default(), || Ok(response(200, "")));
    let error = Client::builder("http://api.example")
        .transport(service)
        .build()
        .unwrap_err();
    assert!(error.is_configuration());
    insta::assert_snapshot!(error, @r#"the base URL "http://api.example" would send the token in clear: use https, or `allow_insecure_host` if that is meant"#);
}

/// Answers one connection on loopback with these bytes, then hangs up.
fn serve_once(answer: &'static [u8]) -> (String, std::thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = vec![0; 4096];
        let length = connection.read(&mut request).unwrap();
        connection.write_all(answer).unwrap();
        request.truncate(length);
        request
    });
    (address, server)
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (address, server) = serve_once(
        b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n",
    );
    let client = Client::builder(address)
        .transport(
            Transport::builder()
                .user_agent("test/1")
                .no_proxy()
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    let error = fail(&client).await;
    assert_eq!(error.status().unwrap(), 307);
    assert_eq!(
        error.headers().unwrap()["location"],
        "http://127.0.0.1:1/elsewhere"
    );
    let request = String::from_utf8(server.join().unwrap()).unwrap();
    assert!(request.starts_with(&format!(
        "GET /account_groups/{ACCOUNT_GROUP}/payments/cash_balances/EUR HTTP/1.1\r\n"
    )));
    assert!(request.contains("user-agent: test/1\r\n"), "{request}");
}

#[tokio::test]
async fn a_truncated_response_keeps_what_came() {
    let (address, server) = serve_once(
        b"HTTP/1.1 200 OK\r\nupvest-request-id: abc\r\ncontent-length: 1000\r\n\r\n{\"account",
    );
    let client = Client::builder(address)
        .retries(RetryPolicy::none())
        .build()
        .unwrap();
    let error = fail(&client).await;
    server.join().unwrap();
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.request_id(), Some("abc"));
    assert_eq!(error.body().unwrap(), "{\"account");
}

#[tokio::test]
async fn no_connection_is_distinguished_from_other_failures() {
    let unused = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::builder(format!("http://{unused}"))
        .retries(RetryPolicy::none())
        .build()
        .unwrap();
    let error = fail(&client).await;
    assert!(error.is_connect() && error.is_transient() && !error.is_timeout());
    assert!(error.status().is_none() && error.request_id().is_none());
    let text = error.to_string();
    assert!(
        text.starts_with("retrieve_cash_balance_with_currency: no connection: "),
        "{text}"
    );
}
