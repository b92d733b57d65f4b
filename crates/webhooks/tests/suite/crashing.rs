//! The process stops at any point. What is there afterwards?

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use http::{Request, StatusCode};
use tokio::runtime::{Builder, Runtime};
use upvest_webhooks::models::Uuid;
use upvest_webhooks::{Event, Handler, Inbox, Receiver};

use crate::support::{Draft, balance_event, payload, send, verifier};

/// What outlives a crash: the table of the inbox, and what the events did.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Tables>>);

#[derive(Default)]
struct Tables {
    inbox: BTreeSet<Uuid>,
    /// How often each event took effect.
    effects: HashMap<Uuid, usize>,
}

/// Whether the handler records the event along with its effect.
#[derive(Clone, Copy, PartialEq)]
enum Recording {
    InOneTransaction,
    Afterwards,
}

impl Disk {
    /// A process that has just started.
    fn process(&self, recording: Recording) -> Process<impl Handler + use<>> {
        Process {
            runtime: Builder::new_current_thread().enable_time().build().unwrap(),
            receiver: self.receiver(recording),
        }
    }

    fn receiver(&self, recording: Recording) -> Receiver<impl Handler + use<>, Self> {
        let disk = self.clone();
        let handler = move |event: Event| {
            let disk = disk.clone();
            async move {
                tokio::task::yield_now().await; // BEGIN
                let key = event.key();
                tokio::task::yield_now().await; // INSERT ...
                {
                    let mut tables = disk.0.lock().unwrap(); // COMMIT
                    *tables.effects.entry(key).or_default() += 1;
                    if recording == Recording::InOneTransaction {
                        assert!(tables.inbox.insert(key), "the constraint is unique");
                    }
                }
                tokio::task::yield_now().await; // ... and the answer of the database
                Ok(())
            }
        };
        Receiver::new(verifier(), handler).inbox(self.clone())
    }
}

/// A process: it stops when it is dropped, with all its tasks, wherever they are.
struct Process<H> {
    runtime: Runtime,
    receiver: Receiver<H, Disk>,
}

impl<H: Handler + 'static> Process<H> {
    /// Takes a delivery, if it is not stopped before this many steps.
    fn receive(&self, delivery: &Request<Vec<u8>>, steps: u64) -> Option<StatusCode> {
        let answer = send(&self.receiver, delivery.clone());
        self.runtime.block_on(for_steps(answer, steps))
    }
}

impl Inbox for Disk {
    type Error = Infallible;

    async fn seen(&self, key: Uuid) -> Result<bool, Infallible> {
        tokio::task::yield_now().await;
        let seen = self.0.lock().unwrap().inbox.contains(&key);
        tokio::task::yield_now().await;
        Ok(seen)
    }

    async fn record(&self, key: Uuid) -> Result<(), Infallible> {
        tokio::task::yield_now().await;
        self.0.lock().unwrap().inbox.insert(key);
        tokio::task::yield_now().await;
        Ok(())
    }
}

/// A sequence of numbers that is the same in every run (SplitMix64, by Sebastiano Vigna).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Lets a future go on this many times, then drops it. `None` if it was not done.
async fn for_steps<F: Future>(future: F, mut steps: u64) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(move |context| {
        if steps == 0 {
            return Poll::Ready(None);
        }
        steps -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await
}

fn deliveries() -> Vec<Request<Vec<u8>>> {
    let batches: [&[u64]; 4] = [&[1, 2, 3], &[4], &[5, 6, 7, 8], &[9, 10]];
    let of = |numbers: &&[u64]| {
        let events: Vec<String> = numbers.iter().map(|one| balance_event(*one, "1")).collect();
        Draft::new(payload(&events)).sign()
    };
    batches.iter().map(of).collect()
}

/// Sends all deliveries as Upvest does, each until it is acknowledged, to a process that stops again
/// and again. Returns what is on disk, and how often it stopped.
fn run(seed: u64, recording: Recording, deliveries: &[Request<Vec<u8>>]) -> (Tables, usize) {
    let mut random = Random(seed);
    let disk = Disk::default();
    let mut crashes = 0;
    let mut process = disk.process(recording);
    for delivery in deliveries {
        loop {
            let answer = process.receive(delivery, random.below(60));
            // The answer may get lost, too.
            let is_lost = random.below(8) == 0;
            match answer {
                Some(status) if !is_lost => {
                    assert_eq!(status, StatusCode::OK);
                    break;
                }
                _ => {
                    crashes += 1;
                    process = disk.process(recording);
                }
            }
        }
    }
    drop(process);
    let tables = std::mem::take(&mut *disk.0.lock().unwrap());
    (tables, crashes)
}

#[test]
fn with_one_transaction_every_event_takes_effect_once() {
    let deliveries = deliveries();
    let mut crashes = 0;
    for seed in 0..100 {
        let (tables, stopped) = run(seed, Recording::InOneTransaction, &deliveries);
        assert_eq!(tables.effects.len(), 10, "seed {seed}: nothing is lost");
        assert!(
            tables.effects.values().all(|count| *count == 1),
            "seed {seed}: {:?}",
            tables.effects
        );
        crashes += stopped;
    }
    assert!(crashes > 100, "{crashes} crashes");
}

#[test]
fn without_it_an_event_takes_effect_again_only_if_the_process_stopped_before_it_was_recorded() {
    let deliveries = deliveries();
    let mut repeated = 0;
    for seed in 0..100 {
        let (tables, crashes) = run(seed, Recording::Afterwards, &deliveries);
        assert_eq!(tables.effects.len(), 10, "seed {seed}: nothing is lost");
        assert_eq!(tables.inbox.len(), 10);
        let more: usize = tables.effects.values().map(|count| count - 1).sum();
        assert!(
            more <= crashes,
            "seed {seed}: {more} repetitions, {crashes} crashes"
        );
        repeated += more;
    }
    assert!(repeated > 0, "the test tries what it says");
}

#[test]
fn stopping_at_each_point_in_turn_leaves_nothing_half_done() {
    let deliveries = &deliveries()[..1];
    for steps in 0.. {
        let disk = Disk::default();
        let process = disk.process(Recording::InOneTransaction);
        let answer = process.receive(&deliveries[0], steps);
        drop(process);
        let restarted = disk.process(Recording::InOneTransaction);
        assert_eq!(restarted.receive(&deliveries[0], 1000).unwrap(), 200);
        let tables = disk.0.lock().unwrap();
        assert_eq!(tables.effects.len(), 3);
        assert!(
            tables.effects.values().all(|count| *count == 1),
            "{steps} steps"
        );
        if answer.is_some() {
            assert!(steps > 20, "there are many points to stop at: {steps}");
            break;
        }
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_is_finished_nevertheless() {
    // Not the process stops, but the connection.
    let deliveries = deliveries();
    let disk = Disk::default();
    let receiver = disk.receiver(Recording::Afterwards);
    let mut random = Random(7);
    for delivery in &deliveries {
        for _ in 0..20 {
            let steps = random.below(30);
            for_steps(send(&receiver, delivery.clone()), steps).await;
        }
        assert_eq!(send(&receiver, delivery.clone()).await, 200);
    }
    let tables = disk.0.lock().unwrap();
    assert_eq!(tables.effects.len(), 10);
    assert!(
        tables.effects.values().all(|count| *count == 1),
        "once each, though they are recorded afterwards: {:?}",
        tables.effects
    );
}
