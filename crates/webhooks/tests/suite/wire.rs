//! Deliveries over a real connection: hyper and axum.

use std::net::SocketAddr;

use http::Request;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Draft, Log, balance_event, payload, verifier};

/// A request as it is written on the wire, with the names of headers as `name` makes them.
fn written(request: &Request<Vec<u8>>, name: impl Fn(&str) -> String) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
    for (header, value) in request.headers() {
        text.extend(format!("{}: ", name(header.as_str())).bytes());
        text.extend(value.as_bytes());
        text.extend(b"\r\n");
    }
    text.extend(b"connection: close\r\n\r\n");
    text.extend(request.body());
    text
}

async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn delivery() -> Request<Vec<u8>> {
    Draft::new(payload(&[balance_event(1, "1")])).sign()
}

async fn with_hyper(log: &Log) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let receiver = log.receiver(verifier());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(receiver.clone());
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    address
}

#[tokio::test]
async fn the_case_of_header_names_does_not_matter() {
    let log = Log::default();
    let address = with_hyper(&log).await;
    let odd = |name: &str| {
        let letters = name.chars().enumerate();
        letters
            .map(|(index, letter)| {
                if index % 2 == 0 {
                    letter.to_ascii_uppercase()
                } else {
                    letter
                }
            })
            .collect()
    };
    for name in [
        &odd as &dyn Fn(&str) -> String,
        &|name| name.to_uppercase(),
        &str::to_owned,
    ] {
        let answer = exchange(address, &written(&delivery(), name)).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "there is no body: {answer}");
    }
    assert_eq!(log.handed_out(), [1]);
}

#[tokio::test]
async fn a_body_in_chunks_is_read_and_not_for_longer_than_it_may_be() {
    let log = Log::default();
    let address = with_hyper(&log).await;
    let mut draft = Draft::new(payload(&[balance_event(1, "1")]));
    draft.uncover("content-length");
    draft.headers.remove("content-length");
    draft.set("transfer-encoding", "chunked");
    let mut request = draft.sign();
    let chunks = |body: &[u8]| {
        let mut chunked = Vec::new();
        for chunk in body.chunks(100) {
            chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
            chunked.extend(chunk);
            chunked.extend(b"\r\n");
        }
        chunked
    };
    let body = request.body().clone();
    *request.body_mut() = [&chunks(&body)[..], b"0\r\n\r\n"].concat();
    let answer = exchange(address, &written(&request, str::to_owned)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    // It has no end, and is answered nevertheless.
    *request.body_mut() = chunks(&vec![b' '; 2 * 1024 * 1024 + 1]);
    let answer = exchange(address, &written(&request, str::to_owned)).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

    // It breaks off.
    *request.body_mut() = [&chunks(&body)[..], b"nonsense\r\n"].concat();
    let answer = exchange(address, &written(&request, str::to_owned)).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let refusals = log
        .reports()
        .into_iter()
        .filter(|report| report.contains("answered with"));
    assert_eq!(refusals.count(), 2);
}

#[tokio::test]
async fn another_method_is_answered_with_the_right_one() {
    let log = Log::default();
    let address = with_hyper(&log).await;
    let answer = exchange(
        address,
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    assert!(answer.contains("\r\nallow: POST\r\n"), "{answer}");
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn a_router_within_a_router_still_knows_what_was_signed() {
    let log = Log::default();
    let inner: axum::Router = log.receiver(verifier()).router("/upvest");
    let app = axum::Router::new().nest("/hooks", inner);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    let answer = exchange(address, &written(&delivery(), str::to_owned)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(log.handed_out(), [1]);
    let mut elsewhere = delivery();
    *elsewhere.uri_mut() = "/elsewhere".parse().unwrap();
    let answer = exchange(address, &written(&elsewhere, str::to_owned)).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}
