//! What is stored, and how.

use std::time::Duration;

use upvest_inbox::webhooks::Event;

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{WEBHOOK, event, id, json, take_effect};

on_each_database!(
    events_are_stored_once,
    what_was_received_is_kept_to_the_letter,
    no_event_is_so_odd_that_it_cannot_be_stored,
    of_two_events_with_one_id_in_a_delivery_the_first_is_stored,
    deliveries_that_overlap_at_a_time_store_each_event_once,
    migrating_again_changes_nothing,
    a_database_of_a_newer_version_is_left_alone,
    nanoseconds_are_kept,
);

async fn events_are_stored_once<DB: Database>(fixture: Fixture<DB>) {
    let inbox = &fixture.inbox;
    assert_eq!(inbox.store(&[event(1, 1), event(2, 1)]).await.unwrap(), 2);
    assert_eq!(inbox.store(&[event(2, 1), event(3, 1)]).await.unwrap(), 1);
    assert_eq!(inbox.store(&[]).await.unwrap(), 0);
    assert_eq!(inbox.stats().await.unwrap().depth, 3);
    inbox.worker(take_effect::<DB>).drain().await.unwrap();
    assert_eq!(
        inbox.store(&[event(1, 1)]).await.unwrap(),
        0,
        "done is done"
    );
    assert_eq!(inbox.stats().await.unwrap().depth, 0);
}

async fn what_was_received_is_kept_to_the_letter<DB: Database>(fixture: Fixture<DB>) {
    let raw = json(7, 3).replace(
        "\"object\"",
        "\n  \"amount\" : 0.10000000000000000000000000001, \"object\"",
    );
    fixture
        .inbox
        .store(&[Event::from_json(&raw)])
        .await
        .unwrap();
    fixture.clock.advance(Duration::from_secs(5));
    let worker = fixture.inbox.worker(move |event, _| {
        assert_eq!(event.raw(), raw);
        assert_eq!(event.key.to_string(), id(7));
        assert_eq!(event.event_type, "MOON.PHASE");
        assert_eq!(event.entity, "group-3");
        assert_eq!(event.webhook_id.unwrap().to_string(), WEBHOOK);
        assert_eq!(event.received_at.timestamp(), 1_800_000_000);
        assert_eq!(event.attempt, 1);
        Box::pin(async { Ok(()) })
    });
    assert_eq!(worker.drain().await.unwrap().done, 1);
}

async fn no_event_is_so_odd_that_it_cannot_be_stored<DB: Database>(fixture: Fixture<DB>) {
    let long = "x".repeat(1 << 20);
    let odd = [
        String::new(),
        "null".to_owned(),
        "\0".to_owned(),
        "no JSON \u{fffd} \u{10ffff} '; DROP TABLE effects; --".to_owned(),
        json(1, 1).replace("MOON.PHASE", &long),
        json(2, 1).replace("group-1", &long),
        json(3, 1).replace("group-1", "\\u0000"),
        json(4, 1).replace("MOON", "\\u0000"),
        json(5, 1).replace("group-1", ""),
        json(6, 1).replace("2026-", "9999-"),
        json(7, 1).replace("2026-", "0001-"),
        json(8, 1).replace("2026-11-25T10", "yesterday"),
        format!("{{\"payload\": \"{long}\"}}"),
    ];
    let odd = odd.map(|json| Event::from_json(&json));
    assert_eq!(fixture.inbox.store(&odd).await.unwrap(), odd.len() as u64);
    assert_eq!(
        fixture.inbox.store(&odd).await.unwrap(),
        0,
        "each has a key"
    );
    let worked = fixture
        .inbox
        .worker(|_, _| Box::pin(async { Ok(()) }))
        .drain()
        .await;
    assert_eq!(worked.unwrap().done, odd.len() as u64);
}

async fn of_two_events_with_one_id_in_a_delivery_the_first_is_stored<DB: Database>(
    fixture: Fixture<DB>,
) {
    let other = Event::from_json(&json(1, 2).replace("10:00", "11:00"));
    assert_eq!(fixture.inbox.store(&[event(1, 1), other]).await.unwrap(), 1);
    let worker = fixture.inbox.worker(|event, _| {
        assert_eq!(event.entity, "group-1");
        Box::pin(async { Ok(()) })
    });
    assert_eq!(worker.drain().await.unwrap().done, 1);
}

async fn deliveries_that_overlap_at_a_time_store_each_event_once<DB: Database>(
    fixture: Fixture<DB>,
) {
    let forward: Vec<Event> = (0..200).map(|number| event(number, number % 7)).collect();
    let backward: Vec<Event> = forward.iter().rev().cloned().collect();
    for _ in 0..5 {
        let tasks = [
            &forward[..150],
            &backward[..150],
            &forward[50..],
            &backward[50..],
        ]
        .map(|part| fixture.inbox.store(part));
        for stored in futures_util::future::join_all(tasks).await {
            stored.expect("they wait for each other in one order, so there is no deadlock");
        }
    }
    assert_eq!(fixture.inbox.stats().await.unwrap().depth, 200);
}

async fn migrating_again_changes_nothing<DB: Database>(fixture: Fixture<DB>) {
    fixture.inbox.store(&[event(1, 1)]).await.unwrap();
    let (one, other) = tokio::join!(fixture.inbox.migrate(), fixture.inbox.migrate());
    one.unwrap();
    other.unwrap();
    assert_eq!(fixture.inbox.stats().await.unwrap().depth, 1);
}

async fn a_database_of_a_newer_version_is_left_alone<DB: Database>(fixture: Fixture<DB>) {
    let newer = "INSERT INTO upvest_inbox_migrations (name) VALUES ('9999_newer')";
    fixture.execute(newer).await;
    let error = fixture.inbox.migrate().await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        reason.contains("9999_newer") && reason.contains("update upvest-inbox"),
        "{reason}"
    );
    assert!(!error.is_transient());
}

async fn nanoseconds_are_kept<DB: Database>(fixture: Fixture<DB>) {
    fixture.inbox.store(&[event(123_456_789, 1)]).await.unwrap();
    let worker = fixture.inbox.worker(|event, _| {
        assert_eq!(event.created_at.timestamp_subsec_nanos(), 123_456_789);
        Box::pin(async { Ok(()) })
    });
    assert_eq!(worker.drain().await.unwrap().done, 1);
}
