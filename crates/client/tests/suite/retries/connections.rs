//! Attempts over real connections.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use upvest_client::Client;

use super::{at_once, call};
use crate::support::BALANCE;

/// Reads a request without a body from a connection, if one comes.
fn read_request(connection: &mut impl BufRead) -> Option<()> {
    let mut line = String::new();
    loop {
        line.clear();
        match connection.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line == "\r\n" => return Some(()),
            Ok(_) => {}
        }
    }
}

#[tokio::test]
async fn the_connection_of_a_failed_attempt_serves_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut requests = BufReader::new(connection.try_clone().unwrap());
        // More than is read ahead, so that somebody has to read it.
        let long = "x".repeat(1_000_000);
        for (status, body) in [
            ("503 Service Unavailable", long.as_str()),
            ("200 OK", BALANCE),
        ] {
            read_request(&mut requests).expect("another request on this connection");
            let length = body.len();
            write!(
                connection,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    let client = Client::builder(address)
        .retry_jitter(at_once)
        .build()
        .unwrap();
    assert_eq!(call(&client).await.unwrap().attempts(), 2);
    server.join().unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_up_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"] {
            let (mut connection, _) = listener.accept().unwrap();
            read_request(&mut BufReader::new(connection.try_clone().unwrap())).unwrap();
            connection.write_all(answer.as_bytes()).unwrap();
        }
        let (mut connection, _) = listener.accept().unwrap();
        read_request(&mut BufReader::new(connection.try_clone().unwrap())).unwrap();
        let length = BALANCE.len();
        write!(
            connection,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{BALANCE}"
        )
        .unwrap();
    });
    let client = Client::builder(address)
        .retry_jitter(at_once)
        .build()
        .unwrap();
    assert_eq!(call(&client).await.unwrap().attempts(), 3);
    server.join().unwrap();
}
