//! Clocks that are off: noticed by the `date` of an answer, and corrected by an offset.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use upvest_auth_signing::{ClockSkew, SignLayer, Signer, Verifier};

use crate::support::{ManualClock, START, ed25519};

/// [`START`] as a header has it.
const DATE: &str = "Wed, 06 Oct 2021 14:14:19 GMT";

fn dated(dates: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for date in dates {
        let date = HeaderValue::from_bytes(date.as_bytes()).expect("a value");
        headers.append("date", date);
    }
    headers
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn too_much_is_what_no_signature_survives() {
    let offset = |now, lifetime| {
        ClockSkew::detect(&dated(&[DATE]), at(now), Duration::from_secs(lifetime))
            .map(|skew| skew.offset_seconds())
    };
    assert_eq!(offset(START, 30), None);
    assert_eq!(offset(START - 30, 30), None);
    assert_eq!(offset(START - 31, 30), Some(31));
    assert_eq!(offset(START + 5, 30), None);
    assert_eq!(offset(START + 6, 30), Some(-6));
    assert_eq!(offset(START + 2, 2), None);
    assert_eq!(offset(START + 3, 2), Some(-3));
    assert_eq!(offset(0, 60), Some(1_633_529_659));
}

#[test]
fn dates_that_say_nothing() {
    for dates in [
        &[][..],
        &[DATE, DATE],
        &[""],
        &["yesterday"],
        &["1633529659"],
        &["2021-10-06T14:14:19Z"],
        &["Wed, 06 Oct 2021 14:14:19 GM\u{e9}"],
    ] {
        let skew = ClockSkew::detect(&dated(dates), at(0), Duration::from_secs(30));
        assert_eq!(skew, None, "{dates:?}");
    }
    // The two obsolete forms that RFC 9110 wants to be understood.
    for date in [
        "Wednesday, 06-Oct-21 14:14:19 GMT",
        "Wed Oct  6 14:14:19 2021",
    ] {
        let skew = ClockSkew::detect(&dated(&[date]), at(0), Duration::from_secs(30));
        assert!(skew.is_some(), "{date}");
    }
}

#[test]
fn in_words() {
    let skew = |now| ClockSkew::detect(&dated(&[DATE]), at(now), Duration::from_secs(30));
    insta::assert_snapshot!(
        skew(START - 3600).expect("off"),
        @"the local clock is 3600 s behind that of the server, and signatures are valid for 30 s: set the clock, or give the signer an offset of 3600 s"
    );
    insta::assert_snapshot!(
        skew(START + 7).expect("off"),
        @"the local clock is 7 s ahead of that of the server, and signatures are valid for 30 s: set the clock, or give the signer an offset of -7 s"
    );
}

/// What an answer with this status has in its extensions, when the signer's clock says `now`.
async fn answered(status: StatusCode, now: u64, offset: i64) -> Option<ClockSkew> {
    let clock = ManualClock::new();
    clock.set(now);
    let signer = Signer::new(ed25519(), "key-id")
        .clock(clock)
        .clock_offset(offset);
    let service = ServiceBuilder::new()
        .layer(SignLayer::new(signer))
        .service(service_fn(move |_: Request<Bytes>| async move {
            let response = Response::builder().status(status).header("date", DATE);
            Ok::<_, Infallible>(response.body(Full::<Bytes>::default()).expect("a response"))
        }));
    let response = service
        .oneshot(Request::new(Bytes::new()))
        .await
        .expect("answered");
    response.extensions().get().copied()
}

#[tokio::test]
async fn a_refusal_says_that_the_clock_is_off() {
    let unauthorized = StatusCode::UNAUTHORIZED;
    let skew = answered(unauthorized, START - 90, 0).await.expect("off");
    assert_eq!(skew.offset_seconds(), 90);

    assert_eq!(answered(unauthorized, START, 0).await, None);
    assert_eq!(answered(StatusCode::OK, START - 90, 0).await, None);
    assert_eq!(answered(StatusCode::FORBIDDEN, START - 90, 0).await, None);
}

#[tokio::test]
async fn an_offset_is_part_of_the_clock() {
    let unauthorized = StatusCode::UNAUTHORIZED;
    for (now, right, wrong) in [(START - 90, 90, 50), (START + 90, -90, -50)] {
        assert_eq!(answered(unauthorized, now, right).await, None);
        let skew = answered(unauthorized, now, wrong).await.expect("off");
        assert_eq!(skew.offset_seconds(), right, "the whole of it");
    }
    let skew = answered(unauthorized, START, -90).await.expect("off");
    assert_eq!(skew.offset_seconds(), 0);
}

#[test]
fn a_signature_by_a_corrected_clock() {
    let key = ed25519();
    let verifier = Verifier::new(HashMap::from([("key-id".to_owned(), key.verifying_key())]))
        .clock(ManualClock::new());
    for (now, offset) in [(START - 90, 90), (START + 90, -90)] {
        let clock = ManualClock::new();
        clock.set(now);
        let signer = Signer::new(key.clone(), "key-id").clock(clock);
        let mut request = Request::new(Bytes::new());
        signer.sign(&mut request).expect("signs");
        verifier.verify(&request).expect_err("the clock is off");
        signer
            .clock_offset(offset)
            .sign(&mut request)
            .expect("signs");
        let verified = verifier.verify(&request).expect("valid");
        assert_eq!(verified.created, at(START));
    }
}
