//! Connections that go bad, over real sockets.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use upvest_client::{Bytes, Client, ClientBuilder, RetryPolicy, Transport, TransportBuilder};

use crate::metrics::Measured;
use crate::support::{ACCOUNT_GROUP, BALANCE};

async fn answer<B>(_: http::Request<B>) -> Result<http::Response<Full<Bytes>>, Infallible> {
    Ok(http::Response::new(BALANCE.into()))
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A server of HTTP/2 without TLS.
async fn http2_server() -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper::service::service_fn(answer);
            let http2 = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(http2.serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// What stands before a server: it passes on what comes, but for the first connection only until it is
/// frozen. Then that stays open, and nothing comes of it any more.
async fn freezing(server: SocketAddr, frozen: watch::Receiver<bool>) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        let mut is_first = true;
        loop {
            let (mut from, _) = listener.accept().await.unwrap();
            let mut frozen = std::mem::take(&mut is_first).then(|| frozen.clone());
            tokio::spawn(async move {
                let mut to = TcpStream::connect(server).await.unwrap();
                let passes = copy_bidirectional(&mut from, &mut to);
                match &mut frozen {
                    Some(frozen) => {
                        tokio::select! {
                            _ = passes => {}
                            _ = frozen.wait_for(|frozen| *frozen) => {}
                        }
                        std::future::pending::<()>().await;
                    }
                    None => drop(passes.await),
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_connection_of_http2_that_answers_no_more_is_given_up() {
    let (freeze, frozen) = watch::channel(false);
    let address = freezing(http2_server().await, frozen).await;
    let transport = Transport::builder()
        .no_proxy()
        .http2_only()
        .http2_pings(Duration::from_millis(20), Duration::from_millis(20))
        .build()
        .unwrap();
    let client = Client::builder(format!("http://{address}"))
        .transport(transport)
        .retry_jitter(|_| Duration::ZERO)
        .attempt_timeout(Duration::from_secs(3_600))
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    assert_eq!(call.clone().await.unwrap().attempts(), 1);
    freeze.send(true).unwrap();
    for _ in 0..5 {
        assert_eq!(call.clone().await.unwrap().currency.as_str(), "EUR");
    }
}

#[tokio::test]
async fn a_stale_connection_fails_no_call_that_may_be_repeated() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for requests in [2, 1] {
            let (mut connection, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            for request in 1..=requests {
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    assert!(reader.read_line(&mut line).unwrap() > 0);
                }
                // The second request of a connection arrives when it is about to be closed.
                if request == 1 {
                    let length = BALANCE.len();
                    write!(
                        connection,
                        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{BALANCE}"
                    )
                    .unwrap();
                }
            }
        }
    });
    let client = Client::builder(address)
        .retry_jitter(|_| Duration::ZERO)
        .build()
        .unwrap();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    assert_eq!(call.clone().await.unwrap().attempts(), 1);
    assert_eq!(call.await.unwrap().attempts(), 2);
    server.join().unwrap();
}

/// How many connections two calls take, one after the other, by a transport with these settings.
async fn connections(set: impl FnOnce(TransportBuilder) -> TransportBuilder) -> usize {
    let (listener, address) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let service = hyper::service::service_fn(answer);
            let http1 = hyper::server::conn::http1::Builder::new();
            tokio::spawn(http1.serve_connection(TokioIo::new(stream), service));
        }
    });
    let transport = set(Transport::builder().no_proxy()).build().unwrap();
    let client = Client::builder(format!("http://{address}"))
        .transport(transport)
        .build()
        .unwrap();
    for _ in 0..2 {
        let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
        assert_eq!(call.await.unwrap().attempts(), 1);
        // The task of the connection puts it back.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    accepted.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_connection_is_used_again_unless_it_was_idle_for_too_long_or_none_is_kept() {
    assert_eq!(connections(|transport| transport).await, 1);
    let at_once = |transport: TransportBuilder| transport.idle_timeout(Duration::from_nanos(1));
    assert_eq!(connections(at_once).await, 2);
    let none_kept = |transport: TransportBuilder| transport.max_idle_connections(0);
    assert_eq!(connections(none_kept).await, 2);
}

/// A server of HTTP/1.1 over TLS, with a certificate as `change` makes it, and its issuer in PEM.
async fn tls_server(change: impl FnOnce(&mut CertificateParams)) -> (SocketAddr, String) {
    let mut issuer = CertificateParams::default();
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut certificate);
    let certificate = certificate.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // The client reports what fails.
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service = hyper::service::service_fn(answer);
                let http1 = hyper::server::conn::http1::Builder::new();
                let _ = http1.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, issuer.pem())
}

fn tls_client(address: SocketAddr, roots: &str) -> ClientBuilder {
    let transport = Transport::builder()
        .no_proxy()
        .without_system_roots()
        .root_certificates(roots)
        .build()
        .unwrap();
    Client::builder(format!("https://localhost:{}", address.port()))
        .transport(transport)
        .retry_jitter(|_| Duration::ZERO)
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_called_once() {
    let (good, issuer) = tls_server(|_| {}).await;
    let client = tls_client(good, &issuer).build().unwrap();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    assert!(call.await.is_ok(), "root certificates are taken");

    let (_, stranger) = tls_server(|_| {}).await;
    let unknown = (good, stranger);
    let expired = tls_server(|certificate| {
        certificate.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let another = tls_server(|certificate| {
        *certificate = CertificateParams::new(["other.example".to_owned()]).unwrap();
    });
    for (address, roots) in [unknown, expired.await, another.await] {
        let measured = Measured::of(tls_client(address, &roots));
        let call = measured
            .client
            .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
        let error = call.await.unwrap_err();
        assert!(
            error.is_tls() && error.is_connect() && !error.is_transient(),
            "{error}"
        );
        assert_eq!(error.attempts(), 1, "{error}");
        assert!(
            error.to_string().contains("no secure connection"),
            "{error}"
        );
        let expected = [
            "http.client.request.duration error.type=tls 1",
            "upvest.client.call.attempts error.type=tls 1",
            "upvest.client.call.duration error.type=tls 1",
        ];
        assert_eq!(measured.lines(), expected);
    }
}

#[test]
fn a_transport_says_what_is_wrong_and_shows_no_password() {
    let errors = [
        Transport::builder()
            .proxy("http://user:hush@[")
            .build()
            .unwrap_err(),
        Transport::builder()
            .root_certificates("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----")
            .build()
            .unwrap_err(),
        Transport::builder()
            .client_identity("hush")
            .build()
            .unwrap_err(),
    ];
    for (error, expected) in errors
        .iter()
        .zip(["proxy", "root certificates", "identity"])
    {
        assert!(error.is_configuration());
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
    let builder = Transport::builder()
        .proxy("http://user:hush@proxy.example")
        .connect_timeout(Duration::from_secs(7))
        .user_agent("ours");
    let shown = format!("{builder:?}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("connect_timeout: 7s"), "{shown}");
    assert!(shown.contains(r#"user_agent: "ours""#), "{shown}");
    let transport = Transport::builder().no_proxy().build().unwrap();
    assert_eq!(format!("{transport:?}"), "Transport { .. }");
}

#[tokio::test]
async fn one_transport_serves_many_clients() {
    let (address, issuer) = tls_server(|_| {}).await;
    let roots = || Transport::builder().no_proxy().root_certificates(&issuer);
    // The given certificates alone, and beside those of the system.
    for transport in [roots().without_system_roots(), roots()] {
        let transport = transport.build().unwrap();
        for _ in 0..2 {
            let client = Client::builder(format!("https://localhost:{}", address.port()))
                .transport(transport.clone())
                .retries(RetryPolicy::none())
                .build()
                .unwrap();
            let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
            assert!(call.await.is_ok());
        }
    }
}
