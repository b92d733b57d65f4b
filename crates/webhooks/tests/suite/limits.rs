//! The limits of the server in the examples.

#[path = "../../examples/limits/mod.rs"]
mod server;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::support::{Log, verifier};
use server::{CONNECTIONS, HEAD_BYTES, HEAD_TIME};

/// A whole request, which the receiver answers with 405, since it is not a delivery.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\r\n";

async fn start(log: &Log) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, log.receiver(verifier())));
    address
}

async fn connect(address: SocketAddr, beginning: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(beginning).await.unwrap();
    stream
}

/// Everything that is answered until the server hangs up; nothing, if it hangs up with an error.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_given_up() {
    let address = start(&Log::default()).await;
    for beginning in ["", "POST / HTTP/1.1\r\nhost: exam"] {
        let mut stream = connect(address, beginning.as_bytes()).await;
        let answer = timeout(HEAD_TIME * 2, answer(&mut stream)).await;
        let answer = answer.expect("the server hangs up");
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let address = start(&Log::default()).await;
    let long = "x".repeat(HEAD_BYTES);
    let head = format!("POST / HTTP/1.1\r\nhost: example.com\r\nx-long: {long}\r\n\r\n");
    let answer = answer(&mut connect(address, head.as_bytes()).await).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn one_connection_too_many_waits_for_another_to_end() {
    let address = start(&Log::default()).await;
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS {
        idle.push(connect(address, b"").await);
    }
    let mut waiting = connect(address, REQUEST).await;
    let early = timeout(Duration::from_secs(5), waiting.readable()).await;
    assert!(early.is_err(), "it is answered, though all are taken");
    idle.pop();
    let answer = answer(&mut waiting).await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}
