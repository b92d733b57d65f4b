//! What strangers cost: nothing but the head of their requests, and they write no lines.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body::{Body, Frame};
use tokio::time::Instant;
use tower::ServiceExt;
use upvest_webhooks::models::Uuid;
use upvest_webhooks::{Handler, Receiver};

use crate::support::{
    Draft, KEY_ID, Log, NOW, STRANGER, balance_event, header, params, payload, send, set, verifier,
};

/// A body that never comes, and notes whether somebody wants it.
#[derive(Clone, Default)]
struct NeverComes(Arc<AtomicBool>);

impl Body for NeverComes {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.store(true, Ordering::Relaxed);
        Poll::Pending
    }
}

fn draft() -> Draft {
    Draft::new(payload(&[balance_event(1, "1")]))
}

/// The answer, and whether the body was wanted.
async fn answer<H: Handler + 'static>(
    receiver: &Receiver<H>,
    request: Request<Vec<u8>>,
) -> (StatusCode, bool) {
    let body = NeverComes::default();
    let request = request.map(|_| body.clone());
    let response = receiver.clone().oneshot(request).await.unwrap();
    (response.status(), body.0.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn no_body_is_read_of_a_request_whose_head_is_wrong() {
    let changed = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        draft.sign()
    };
    let without = |name: &str| {
        let mut request = draft().sign();
        request.headers_mut().remove(name).unwrap();
        request
    };
    let mut longer = draft().sign();
    set(&mut longer, "content-length", "2097153");
    let mut garbled = draft().sign();
    set(&mut garbled, "signature", "sig1=:AAAA");
    let unknown_key = params(NOW, NOW + 5).replace(KEY_ID, "made-up");
    let cases = [
        (changed(&|draft| draft.method = Method::GET), 405),
        (longer, 413),
        (without("signature-input"), 401),
        (without("signature"), 401),
        (without("digest"), 401),
        (without("accept"), 401),
        (garbled, 401),
        (changed(&|draft| draft.uncover("digest")), 401),
        (changed(&|draft| draft.uncover("@path")), 401),
        (
            changed(&|draft| draft.params = params(NOW - 7200, NOW - 7195)),
            401,
        ),
        (changed(&|draft| draft.params = unknown_key.clone()), 401),
    ];
    let receiver = Log::default().receiver(verifier());
    for (request, status) in cases {
        let told = format!("{request:?}");
        assert_eq!(
            answer(&receiver, request).await,
            (StatusCode::from_u16(status).unwrap(), false),
            "{told}"
        );
    }
    // The key is that of somebody else: only the body shows it.
    let forged = changed(&|draft| draft.key = STRANGER.clone());
    assert_eq!(
        answer(&receiver, forged).await,
        (StatusCode::REQUEST_TIMEOUT, true)
    );
}

#[tokio::test]
async fn a_body_may_be_as_long_as_is_set_and_no_longer() {
    let undeclared = draft().sign();
    let length = undeclared.body().len();
    let mut declared = undeclared.clone();
    set(&mut declared, "content-length", &length.to_string());
    for (limit, status) in [(length, 200), (length - 1, 413), (length - 2, 413)] {
        let receiver = Log::default().receiver(verifier()).max_body(limit);
        for request in [&undeclared, &declared] {
            assert_eq!(send(&receiver, request.clone()).await, status, "{limit}");
            assert_eq!(receiver.receive(request).await, status, "{limit}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let log = Log::default();
    let receiver = log
        .receiver(verifier())
        .body_timeout(Duration::from_secs(7));
    let start = Instant::now();
    assert_eq!(
        answer(&receiver, draft().sign()).await,
        (StatusCode::REQUEST_TIMEOUT, true)
    );
    assert_eq!(start.elapsed().as_secs(), 7);
    assert!(log.reports()[0].ends_with("the body did not arrive within 7 s"));
}

#[tokio::test]
async fn a_delivery_for_another_host_is_refused_if_ours_are_set() {
    let log = Log::default();
    let receiver = log
        .receiver(verifier())
        .hosts(["hooks.example.com", "10.0.0.1:8080"]);
    let for_host = |host: &str| {
        let mut request = draft().sign();
        set(&mut request, "host", host);
        request
    };
    for host in [
        "hooks.example.com",
        "Hooks.Example.com:443",
        "10.0.0.1:8080",
    ] {
        assert_eq!(send(&receiver, for_host(host)).await, 200, "{host}");
    }
    for host in [
        "evil.example.com",
        "10.0.0.1",
        "10.0.0.1:80",
        "hooks.example.com.evil.org",
        "",
    ] {
        assert_eq!(send(&receiver, for_host(host)).await, 421, "{host}");
    }
    let mut two = for_host("hooks.example.com");
    two.headers_mut()
        .append("host", "evil.example.com".parse().unwrap());
    assert_eq!(send(&receiver, two).await, 421);
    // HTTP/2 has the host in the URI.
    let mut request = for_host("hooks.example.com");
    *request.uri_mut() = Uri::from_static("https://evil.example.com/hooks/upvest?tenant=7");
    assert_eq!(send(&receiver, request).await, 421);
    assert!(
        log.reports()
            .iter()
            .any(|report| report.contains("the host `evil.example.com`"))
    );
    assert_eq!(
        send(&log.receiver(verifier()), for_host("evil.example.com")).await,
        200,
        "by default"
    );
}

#[tokio::test]
async fn a_delivery_of_another_subscription_is_refused_if_ours_are_set() {
    let ours: Uuid = "9df39835-be87-4243-9018-f2500b39cee6".parse().unwrap();
    let log = Log::default();
    let receiver = log.receiver(verifier()).subscriptions([Uuid::nil(), ours]);
    let foreign =
        balance_event(2, "1").replace(&ours.to_string(), "00000000-0000-4000-8000-0000000000ff");
    let delivery = |events: &[String]| Draft::new(payload(events)).sign();
    assert_eq!(
        send(&receiver, delivery(std::slice::from_ref(&foreign))).await,
        403
    );
    assert_eq!(
        send(
            &receiver,
            delivery(&[balance_event(1, "1"), foreign.clone()])
        )
        .await,
        403
    );
    assert!(log.handed_out().is_empty(), "none of it is handed out");
    assert!(log.reports()[0].contains("the subscription 00000000-0000-4000-8000-0000000000ff"));
    let malformed = r#"{"type":"CASH_BALANCE.UPDATED"}"#.to_owned();
    assert_eq!(
        send(&receiver, delivery(&[balance_event(1, "1"), malformed])).await,
        200
    );
    assert_eq!(log.handed_out().len(), 2);
    assert_eq!(
        send(&log.receiver(verifier()), delivery(&[foreign])).await,
        200,
        "by default"
    );
}

#[tokio::test]
async fn strangers_cannot_write_separate_lines() {
    let log = Log::default();
    let receiver = log.receiver(verifier()).hosts(["hooks.example.com"]);
    let evil = format!("\u{9b}2J\u{202e}{}", "x".repeat(6000));
    let changed = |name: &'static str, value: &str| {
        let mut request = draft().sign();
        set(&mut request, name, value);
        request
    };
    let mut method = draft().sign();
    *method.method_mut() = Method::from_bytes("M".repeat(6000).as_bytes()).unwrap();
    let input = header(&draft().sign(), "signature-input");
    let mut length = draft();
    length.set("content-length", "1\u{9b}");
    length.uncover("content-length");
    for request in [
        method,
        changed("upvest-signature-version", &evil),
        changed("host", &"h".repeat(6000)),
        changed(
            "signature-input",
            &input.replace("\"accept\"", &format!("\"{}\"", "x".repeat(6000))),
        ),
        changed("signature-input", &input.replace(KEY_ID, &"k".repeat(6000))),
        length.sign(),
    ] {
        send(&receiver, request).await;
        let reports = log.reports();
        let [report] = &reports[..] else {
            panic!("{reports:?}");
        };
        assert!(report.len() < 400, "{report}");
        assert!(
            !report
                .chars()
                .any(|one| one.is_control() || one == '\u{202e}'),
            "{report}"
        );
    }
}
