//! Deliveries, good and bad, with the answer to each and its reason.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode, Uri};
use upvest_webhooks::signing::{EcdsaEncoding, SignatureVersion, content_digest};
use upvest_webhooks::{DeliveryVerifier, FetchedKeys};

use crate::support::{
    Draft, KEY_ID, Log, NOW, balance_event, header, params, payload, send, set, verifier,
};

mod accepted;
mod changed;
mod malformed;
mod refused;

type Wire = Request<Vec<u8>>;

/// What is sent, and what comes of it.
struct Case {
    name: &'static str,
    request: fn() -> Wire,
    status: u16,
    /// How many events are handed out.
    events: usize,
    /// A part of the reason.
    reason: &'static str,
}

const TAKEN: Case = Case {
    name: "",
    request: || signed(|_| {}),
    status: 200,
    events: 2,
    reason: "",
};

const REFUSED: Case = Case {
    status: 401,
    events: 0,
    ..TAKEN
};

fn body() -> String {
    payload(&[balance_event(1, "100.25"), balance_event(2, "80")])
}

/// A delivery of two events, changed before it is signed.
fn signed(change: impl FnOnce(&mut Draft)) -> Wire {
    let mut draft = Draft::new(body());
    change(&mut draft);
    draft.sign()
}

/// A delivery of two events, changed after it was signed.
fn tampered(change: impl FnOnce(&mut Wire)) -> Wire {
    let mut request = signed(|_| {});
    change(&mut request);
    request
}

fn with_body(body: impl Into<Vec<u8>>) -> Wire {
    signed(|draft| draft.set_body(body))
}

fn with_params(params: &str) -> Wire {
    signed(|draft| draft.params = params.to_owned())
}

/// Changes the bytes of the signature.
fn resigned(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Wire {
    let draft = Draft::new(body());
    let mut request = draft.sign();
    let value = header(&request, "signature");
    let bytes = STANDARD.decode(value[6..].trim_matches(':')).unwrap();
    set(
        &mut request,
        "signature",
        &format!("sig1=:{}:", STANDARD.encode(change(bytes))),
    );
    request
}

fn edited(name: &'static str, change: impl FnOnce(String) -> String) -> Wire {
    tampered(|request| {
        let value = change(header(request, name));
        set(request, name, &value);
    })
}

fn version_15() -> Wire {
    signed(|draft| {
        draft.quote = "\"";
        draft.uncover("digest");
        draft.headers.remove("digest");
        let digest = content_digest(&draft.body);
        draft.set("content-digest", &digest);
        draft.cover("content-digest");
        draft.set("upvest-signature-version", "15");
    })
}

const OTHER: &str = r#"{"payload":[]}"#;

/// All of them against a verifier as it comes.
fn cases() -> impl Iterator<Item = &'static Case> {
    [
        accepted::CASES,
        changed::CASES,
        malformed::CASES,
        refused::CASES,
    ]
    .into_iter()
    .flatten()
}

#[tokio::test]
async fn each_delivery_gets_the_answer_that_it_deserves() {
    assert!(cases().count() >= 60);
    let mut wrong = Vec::new();
    for case in cases() {
        let log = Log::default();
        let answer = send(&log.receiver(verifier()), (case.request)()).await;
        let handed_out = log.handed_out().len();
        let reports = log.reports();
        let is_told = reports.iter().any(|report| report.contains(case.reason));
        if answer != case.status || handed_out != case.events || !is_told {
            let name = case.name;
            wrong.push(format!(
                "{name}: {answer}, {handed_out} events, {reports:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_reason_belongs_to_a_case_by_itself() {
    // Whatever is refused after verification would go unnoticed if the original were refused, too.
    let log = Log::default();
    let receiver = log.receiver(verifier());
    for case in cases() {
        send(&receiver, signed(|_| {})).await;
        let answer = send(&receiver, (case.request)()).await;
        let name = case.name;
        assert_eq!(
            answer, case.status,
            "{name}, after a delivery that was fine"
        );
    }
}

async fn answer(verifier: DeliveryVerifier, request: Wire) -> (StatusCode, String) {
    let log = Log::default();
    let status = send(&log.receiver(verifier), request).await;
    (status, log.reports().join("\n"))
}

#[tokio::test]
async fn what_is_accepted_can_be_set() {
    let both = || verifier().versions([SignatureVersion::V6, SignatureVersion::V15]);
    assert_eq!(answer(both(), version_15()).await.0, 200);
    assert_eq!(answer(both(), signed(|_| {})).await.0, 200);
    let only_15 = verifier().versions([SignatureVersion::V15]);
    assert_eq!(answer(only_15, signed(|_| {})).await.0, 401);

    let der = || verifier().ecdsa_encoding(EcdsaEncoding::Der);
    let fixed = || verifier().ecdsa_encoding(EcdsaEncoding::FixedWidth);
    let in_fixed_width = || signed(|draft| draft.fixed_width = true);
    assert_eq!(answer(der(), signed(|_| {})).await.0, 200);
    assert_eq!(answer(der(), in_fixed_width()).await.0, 401);
    assert_eq!(answer(fixed(), signed(|_| {})).await.0, 401);
    assert_eq!(answer(fixed(), in_fixed_width()).await.0, 200);

    let (status, reason) = answer(
        verifier().required(["@method", "@authority"]),
        signed(|_| {}),
    )
    .await;
    assert_eq!(status, 401);
    assert!(reason.contains("`@authority`"), "{reason}");
    let (status, reason) = answer(
        verifier().required([] as [&str; 0]),
        signed(|draft| draft.uncover("digest")),
    )
    .await;
    assert_eq!(status, 401, "the digest is required whatever is");
    assert!(reason.contains("`digest`"), "{reason}");

    let without_expires = || with_params(&format!(";keyid=\"{KEY_ID}\";created={NOW}"));
    assert_eq!(
        answer(verifier().expires_required(), without_expires())
            .await
            .0,
        401
    );
    let old = || with_params(&format!(";keyid=\"{KEY_ID}\";created={}", NOW - 600));
    let longer = verifier().lifetime_without_expires(Duration::from_secs(600));
    assert_eq!(answer(longer, old()).await.0, 200);
    assert_eq!(answer(verifier().grace(Duration::MAX), old()).await.0, 401);
    let strict = verifier().grace(Duration::ZERO);
    let late = || with_params(&params(NOW - 60, NOW - 31));
    assert_eq!(answer(strict, late()).await.0, 401);
    let patient = verifier().grace(Duration::MAX);
    assert_eq!(answer(patient, with_params(&params(1, 2))).await.0, 200);
}

#[tokio::test]
async fn the_path_may_be_that_which_a_proxy_was_asked_for() {
    let mut request = signed(|_| {});
    *request.uri_mut() = Uri::from_static("/internal?tenant=7");
    let told = || verifier().path("/hooks/upvest".parse().unwrap());
    assert_eq!(answer(told(), request.clone()).await.0, 200);
    assert_eq!(answer(verifier(), request.clone()).await.0, 401);
    *request.uri_mut() = Uri::from_static("/internal?tenant=8");
    assert_eq!(
        answer(told(), request).await.0,
        401,
        "the query is still its own"
    );
}

#[tokio::test]
async fn without_keys_nothing_can_be_verified() {
    let keys = FetchedKeys::new(|| async { Err("no network".into()) });
    let verifier = DeliveryVerifier::new(keys).clock(|| crate::support::at(NOW));
    let (status, reason) = answer(verifier.clone(), signed(|_| {})).await;
    assert_eq!(status, 503);
    assert!(reason.contains("cannot be fetched"), "{reason}");
    // What is wrong in any case is wrong nevertheless.
    let (status, _) = answer(verifier, signed(|draft| draft.uncover("digest"))).await;
    assert_eq!(status, 401);
}
