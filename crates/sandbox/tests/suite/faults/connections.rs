//! Answers that come late or not whole, and connections that are cut.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upvest_models::CashBalance;
use upvest_sandbox::{Fault, Latch};

use super::{balance, obeyed, signed_balance_request, untouched};
use crate::support::{Fixture, attempt, exchange, header, open, parse, refused, success};

#[tokio::test]
async fn a_body_breaks_off_in_the_middle() {
    let fixture = Fixture::start().await;
    let whole = balance(&fixture).await.into_body();
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::truncated());
    let (received, end) = attempt(request.clone()).await;
    end.expect("the connection is closed, not reset");
    let response = parse(&received);
    assert_eq!(response.status(), StatusCode::OK);
    let announced = header(&response, "content-length");
    assert_eq!(announced, Some(whole.len().to_string().as_str()));
    assert_eq!(*response.body(), whole[..whole.len() / 2]);
    obeyed(&fixture, request).await;
}

#[tokio::test]
async fn a_body_arrives_byte_by_byte() {
    let fixture = Fixture::start().await;
    let whole = balance(&fixture).await.into_body();
    let request = signed_balance_request(&fixture).await;
    let latch = Latch::new();
    fixture.sandbox.fail(Fault::trickling(&latch));
    let mut stream = open(request).await;
    latch.arrived(1).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"));

    for byte in &whole[..3] {
        assert_eq!(
            stream.try_read(&mut [0]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        latch.release(1);
        assert_eq!(stream.read_u8().await.unwrap(), *byte);
    }
    latch.release_all();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, whole[3..]);
}

#[tokio::test]
async fn a_request_is_held_before_or_after_it_is_obeyed() {
    let fixture = Arc::new(Fixture::start().await);
    for acts in [false, true] {
        let request = signed_balance_request(&fixture).await;
        let latch = Latch::new();
        let fault = Fault::held(&latch);
        fixture.sandbox.fail(match acts {
            false => fault,
            true => fault.after_acting(),
        });
        let call = tokio::spawn(exchange(request));
        latch.arrived(1).await;
        // Who is served later finds the token gone.
        fixture.sandbox.revoke_tokens();
        assert!(!call.is_finished());
        latch.release(1);
        let response = call.await.unwrap();
        match acts {
            false => refused(&response, 401, "unauthorised", "The access token"),
            true => drop(success::<CashBalance>(response)),
        }
    }
}

#[tokio::test]
async fn a_latch_that_is_dropped_releases_all() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let latch = Latch::default();
    fixture.sandbox.fail(Fault::held(&latch));
    let call = tokio::spawn(exchange(request));
    latch.arrived(1).await;
    drop(latch);
    success::<CashBalance>(call.await.unwrap());
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_request_is_obeyed() {
    let fixture = Fixture::start().await;
    for (fault, end) in [
        (Fault::reset(), Some(ErrorKind::ConnectionReset)),
        (Fault::closed(), None),
    ] {
        let request = signed_balance_request(&fixture).await;
        fixture.sandbox.fail(fault.clone());
        fixture.sandbox.fail(fault.after_acting());
        let (received, found) = attempt(request.clone()).await;
        assert_eq!(received, b"");
        assert_eq!(found.err().map(|error| error.kind()), end);

        // Not obeyed at first, so it is the second time.
        let (received, found) = attempt(request.clone()).await;
        assert_eq!(received, b"");
        assert_eq!(found.err().map(|error| error.kind()), end);
        obeyed(&fixture, request).await;
    }
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::reset());
    attempt(request.clone()).await.1.unwrap_err();
    untouched(&fixture, request).await;
}

#[tokio::test]
async fn a_connection_is_reset_before_there_is_a_request() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let address = fixture.sandbox.base_url().strip_prefix("http://").unwrap();
    let address: SocketAddr = address.parse().unwrap();
    let mut older = TcpStream::connect(address).await.unwrap();
    let head = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    older.write_all(head).await.unwrap();
    older.read_u8().await.unwrap();
    fixture.sandbox.reset_counters();
    // What it is said to be restricted to does not matter.
    fixture.sandbox.fail(Fault::connection_reset().on_calls());

    older.write_all(head).await.unwrap();
    older.read_u8().await.unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let error = stream.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let counters = fixture.sandbox.counters();
    assert_eq!((counters.connections, counters.requests), (1, 1));
    untouched(&fixture, request).await;
}
