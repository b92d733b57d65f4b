//! Answers that are not the API's, or not whole.

use http::StatusCode;
use http_body_util::BodyExt;
use tokio::sync::watch;
use tower::util::MapResponseLayer;
use upvest::Bytes;
use upvest_client::Body;
use upvest_sandbox::{Fault, Latch};

use super::Fixture;

#[tokio::test]
async fn the_page_of_a_proxy_is_kept() {
    let fixture = Fixture::start().await;
    fixture.sandbox.fail(Fault::html(503).on_calls().always());
    let error = fixture.failure().await;
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(error.headers().unwrap()["content-type"], "text/html");
    assert!(error.body().unwrap().starts_with(b"<html>"));
    assert!(error.problem().is_none() && error.request_id().is_none());
    assert!(error.is_transient() && !error.is_decode());
}

#[tokio::test]
async fn what_arrived_of_a_body_is_kept() {
    let fixture = Fixture::start().await;
    fixture.sandbox.fail(Fault::truncated().on_calls().always());
    let error = fixture.failure().await;
    assert_eq!(error.status(), Some(StatusCode::OK));
    let whole = error.headers().unwrap()["content-length"].to_str().unwrap();
    let half = error.body().unwrap();
    assert_eq!(half.len(), whole.parse::<usize>().unwrap() / 2);
    assert!(half.starts_with(b"{\"account_group_id\":\"d0fc0305"));
    assert!(error.request_id().is_some());
    assert!(!error.is_decode() && !error.is_connect() && !error.is_timeout());
    assert!(
        error.to_string().contains("the exchange was interrupted"),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_is_not_an_answer() {
    let fixture = Fixture::start().await;
    let _ = fixture.call().await.unwrap();
    for fault in [
        Fault::reset(),
        Fault::closed(),
        Fault::reset().after_acting(),
    ] {
        let text = format!("{fault:?}");
        fixture.sandbox.fail(fault.on_calls().always());
        let error = fixture.failure().await;
        assert_eq!(error.status(), None, "{text}");
        assert!(!error.is_connect(), "{text}: the request was sent");
        assert!(
            error.to_string().contains("the exchange was interrupted"),
            "{error}"
        );
        fixture.sandbox.clear_faults();
    }
    let _ = fixture.call().await.unwrap();
}

#[tokio::test]
async fn refusals_do_not_cost_the_connection() {
    let fixture = Fixture::start().await;
    let _ = fixture.call().await.unwrap();
    for fault in [Fault::status(403), Fault::status(500), Fault::html(500)] {
        fixture.sandbox.fail(fault.on_calls());
        let _ = fixture.failure().await;
    }
    assert_eq!(fixture.sandbox.counters().connections, 1);
}

#[tokio::test]
async fn a_slow_body_is_waited_for() {
    let fixture = Fixture::start().await;
    let _ = fixture.call().await.unwrap();
    let latch = Latch::new();
    fixture.sandbox.fail(Fault::trickling(&latch));
    let calls = fixture.begin(1);
    latch.arrived(1).await;
    latch.release(100);
    latch.release_all();
    for call in calls.join_all().await {
        call.unwrap();
    }
}

#[tokio::test]
async fn of_a_body_that_stalls_what_arrived_is_kept_when_time_is_up() {
    let arrived = watch::Sender::new(0);
    let seen = arrived.clone();
    let count = MapResponseLayer::new(move |response: http::Response<Body>| {
        let seen = seen.clone();
        response.map(|body| {
            Body::wrap(body.map_frame(move |frame| {
                let length = frame.data_ref().map_or(0, Bytes::len);
                seen.send_modify(|arrived| *arrived += length);
                frame
            }))
        })
    });
    let fixture = Fixture::start_with(|builder| builder.transport_layer(count)).await;
    let _ = fixture.call().await.unwrap();
    arrived.send_replace(0);

    let latch = Latch::new();
    fixture.sandbox.fail(Fault::trickling(&latch));
    latch.release(19);
    let call = fixture.failure();
    let time = async {
        let mut arrived = arrived.subscribe();
        arrived.wait_for(|arrived| *arrived == 19).await.unwrap();
        // From now on, time passes whenever there is nothing else to do.
        tokio::time::pause();
    };
    let (error, ()) = tokio::join!(call, time);
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(error.request_id().is_some());
    assert_eq!(error.body().unwrap(), "{\"account_group_id\"");
}
