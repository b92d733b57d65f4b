//! What is handed out, and when, however often and in whatever order deliveries come.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tokio::sync::Semaphore;
use upvest_webhooks::models::Uuid;
use upvest_webhooks::signing::{KeyAlgorithm, MemoryNonceStore, SigningKey};
use upvest_webhooks::{
    DeliveryVerifier, Event, HandlerError, Inbox, MemoryInbox, Receiver, StaticKeys,
};

use crate::support::{Draft, KEY_ID, Log, NOW, at, balance_event, params, payload, send, verifier};

fn delivery(numbers: &[u64]) -> Request<Vec<u8>> {
    let events: Vec<String> = numbers.iter().map(|one| balance_event(*one, "1")).collect();
    Draft::new(payload(&events)).sign()
}

/// The last digits of the id.
fn number(event: &Event) -> u64 {
    event.key().as_u64_pair().1 & 0xffff
}

/// A handler that fails as long as it is set to, and writes down the events that it gets.
#[derive(Clone, Default)]
struct FailingHandler {
    fails: Arc<Mutex<Option<(u64, bool)>>>,
    taken: Arc<Mutex<Vec<u64>>>,
}

impl FailingHandler {
    fn receiver(&self) -> Receiver<impl upvest_webhooks::Handler + use<>> {
        self.with(verifier())
    }

    fn with(
        &self,
        verifier: upvest_webhooks::DeliveryVerifier,
    ) -> Receiver<impl upvest_webhooks::Handler + use<>> {
        let handler = self.clone();
        Receiver::new(verifier, move |event: Event| {
            let failure = handler
                .fails
                .lock()
                .unwrap()
                .filter(|(one, _)| *one == number(&event));
            let outcome = match failure {
                Some((_, true)) => Err(HandlerError::retryable("the database is away")),
                Some((_, false)) => Err(HandlerError::permanent("no such account")),
                None => {
                    handler.taken.lock().unwrap().push(number(&event));
                    Ok(())
                }
            };
            std::future::ready(outcome)
        })
    }

    /// From now on, this event fails, and passes the next time or never does.
    fn fail(&self, failure: Option<(u64, bool)>) {
        *self.fails.lock().unwrap() = failure;
    }

    fn taken(&self) -> Vec<u64> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }
}

#[tokio::test]
async fn an_event_that_comes_again_is_not_handed_out_again() {
    let log = Log::default();
    let receiver = log.receiver(verifier());
    assert_eq!(send(&receiver, delivery(&[1, 2])).await, 200);
    assert_eq!(log.handed_out(), [1, 2]);
    assert_eq!(
        send(&receiver, delivery(&[1, 2])).await,
        200,
        "signed afresh"
    );
    let again = delivery(&[2, 3]);
    assert_eq!(send(&receiver, again.clone()).await, 200);
    assert_eq!(send(&receiver, again).await, 200, "to the byte");
    assert_eq!(log.handed_out(), [3]);
    assert_eq!(
        send(&receiver, delivery(&[4, 4])).await,
        200,
        "twice in one delivery"
    );
    assert_eq!(log.handed_out(), [4]);
}

#[tokio::test]
async fn malformed_events_are_known_by_what_they_are() {
    let log = Log::default();
    let receiver = log.receiver(verifier());
    for _ in 0..2 {
        let body = payload(&["{}".to_owned(), "{ }".to_owned(), "[]".to_owned()]);
        assert_eq!(send(&receiver, Draft::new(body).sign()).await, 200);
    }
    assert_eq!(log.handed_out().len(), 3);
}

#[tokio::test]
async fn a_failure_that_passes_stops_the_delivery_and_a_repetition_brings_the_rest() {
    let handler = FailingHandler::default();
    let receiver = handler.receiver();
    handler.fail(Some((2, true)));
    for _ in 0..2 {
        assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 503);
    }
    assert_eq!(handler.taken(), [1]);
    handler.fail(None);
    assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 200);
    assert_eq!(handler.taken(), [2, 3]);
}

#[tokio::test]
async fn a_failure_that_stays_stops_nothing() {
    let handler = FailingHandler::default();
    let reports = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&reports);
    let receiver = handler
        .receiver()
        .observe(move |report| told.lock().unwrap().push(report.to_string()));
    handler.fail(Some((2, false)));
    assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 200);
    assert_eq!(handler.taken(), [1, 3]);
    handler.fail(None);
    assert_eq!(send(&receiver, delivery(&[1, 2, 3])).await, 200);
    assert!(handler.taken().is_empty(), "it counts as handled");
    insta::assert_snapshot!(reports.lock().unwrap().join("\n"), @r"
    the event 00000000-0000-4000-8000-000000000002 is refused for good: no such account
    a delivery of 3 events was taken
    the event 00000000-0000-4000-8000-000000000001 was handled before
    the event 00000000-0000-4000-8000-000000000002 was handled before
    the event 00000000-0000-4000-8000-000000000003 was handled before
    a delivery of 3 events was taken
    ");
}

#[test]
fn an_error_without_more_is_taken_for_one_that_passes() {
    fn fails() -> Result<(), HandlerError> {
        Err(io::Error::other("broken pipe"))?;
        Ok(())
    }
    let error = fails().unwrap_err();
    assert!(error.is_retryable() && error.is_unclassified());
    assert_eq!(error.to_string(), "broken pipe");
    let permanent = HandlerError::permanent("never");
    assert!(!permanent.is_retryable() && !permanent.is_unclassified());
    assert!(!HandlerError::retryable("later").is_unclassified());
}

#[tokio::test]
async fn a_delivery_that_was_refused_for_the_moment_may_come_again_unchanged_for_days() {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let verifier = verifier().clock(move || at(clock.load(Ordering::Relaxed)));
    let handler = FailingHandler::default();
    let receiver = handler.with(verifier);
    let (refused, forgotten, never_seen) = (delivery(&[1]), delivery(&[1, 2]), delivery(&[3]));
    handler.fail(Some((1, true)));
    assert_eq!(send(&receiver, forgotten.clone()).await, 503);
    for _ in 0..500 {
        assert_eq!(send(&receiver, refused.clone()).await, 503);
        now.fetch_add(600, Ordering::Relaxed);
    }
    assert_eq!(
        send(&receiver, never_seen).await,
        401,
        "this one is just late"
    );
    assert_eq!(
        send(&receiver, forgotten).await,
        401,
        "nobody repeats this one"
    );
    let mut changed = refused.clone();
    changed.body_mut()[30] ^= 1;
    assert_eq!(
        send(&receiver, changed).await,
        401,
        "all else is checked as ever"
    );
    handler.fail(None);
    assert_eq!(send(&receiver, refused.clone()).await, 200);
    assert_eq!(handler.taken(), [1]);
    assert_eq!(
        send(&receiver, refused).await,
        401,
        "it is late now, since it was taken"
    );
}

#[tokio::test]
async fn what_waits_to_be_repeated_is_bounded() {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    // A key that is faster, for thousands of signatures; each of a separate nonce, since they are
    // not random.
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let keys = StaticKeys::from_iter([(KEY_ID.to_owned(), key.verifying_key())]);
    let verifier = DeliveryVerifier::new(keys).clock(move || at(clock.load(Ordering::Relaxed)));
    let delivery = |number: u64| {
        let params = params(NOW, NOW + 5).replace("o085M4c", &number.to_string());
        let key = key.clone();
        Draft {
            key,
            params,
            ..Draft::new(payload(&[]))
        }
        .sign()
    };
    let first = delivery(0);
    for number in 0..1024 {
        verifier.verify(&delivery(number)).await.unwrap();
    }
    now.fetch_add(3600, Ordering::Relaxed);
    verifier
        .verify(&first)
        .await
        .expect("there is room for all of them");
    now.store(NOW, Ordering::Relaxed);
    for number in 1024..2048 {
        verifier.verify(&delivery(number)).await.unwrap();
    }
    now.fetch_add(3600, Ordering::Relaxed);
    verifier.verify(&first).await.expect_err("it made room");
    verifier
        .verify(&delivery(1024))
        .await
        .expect("this one is still there");
}

#[tokio::test]
async fn with_a_nonce_store_what_was_not_taken_may_still_come_again() {
    let handler = FailingHandler::default();
    let receiver = handler.with(verifier().nonce_store(MemoryNonceStore::default()));
    let request = delivery(&[1]);
    handler.fail(Some((1, true)));
    assert_eq!(send(&receiver, request.clone()).await, 503);
    handler.fail(None);
    assert_eq!(send(&receiver, request.clone()).await, 200);
    assert_eq!(send(&receiver, request).await, 401, "the nonce is used up");
    let without = Draft {
        params: params(NOW, NOW + 5).replace(";nonce=\"o085M4cMgpbicuOL\"", ""),
        ..Draft::new(payload(&[]))
    };
    assert_eq!(send(&receiver, without.sign()).await, 401);
}

/// An inbox that fails as long as it is set to.
#[derive(Clone, Default)]
struct FailingInbox {
    inner: Arc<MemoryInbox>,
    seen_fails: Arc<AtomicBool>,
    record_fails: Arc<AtomicBool>,
}

impl Inbox for FailingInbox {
    type Error = io::Error;

    async fn seen(&self, key: Uuid) -> io::Result<bool> {
        if self.seen_fails.load(Ordering::Relaxed) {
            return Err(io::Error::other("no connection"));
        }
        Ok(self.inner.seen(key).await.unwrap())
    }

    async fn record(&self, key: Uuid) -> io::Result<()> {
        if self.record_fails.load(Ordering::Relaxed) {
            return Err(io::Error::other("no connection"));
        }
        self.inner.record(key).await.unwrap();
        Ok(())
    }
}

#[tokio::test]
async fn an_inbox_that_fails_makes_the_delivery_come_again() {
    let handler = FailingHandler::default();
    let inbox = FailingInbox::default();
    let receiver = handler.receiver().inbox(inbox.clone());
    inbox.seen_fails.store(true, Ordering::Relaxed);
    assert_eq!(send(&receiver, delivery(&[1, 2])).await, 503);
    assert!(handler.taken().is_empty());
    inbox.seen_fails.store(false, Ordering::Relaxed);
    inbox.record_fails.store(true, Ordering::Relaxed);
    assert_eq!(send(&receiver, delivery(&[1, 2])).await, 503);
    assert_eq!(handler.taken(), [1], "handed out, and not known to be");
    inbox.record_fails.store(false, Ordering::Relaxed);
    assert_eq!(send(&receiver, delivery(&[1, 2])).await, 200);
    assert_eq!(handler.taken(), [1, 2]);
}

/// The events that are being handled.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<HashSet<Uuid>>>);

struct Run(Running, Uuid);

impl Running {
    fn start(&self, key: Uuid) -> Run {
        assert!(self.0.lock().unwrap().insert(key), "twice at a time");
        Run(self.clone(), key)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().remove(&self.1);
    }
}

#[tokio::test]
async fn no_event_is_handed_out_twice_at_a_time() {
    let permits = Arc::new(Semaphore::new(0));
    let started = Arc::new(Semaphore::new(0));
    let running = Running::default();
    let log = Arc::new(Mutex::new(Vec::new()));
    let receiver = {
        let (permits, started, log) =
            (Arc::clone(&permits), Arc::clone(&started), Arc::clone(&log));
        Receiver::new(verifier(), move |event: Event| {
            let (permits, started) = (Arc::clone(&permits), Arc::clone(&started));
            let (running, log) = (running.clone(), Arc::clone(&log));
            async move {
                let _run = running.start(event.key());
                started.add_permits(1);
                permits.acquire().await.unwrap().forget();
                log.lock().unwrap().push(number(&event));
                Ok(())
            }
        })
    };
    let spawn = |numbers: &'static [u64]| {
        let receiver = receiver.clone();
        tokio::spawn(async move { send(&receiver, delivery(numbers)).await })
    };
    // The same event three times, one of which hangs up; and another one, which does not have to wait.
    let given_up = spawn(&[1]);
    started.acquire().await.unwrap().forget();
    let others = [spawn(&[1, 3]), spawn(&[1]), spawn(&[2])];
    started.acquire().await.unwrap().forget();
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    assert!(log.lock().unwrap().is_empty());
    permits.add_permits(100);
    for other in others {
        assert_eq!(other.await.unwrap(), StatusCode::OK);
    }
    let mut taken = log.lock().unwrap().clone();
    taken.sort_unstable();
    assert_eq!(taken, [1, 2, 3]);
}
