//! What has begun is finished, within a time limit, and one event does not hold back all others for
//! ever.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use http::{Request, StatusCode};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use upvest_webhooks::models::Uuid;
use upvest_webhooks::{Event, Handler, HandlerError, Inbox, MemoryInbox, Receiver};

use crate::support::{Draft, NOW, at, balance_event, payload, send, verifier};

fn delivery(numbers: &[u64]) -> Request<Vec<u8>> {
    let events: Vec<String> = numbers.iter().map(|one| balance_event(*one, "1")).collect();
    Draft::new(payload(&events)).sign()
}

/// The last digits of the id, and the attempt.
fn number(event: &Event) -> (u64, u32) {
    (event.key().as_u64_pair().1 & 0xffff, event.attempt())
}

/// Events that were handed out, those that were parked, and what was reported.
#[derive(Clone, Default)]
struct Log {
    handled: Arc<Mutex<Vec<(u64, u32)>>>,
    parked: Arc<Mutex<Vec<(u64, String)>>>,
    reports: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// A receiver whose handler fails as `fail` says, after it has noted the event.
    fn receiver<F>(&self, fail: F) -> Receiver<impl Handler + use<F>>
    where
        F: Fn(u64) -> Result<(), HandlerError> + Send + Sync + 'static,
    {
        let (handled, reports) = (Arc::clone(&self.handled), Arc::clone(&self.reports));
        Receiver::new(verifier(), move |event: Event| {
            handled.lock().unwrap().push(number(&event));
            let outcome = fail(number(&event).0);
            std::future::ready(outcome)
        })
        .observe(move |report| reports.lock().unwrap().push(report.to_string()))
    }

    fn parking<H: Handler>(&self, receiver: Receiver<H>) -> Receiver<H> {
        let parked = Arc::clone(&self.parked);
        receiver.park(move |event, reason| {
            parked.lock().unwrap().push((number(&event).0, reason));
            std::future::ready(Ok(()))
        })
    }

    fn handled(&self) -> Vec<(u64, u32)> {
        std::mem::take(&mut self.handled.lock().unwrap())
    }

    fn parked(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.parked.lock().unwrap())
    }

    fn reports(&self) -> String {
        std::mem::take(&mut *self.reports.lock().unwrap()).join("\n")
    }
}

/// The second event fails with an error that nobody has classified.
fn second_fails(number: u64) -> Result<(), HandlerError> {
    if number == 2 {
        Err(io::Error::other("no such\ncurrency"))?;
    }
    Ok(())
}

/// An inbox that lets nothing pass without a permit.
#[derive(Clone)]
struct PermitInbox {
    inner: Arc<MemoryInbox>,
    permits: Arc<Semaphore>,
}

impl Inbox for PermitInbox {
    type Error = io::Error;

    async fn seen(&self, key: Uuid) -> io::Result<bool> {
        Ok(self.inner.seen(key).await.unwrap())
    }

    async fn record(&self, key: Uuid) -> io::Result<()> {
        self.permits.acquire().await.unwrap().forget();
        self.inner.record(key).await.unwrap();
        Ok(())
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_while_the_inbox_records_changes_nothing() {
    let log = Log::default();
    let inbox = PermitInbox {
        inner: Arc::default(),
        permits: Arc::new(Semaphore::new(0)),
    };
    let receiver = log.receiver(|_| Ok(())).inbox(inbox.clone());
    for _ in 0..6 {
        let mut request = Box::pin(send(&receiver, delivery(&[1])));
        for _ in 0..20 {
            assert!((&mut request).now_or_never().is_none(), "the inbox waits");
            tokio::task::yield_now().await;
        }
        drop(request);
    }
    assert_eq!(log.handled(), [(1, 1)]);
    inbox.permits.add_permits(1);
    assert_eq!(send(&receiver, delivery(&[1])).await, 200);
    assert!(log.handled().is_empty(), "it was handed out once");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_returns_holds_its_event_for_some_time_only() {
    let calls = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&calls);
    let receiver = Receiver::new(verifier(), move |_: Event| {
        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if is_first {
                pending::<()>().await;
            }
            Ok(())
        }
    })
    .timeout(Duration::from_secs(20));
    let start = Instant::now();
    let first = tokio::spawn({
        let receiver = receiver.clone();
        async move { send(&receiver, delivery(&[1])).await }
    });
    tokio::task::yield_now().await;
    // It waits for the first one, and then has its turn.
    assert_eq!(send(&receiver, delivery(&[1])).await, 200);
    assert_eq!(first.await.unwrap(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(start.elapsed().as_secs(), 20);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_does_not_answer_is_given_up() {
    let log = Log::default();
    let inbox = PermitInbox {
        inner: Arc::default(),
        permits: Arc::new(Semaphore::new(0)),
    };
    let receiver = log.receiver(|_| Ok(())).inbox(inbox);
    let start = Instant::now();
    assert_eq!(send(&receiver, delivery(&[1])).await, 503);
    assert_eq!(start.elapsed().as_secs(), 30);
    insta::assert_snapshot!(log.reports(), @"a request was answered with 503 Service Unavailable: the inbox cannot be queried: not done within 30 s");
}

#[tokio::test]
async fn an_error_of_no_class_parks_its_event_after_some_attempts() {
    let log = Log::default();
    let receiver = log.parking(log.receiver(second_fails)).max_attempts(3);
    for _ in 0..2 {
        assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 503);
    }
    assert_eq!(log.handled(), [(1, 1), (2, 1), (2, 2)]);
    assert!(log.parked().is_empty());
    log.reports();

    assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 200);
    assert_eq!(log.handled(), [(2, 3), (3, 1)]);
    assert_eq!(log.parked(), [(2, r"no such\ncurrency".to_owned())]);
    insta::assert_snapshot!(log.reports(), @r"
    the event 00000000-0000-4000-8000-000000000001 was handled before
    the event 00000000-0000-4000-8000-000000000002 is parked after attempt 3: no such\ncurrency
    a delivery of 3 events was taken
    ");
    assert_eq!(send(&receiver, delivery(&[2])).await, 200);
    assert!(log.handled().is_empty(), "it counts as handled");
}

#[tokio::test]
async fn without_a_place_to_park_it_the_event_goes_on_coming_and_the_report_says_so() {
    let log = Log::default();
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let reports = Arc::clone(&log.reports);
    let receiver = Receiver::new(
        verifier().clock(move || at(clock.load(Ordering::Relaxed))),
        |event: Event| std::future::ready(second_fails(number(&event).0)),
    )
    .max_attempts(3)
    .observe(move |report| reports.lock().unwrap().push(report.to_string()));
    for _ in 0..4 {
        assert_eq!(send(&receiver, delivery(&[2])).await, 503);
        now.fetch_add(1, Ordering::Relaxed);
    }
    insta::assert_snapshot!(log.reports(), @r"
    a request was answered with 503 Service Unavailable: the event 00000000-0000-4000-8000-000000000002 cannot be handled at the moment: no such\ncurrency
    a request was answered with 503 Service Unavailable: the event 00000000-0000-4000-8000-000000000002 cannot be handled at the moment: no such\ncurrency
    DELIVERIES ARE BLOCKED since 2023-11-14 22:13:20 UTC by the event 00000000-0000-4000-8000-000000000002, attempt 3: no such\ncurrency
    a request was answered with 503 Service Unavailable: the event 00000000-0000-4000-8000-000000000002 cannot be handled at the moment: no such\ncurrency
    DELIVERIES ARE BLOCKED since 2023-11-14 22:13:20 UTC by the event 00000000-0000-4000-8000-000000000002, attempt 4: no such\ncurrency
    a request was answered with 503 Service Unavailable: the event 00000000-0000-4000-8000-000000000002 cannot be handled at the moment: no such\ncurrency
    ");
}

#[tokio::test]
async fn what_the_handler_says_of_an_error_decides_whether_it_is_parked() {
    let log = Log::default();
    let receiver = log.receiver(|number| match number {
        1 => Err(HandlerError::permanent("no such account")),
        _ => Err(HandlerError::retryable("the database is away")),
    });
    let receiver = log.parking(receiver).max_attempts(2);
    for _ in 0..5 {
        assert_eq!(send(&receiver, delivery(&[1, 2])).await, 503);
    }
    assert_eq!(log.parked(), [(1, "no such account".to_owned())]);
    assert!(log.reports().contains("DELIVERIES ARE BLOCKED"));
}

#[tokio::test]
async fn what_cannot_be_parked_comes_again() {
    let log = Log::default();
    let receiver = log.receiver(second_fails).max_attempts(1);
    let receiver =
        receiver.park(|_, _| std::future::ready(Err(io::Error::other("the disk is full").into())));
    assert_eq!(send(&receiver, delivery(&[2])).await, 503);
    assert_eq!(send(&receiver, delivery(&[2])).await, 503);
    assert_eq!(log.handled(), [(2, 1), (2, 2)]);
    let reports = log.reports();
    assert!(
        reports.contains("cannot be parked: the disk is full"),
        "{reports}"
    );
    assert!(reports.contains("DELIVERIES ARE BLOCKED"), "{reports}");
}

#[tokio::test(start_paused = true)]
async fn panics_and_handlers_that_hang_are_errors_of_no_class() {
    let log = Log::default();
    let receiver = Receiver::new(verifier(), |event: Event| async move {
        match number(&event).0 {
            1 => panic!("out of cheese"),
            2 => pending().await,
            _ => Ok(()),
        }
    });
    let receiver = log.parking(receiver).max_attempts(2);
    for _ in 0..2 {
        assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 503);
    }
    assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 200);
    assert_eq!(
        log.parked(),
        [
            (1, "the handler panicked".to_owned()),
            (2, "not done within 30 s".to_owned())
        ]
    );
}

#[tokio::test]
async fn an_inbox_that_panics_costs_its_delivery_alone() {
    struct Broken;
    impl Inbox for Broken {
        type Error = io::Error;
        async fn seen(&self, _: Uuid) -> io::Result<bool> {
            panic!("out of cheese")
        }
        async fn record(&self, _: Uuid) -> io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let receiver = log.receiver(|_| Ok(())).inbox(Broken);
    for _ in 0..2 {
        assert_eq!(send(&receiver, delivery(&[1])).await, 503);
        assert!(log.reports().contains("handling the delivery panicked"));
    }
}
