//! Limits around a remote signer: a clear error, nothing sent, nothing asked for twice.

use std::future::{pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{join_all, poll_immediate};
use http::{Request, Response};
use http_body_util::Full;
use tokio::sync::oneshot;
use tower::{Layer, ServiceExt, service_fn};
use upvest_auth_signing::{
    RemoteSigner, RequestSigner, SignError, SignLayer, Signer, SignerError, Timer, Verifier,
};

use super::signers::{Hsm, Step};
use crate::support::{ManualClock, chain, ed25519, p521};

const BASE: &[u8] = b"\"@method\": GET";

/// A signer whose timeouts are never over.
fn remote(hsm: &Hsm, clock: &ManualClock) -> RemoteSigner {
    RemoteSigner::new(hsm.clone())
        .clock(clock.clone())
        .timer(|_| pending())
}

async fn failure(signer: &RemoteSigner) -> SignerError {
    signer.sign(BASE).await.expect_err("no signature")
}

#[tokio::test]
async fn requests_signed_remotely_pass_strict_verification() {
    for key in [p521(), ed25519()] {
        let public = key.verifying_key();
        let clock = ManualClock::new();
        let remote = remote(&Hsm::new(key, []), &clock);
        let signer = Signer::new(remote, "key-id").clock(clock.clone());
        let verifier = Verifier::new(move |id: &str| (id == "key-id").then(|| public.clone()));
        let verifier = Arc::new(verifier.clock(clock));
        let inner = service_fn(move |request: Request<Bytes>| {
            verifier.verify(&request).expect("valid");
            ready(Ok::<_, std::convert::Infallible>(Response::new(Full::<
                Bytes,
            >::default(
            ))))
        });
        let request = Request::post("https://host/orders?dry=1")
            .header("content-type", "application/json")
            .body(Bytes::from_static(b"{}"))
            .expect("a request");
        let service = SignLayer::new(signer).layer(inner);
        service.oneshot(request).await.expect("answered");
    }
}

/// What a call says that is not signed by this signer, and therefore not sent.
async fn unsent(signer: RemoteSigner) -> String {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let inner = service_fn(move |_: Request<Bytes>| {
        counter.fetch_add(1, Ordering::SeqCst);
        ready(Ok::<_, std::convert::Infallible>(Response::new(Full::<
            Bytes,
        >::default(
        ))))
    });
    let service = SignLayer::new(Signer::new(signer, "key-id")).layer(inner);
    let call = service.oneshot(Request::new(Bytes::new()));
    let error = call.await.expect_err("not signed");
    let error = error.downcast_ref::<SignError>().expect("a sign error");
    assert!(error.is_signer());
    assert_eq!(sent.load(Ordering::SeqCst), 0);
    chain(error)
}

#[tokio::test]
async fn without_a_signature_nothing_is_sent() {
    let other = upvest_auth_signing::SigningKey::generate(p521().algorithm()).expect("a key");
    let steps = [
        Step::Unavailable,
        Step::Failed,
        Step::Garbage,
        Step::By(other),
        Step::By(ed25519()),
    ];
    let count = steps.len();
    let hsm = Hsm::new(p521(), steps);
    let signer = remote(&hsm, &ManualClock::new());
    let mut errors = Vec::new();
    for _ in 0..count {
        errors.push(unsent(signer.clone()).await);
    }
    insta::assert_snapshot!(errors.join("\n"), @r"
    the signer (an HSM) cannot be reached
      caused by: no route
    the signer (an HSM) gave no signature
      caused by: not permitted
    the signer (an HSM) gave no signature
      caused by: the answer is not a signature: it is not DER
    the signer (an HSM) gave a signature that its public key does not verify: does the signer now use another key or algorithm?
    the signer (an HSM) gave a signature of another algorithm: Ed25519
    ");
    assert_eq!(hsm.asked(), count, "asked once each");
}

#[tokio::test]
async fn the_check_can_be_left_out() {
    let other = upvest_auth_signing::SigningKey::generate(p521().algorithm()).expect("a key");
    let hsm = Hsm::new(p521(), [Step::By(other)]);
    let signer = remote(&hsm, &ManualClock::new()).check(false);
    signer.sign(BASE).await.expect("unchecked");
}

#[tokio::test]
async fn a_slow_signer_is_given_up() {
    let (_sender, held) = oneshot::channel();
    let hsm = Hsm::new(p521(), [Step::Hold(held)]);
    let signer = RemoteSigner::new(hsm.clone())
        .timeout(std::time::Duration::from_millis(300))
        .timer(|_| ready(()));
    // The timer is over at once, and asked last.
    let error = failure(&signer).await;
    assert_eq!(
        error.to_string(),
        "the signer (an HSM) took longer than 300ms"
    );
    assert!(error.is_unavailable());
    assert_eq!(error.signer(), Some("an HSM"));

    let (_sender, held) = oneshot::channel();
    hsm.script([Step::Hold(held)]);
    assert_eq!(unsent(signer).await, error.to_string());
    assert_eq!(hsm.asked(), 2, "asked once each");
}

#[tokio::test]
async fn as_many_signatures_as_allowed_are_under_way() {
    let (senders, held): (Vec<_>, Vec<_>) = (0..4).map(|_| oneshot::channel()).unzip();
    let hsm = Hsm::new(p521(), held.into_iter().map(Step::Hold));
    let signer = remote(&hsm, &ManualClock::new()).max_in_flight(2);
    let mut all = pin!(join_all((0..4).map(|_| signer.sign(BASE))));
    assert!(poll_immediate(&mut all).await.is_none());
    assert_eq!(hsm.asked(), 2);
    for sender in senders {
        sender.send(()).expect("will be asked");
    }
    assert!(all.await.iter().all(Result::is_ok));
    assert_eq!(hsm.asked(), 4);
}

#[tokio::test]
async fn waiting_for_a_turn_is_part_of_the_timeout() {
    let (_sender, held) = oneshot::channel();
    let hsm = Hsm::new(p521(), [Step::Hold(held)]);
    let (release, over) = oneshot::channel::<()>();
    let over = over.shared();
    let first = AtomicUsize::new(0);
    let timer = move |_| {
        let is_first = first.fetch_add(1, Ordering::SeqCst) == 0;
        let over = over.clone();
        async move {
            match is_first {
                true => pending().await,
                false => drop(over.await),
            }
        }
    };
    let signer = RemoteSigner::new(hsm.clone()).max_in_flight(0).timer(timer);
    let mut holding = pin!(signer.sign(BASE));
    assert!(poll_immediate(&mut holding).await.is_none());
    let mut waiting = pin!(signer.sign(BASE));
    assert!(poll_immediate(&mut waiting).await.is_none());
    release.send(()).expect("waits");
    let error = waiting.await.expect_err("no turn");
    assert_eq!(
        error.to_string(),
        "the signer (an HSM) has 1 signatures in progress, and none was made within 5s"
    );
    assert_eq!(hsm.asked(), 1);
}

#[tokio::test]
async fn a_signer_that_is_down_is_left_alone() {
    let down = || std::iter::repeat_with(|| Step::Unavailable);
    let hsm = Hsm::new(p521(), down().take(5));
    let clock = ManualClock::new();
    let signer = remote(&hsm, &clock);
    // Three failures, and then one after a pause of 1, 2 and 4 seconds.
    for (at, asked) in [
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 3),
        (999, 3),
        (1000, 4),
        (1001, 4),
        (2999, 4),
        (3000, 5),
        (6999, 5),
    ] {
        clock.set(crate::support::START);
        clock.advance(std::time::Duration::from_millis(at));
        assert!(failure(&signer).await.is_unavailable());
        assert_eq!(hsm.asked(), asked, "at {at}");
    }
    clock.set(crate::support::START + 7);
    signer.sign(BASE).await.expect("it is back");
    hsm.script([Step::Unavailable]);
    failure(&signer).await;
    signer
        .sign(BASE)
        .await
        .expect("one failure is not an outage");
}

#[tokio::test]
async fn the_pause_ends_at_30_seconds_and_with_a_clock_that_is_set_back() {
    let hsm = Hsm::new(
        p521(),
        std::iter::repeat_with(|| Step::Unavailable).take(40),
    );
    let clock = ManualClock::new();
    let signer = remote(&hsm, &clock);
    for _ in 0..20 {
        failure(&signer).await;
        clock.advance(std::time::Duration::from_secs(30));
    }
    assert_eq!(hsm.asked(), 20);
    failure(&signer).await;
    failure(&signer).await;
    assert_eq!(hsm.asked(), 21);
    clock.set(crate::support::START - 3600);
    failure(&signer).await;
    assert_eq!(hsm.asked(), 22);
}

#[tokio::test]
async fn refusals_are_not_an_outage() {
    let hsm = Hsm::new(p521(), std::iter::repeat_with(|| Step::Failed).take(9));
    let signer = remote(&hsm, &ManualClock::new());
    for _ in 0..9 {
        assert!(!failure(&signer).await.is_unavailable());
    }
    assert_eq!(hsm.asked(), 9);
}

#[tokio::test]
async fn a_remote_key_does_not_sign_at_once() {
    let signer = Signer::new(RemoteSigner::new(ed25519()), "key-id");
    let mut request = Request::new(Bytes::new());
    let error = signer.sign(&mut request).expect_err("takes time");
    assert!(matches!(error, SignError::Elsewhere));
    signer.sign_async(&mut request).await.expect("signed");
    assert!(request.headers().contains_key("signature"));
}

#[test]
fn signers_do_not_print_keys() {
    let shared: Arc<dyn RequestSigner> = Arc::new(ed25519());
    let signer = RemoteSigner::new(shared);
    assert_eq!(
        format!("{signer:?}"),
        r#"RemoteSigner { name: "the key in this process", algorithm: Ed25519, timeout: 5s, max_in_flight: 64, .. }"#
    );
    let _: Arc<dyn Timer> = Arc::new(|_| ready(()));
}
