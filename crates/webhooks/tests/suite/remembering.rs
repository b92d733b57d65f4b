//! What was taken once is not taken again, whatever the clock says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use upvest_webhooks::models::Uuid;
use upvest_webhooks::signing::MemoryNonceStore;
use upvest_webhooks::{Inbox, MemoryInbox};

use crate::support::{Draft, Log, NOW, at, balance_event, params, payload, send, verifier};

#[tokio::test]
async fn the_inbox_in_memory_forgets_by_number_alone() {
    let inbox = MemoryInbox::new(3);
    let keys: Vec<Uuid> = (0..5).map(Uuid::from_u128).collect();
    let seen = async || {
        let mut seen = Vec::new();
        for key in &keys {
            seen.push(inbox.seen(*key).await.unwrap());
        }
        seen
    };
    assert!(inbox.is_empty());
    for key in &keys[..3] {
        inbox.record(*key).await.unwrap();
        inbox.record(*key).await.unwrap();
    }
    assert_eq!(seen().await, [true, true, true, false, false]);
    inbox.record(keys[3]).await.unwrap();
    assert_eq!(
        seen().await,
        [false, true, true, true, false],
        "the oldest makes room"
    );
    assert!(inbox.len() == 3 && !inbox.is_empty());
    assert_eq!(
        format!("{inbox:?}"),
        "MemoryInbox { capacity: 3, len: 3, .. }"
    );
}

#[tokio::test]
async fn a_clock_that_is_ahead_for_a_while_brings_nothing_back() {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let log = Log::default();
    let verifier = verifier()
        .clock(move || at(clock.load(Ordering::Relaxed)))
        .nonce_store(MemoryNonceStore::default());
    let strict = log.receiver(verifier.clone());
    let request = Draft::new(payload(&[balance_event(1, "1")])).sign();
    assert_eq!(send(&strict, request.clone()).await, 200);
    assert_eq!(log.handed_out(), [1]);

    // Ten days ahead, and something happens then.
    now.fetch_add(864_000, Ordering::Relaxed);
    let later = Draft {
        params: params(NOW + 864_000, NOW + 864_005).replace("o085M4c", "another"),
        ..Draft::new(payload(&[balance_event(2, "1")]))
    };
    assert_eq!(send(&strict, later.sign()).await, 200);
    assert_eq!(log.handed_out(), [2]);

    now.store(NOW, Ordering::Relaxed);
    assert_eq!(send(&strict, request).await, 401, "the nonce is used up");
    let signed_afresh = Draft {
        params: params(NOW, NOW + 5).replace("o085M4c", "a third"),
        ..Draft::new(payload(&[balance_event(1, "1")]))
    };
    assert_eq!(send(&strict, signed_afresh.sign()).await, 200);
    assert!(log.handed_out().is_empty(), "the event is handled");
}
