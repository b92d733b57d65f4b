//! Starting and stopping.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use upvest_models::{CashBalance, Uuid};
use upvest_sandbox::Sandbox;

use crate::support::{Fixture, success};

fn address(sandbox: &Sandbox) -> SocketAddr {
    let address = sandbox.base_url().strip_prefix("http://").unwrap();
    address.parse().unwrap()
}

/// Stops a sandbox, or fails rather than waiting forever.
async fn stop(sandbox: Sandbox) {
    timeout(Duration::from_secs(10), sandbox.stop())
        .await
        .expect("it stops");
}

#[test]
fn it_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Sandbox>();
}

#[tokio::test]
async fn sandboxes_do_not_share_anything() {
    let (one, other) = (Fixture::start().await, Fixture::start().await);
    assert_eq!(address(&one.sandbox).ip(), Ipv4Addr::LOCALHOST);
    assert_ne!(one.sandbox.base_url(), other.sandbox.base_url());
    assert_ne!(one.sandbox.client_id(), other.sandbox.client_id());
    assert_ne!(one.sandbox.client_secret(), other.sandbox.client_secret());
    assert_ne!(one.sandbox.key_id(), other.sandbox.key_id());
    let key = |fixture: &Fixture| fixture.sandbox.signing_key().verifying_key();
    assert_ne!(key(&one), key(&other));

    let request = one.balance_request().await;
    success::<CashBalance>(one.sign_and_send(request).await);
    assert_eq!((one.sandbox.requests(), other.sandbox.requests()), (2, 0));
}

#[tokio::test]
async fn it_starts_without_a_builder_on_the_time_of_the_system() {
    let fixture = Fixture::start_plain().await;
    fixture.token("positions:read").await;
}

#[tokio::test]
async fn it_stays_on_this_machine() {
    let error = Sandbox::builder()
        .address((Ipv4Addr::UNSPECIFIED, 0))
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "0.0.0.0:0 is not a loopback address; call `allow_network` to listen on others"
    );
}

#[tokio::test]
async fn a_port_is_taken_once() {
    let first = Sandbox::start().await.unwrap();
    let port = address(&first).port();
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let text = format!("cannot listen on 127.0.0.1:{port}: ");
    assert!(error.to_string().starts_with(&text), "{error}");

    stop(first).await;
    let second = Sandbox::builder().port(port).start().await.unwrap();
    assert_eq!(address(&second).port(), port);
}

#[tokio::test]
async fn stopping_closes_idle_connections() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = address(&sandbox);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);

    stop(sandbox).await;
    stream
        .read_to_end(&mut Vec::new())
        .await
        .expect("the connection is at its end");
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn dropping_stops_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = address(&sandbox);
    drop(sandbox);
    for _ in 0..1000 {
        if TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it still listens");
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let fixture = Fixture::start().await;
    let token = fixture.token("positions:read").await;
    let sandbox = &fixture.sandbox;
    let text = format!("{sandbox:#?}");
    assert!(text.contains(sandbox.base_url()), "{text}");
    assert!(text.contains(sandbox.client_id()), "{text}");
    assert!(!text.contains(sandbox.client_secret()), "{text}");
    assert!(!text.contains(&token), "{text}");

    let builder = Sandbox::builder().credentials(Uuid::nil(), "hush-hush");
    let text = format!("{builder:?}");
    assert!(!text.contains("hush-hush"), "{text}");
}
