//! What becomes of events whose worker is gone.

use std::time::Duration;

use upvest_inbox::webhooks::Event;

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{event, number, take_effect};
use crate::working::worked;

on_each_database!(
    a_claim_that_nobody_ends_is_over_with_its_lease,
    an_event_that_stops_every_process_is_parked_in_the_end,
    an_event_from_before_does_not_start_while_its_entity_is_worked_on,
    a_lease_in_which_nothing_can_be_done_is_refused,
);

/// As if a process had claimed what is there, up to this many events of each entity, and stopped.
async fn abandon<DB: Database>(fixture: &Fixture<DB>, events: u64) {
    let claim = "'00000000-0000-4000-8000-0000000000ff'";
    let claim = match DB::NAME {
        "SQLite" => format!("unhex(replace({claim}, '-', ''))"),
        _ => format!("{claim}::uuid"),
    };
    let sql = format!(
        "INSERT INTO upvest_inbox_claims (entity, claim, until, events)
         SELECT DISTINCT entity, {claim}, 1800000060000000000, {events} FROM upvest_inbox_work"
    );
    fixture.execute(sql).await;
}

async fn a_claim_that_nobody_ends_is_over_with_its_lease<DB: Database>(fixture: Fixture<DB>) {
    let events: Vec<Event> = (1..=6).map(|number| event(number, number % 2)).collect();
    fixture.inbox.store(&events).await.unwrap();
    abandon(&fixture, 2).await;
    let worker = fixture.inbox.worker(move |event, transaction| {
        // Of three events of each entity, two may have been begun.
        let begun = if number(event) <= 4 { 2 } else { 1 };
        assert_eq!(event.attempt, begun);
        take_effect::<DB>(event, transaction)
    });
    fixture.clock.advance(Duration::from_secs(59));
    assert_eq!(worker.drain().await.unwrap(), worked(0, 0, 0));
    assert_eq!(fixture.inbox.stats().await.unwrap().claimed, 6);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(worker.drain().await.unwrap(), worked(6, 4, 0));
    assert_eq!(fixture.effects().await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(fixture.inbox.stats().await.unwrap().claimed, 0);
}

async fn an_event_that_stops_every_process_is_parked_in_the_end<DB: Database>(
    fixture: Fixture<DB>,
) {
    fixture.inbox.store(&[event(1, 1)]).await.unwrap();
    fixture
        .execute("UPDATE upvest_inbox_work SET attempts = 9, last_error = 'it failed'")
        .await;
    abandon(&fixture, 1).await;
    fixture.inbox.store(&[event(2, 2)]).await.unwrap();
    fixture.clock.advance(Duration::from_secs(60));
    let worker = fixture.inbox.worker(take_effect::<DB>);
    assert_eq!(worker.drain().await.unwrap(), worked(1, 0, 1));
    let parked = fixture.inbox.parked(10).await.unwrap().remove(0);
    assert_eq!((number(&parked.event), parked.event.attempt), (1, 10));
    assert!(
        parked.error.contains("started, but did not finish"),
        "{}",
        parked.error
    );
}

async fn an_event_from_before_does_not_start_while_its_entity_is_worked_on<DB: Database>(
    fixture: Fixture<DB>,
) {
    fixture.inbox.store(&[event(5, 1)]).await.unwrap();
    abandon(&fixture, 1).await;
    // It came about before the one that is being worked on, and arrives only now.
    fixture
        .inbox
        .store(&[event(4, 1), event(6, 2)])
        .await
        .unwrap();
    let worker = fixture.inbox.worker(take_effect::<DB>);
    assert_eq!(worker.drain().await.unwrap(), worked(1, 0, 0));
    assert_eq!(fixture.effects().await, [6]);
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(worker.drain().await.unwrap(), worked(2, 1, 0));
}

async fn a_lease_in_which_nothing_can_be_done_is_refused<DB: Database>(fixture: Fixture<DB>) {
    let worker = |lease| {
        let worker = fixture.inbox.worker(take_effect::<DB>);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(worker.lease(lease))))
    };
    worker(Duration::from_millis(100)).expect("it is long enough");
    let panic = worker(Duration::from_millis(99)).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(message, "a lease of 99ms is shorter than 100ms");
}
