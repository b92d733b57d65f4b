//! What operators do.

use std::time::Duration;

use upvest_inbox::models::{DateTime, Utc};
use upvest_inbox::webhooks::Event;
use upvest_inbox::{HandlerError, Replay};

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{event, json, number, take_effect};

on_each_database!(
    stats_tell_depth_and_lag,
    parked_events_can_be_replayed,
    done_events_can_be_replayed_by_key_kind_and_time,
    who_asked_for_a_replay_is_told,
    what_operators_see_can_be_written_as_json,
    what_waits_or_is_worked_on_is_not_replayed,
    an_event_that_is_given_up_lets_those_behind_it_go_on,
    old_events_are_forgotten_but_for_those_that_are_not_done,
    each_type_has_its_handler,
);

async fn stats_tell_depth_and_lag<DB: Database>(fixture: Fixture<DB>) {
    let stats = fixture.inbox.stats().await.unwrap();
    assert_eq!(
        (stats.depth, stats.lag, stats.oldest),
        (0, Duration::ZERO, None)
    );
    fixture
        .inbox
        .store(&[event(2, 1), event(1, 1)])
        .await
        .unwrap();
    let stats = fixture.inbox.stats().await.unwrap();
    assert_eq!(
        (stats.depth, stats.claimed, stats.failed, stats.parked),
        (2, 0, 0, 0)
    );
    assert_eq!(stats.oldest, event(1, 1).created_at());
    // From 2026-11-25T10:00:00.000000001Z to 2027-01-15T08:00:00Z.
    assert_eq!(
        stats.lag,
        Duration::new(4_399_200, 0) - Duration::from_nanos(1)
    );
}

/// Parks the events with even numbers.
async fn park_even<DB: Database>(fixture: &Fixture<DB>) {
    let worker = fixture
        .inbox
        .worker(|event, transaction| match number(event) % 2 {
            0 => Box::pin(async { Err(HandlerError::permanent("it is even")) }),
            _ => take_effect::<DB>(event, transaction),
        });
    worker.drain().await.unwrap();
}

async fn parked_events_can_be_replayed<DB: Database>(fixture: Fixture<DB>) {
    let events: Vec<Event> = (1..=4).map(|number| event(number, number)).collect();
    fixture.inbox.store(&events).await.unwrap();
    park_even(&fixture).await;
    assert_eq!(fixture.effects().await, [1, 3]);
    assert_eq!(
        fixture.inbox.replay(&Replay::Parked, "ada").await.unwrap(),
        2
    );
    let worker = fixture.inbox.worker(|event, transaction| {
        assert_eq!(event.attempt, 1, "it begins anew");
        take_effect::<DB>(event, transaction)
    });
    assert_eq!(worker.drain().await.unwrap().done, 2);
    assert_eq!(fixture.effects().await, [1, 2, 3, 4]);
}

async fn done_events_can_be_replayed_by_key_kind_and_time<DB: Database>(fixture: Fixture<DB>) {
    let inbox = &fixture.inbox;
    let start = upvest_inbox::models::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let minute = |minutes: i32| start + Duration::from_secs(60) * minutes as u32;
    for number in 0..4 {
        let kind = if number == 3 { "SUN.SET" } else { "MOON.PHASE" };
        let event = Event::from_json(&json(number + 1, 1).replace("MOON.PHASE", kind));
        inbox.store(&[event]).await.unwrap();
        fixture.clock.advance(Duration::from_secs(60));
    }
    let worker = inbox.worker(take_effect::<DB>);
    worker.drain().await.unwrap();
    for (replay, again) in [
        (Replay::Event(event(2, 1).key()), vec![2]),
        (Replay::Event(event(9, 1).key()), vec![]),
        (Replay::Received(minute(1)..minute(3)), vec![2, 3]),
        (
            Replay::EventType("SUN.SET".to_owned(), minute(0)..minute(9)),
            vec![4],
        ),
        (
            Replay::EventType("SUN.SET".to_owned(), minute(0)..minute(3)),
            vec![],
        ),
        (Replay::Parked, vec![]),
    ] {
        fixture.execute("DELETE FROM effects").await;
        let replayed = inbox.replay(&replay, "bob").await.unwrap();
        assert_eq!(replayed, again.len() as u64, "{replay:?}");
        worker.drain().await.unwrap();
        assert_eq!(fixture.effects().await, again, "{replay:?}");
    }
}

async fn who_asked_for_a_replay_is_told<DB: Database>(fixture: Fixture<DB>) {
    let inbox = &fixture.inbox;
    inbox.store(&[event(2, 1), event(4, 2)]).await.unwrap();
    park_even(&fixture).await;
    let (key, other) = (event(2, 1).key(), event(4, 2).key());
    inbox.replay(&Replay::Event(key), "ada").await.unwrap();
    fixture.clock.advance(Duration::from_secs(60));
    inbox.replay(&Replay::Event(key), "bob").await.unwrap();
    fixture.clock.advance(Duration::from_secs(60));
    inbox.give_up(other, "eve").await.unwrap();
    fixture.clock.advance(Duration::from_secs(60));
    let minute: std::ops::Range<DateTime<Utc>> =
        "2027-01-15T08:00:00Z".parse().unwrap().."2027-01-15T08:01:00Z".parse().unwrap();
    let replay = Replay::EventType("MOON.PHASE".to_owned(), minute);
    inbox.replay(&replay, "ada").await.unwrap();
    let records = inbox.replays(10).await.unwrap();
    let what = r#""MOON.PHASE" received from 2027-01-15 08:00:00 UTC to 2027-01-15 08:01:00 UTC"#;
    let expected = serde_json::json!([
        {"at": "2027-01-15T08:03:00Z", "who": "ada", "what": what, "events": 1},
        {"at": "2027-01-15T08:02:00Z", "who": "eve", "what": format!("give up {other}"), "events": 1},
        {"at": "2027-01-15T08:01:00Z", "who": "bob", "what": format!("event {key}"), "events": 0},
        {"at": "2027-01-15T08:00:00Z", "who": "ada", "what": format!("event {key}"), "events": 1},
    ]);
    assert_eq!(serde_json::to_value(&records).unwrap(), expected);
    assert_eq!(inbox.replays(2).await.unwrap(), records[..2]);
}

/// What a program prints for other programs.
async fn what_operators_see_can_be_written_as_json<DB: Database>(fixture: Fixture<DB>) {
    let inbox = &fixture.inbox;
    inbox.store(&[event(2, 1), event(3, 1)]).await.unwrap();
    park_even(&fixture).await;
    let stats = serde_json::to_value(inbox.stats().await.unwrap()).unwrap();
    let expected = serde_json::json!({
        "depth": 1, "claimed": 0, "failed": 0, "parked": 1,
        "oldest": "2026-11-25T10:00:00.000000003Z", "lag_seconds": 4_399_199.999_999_997,
    });
    assert_eq!(stats, expected);
    let parked = serde_json::to_value(inbox.parked(10).await.unwrap()).unwrap();
    let expected = serde_json::json!([{
        "key": event(2, 1).key(), "event_type": "MOON.PHASE", "entity": "group-1", "attempt": 1,
        "created_at": "2026-11-25T10:00:00.000000002Z", "received_at": "2027-01-15T08:00:00Z",
        "webhook_id": crate::events::WEBHOOK,
        "parked_at": "2027-01-15T08:00:00Z", "error": "it is even",
    }]);
    assert_eq!(parked, expected, "and nothing of what the event says");
}

async fn what_waits_or_is_worked_on_is_not_replayed<DB: Database>(fixture: Fixture<DB>) {
    fixture.inbox.store(&[event(1, 1)]).await.unwrap();
    let worker = fixture
        .inbox
        .worker(|_, _| Box::pin(async { Err(HandlerError::retryable("no")) }));
    worker.drain().await.unwrap();
    let replay = Replay::Event(event(1, 1).key());
    assert_eq!(fixture.inbox.replay(&replay, "eve").await.unwrap(), 0);
    assert_eq!(
        worker.drain().await.unwrap().failed,
        0,
        "it still waits for its pause"
    );
}

async fn an_event_that_is_given_up_lets_those_behind_it_go_on<DB: Database>(fixture: Fixture<DB>) {
    fixture
        .inbox
        .store(&[event(2, 1), event(3, 1)])
        .await
        .unwrap();
    park_even(&fixture).await;
    assert_eq!(fixture.effects().await, [] as [i64; 0]);
    let key = event(2, 1).key();
    assert!(fixture.inbox.give_up(key, "ada").await.unwrap());
    assert!(!fixture.inbox.give_up(key, "ada").await.unwrap());
    fixture
        .inbox
        .worker(take_effect::<DB>)
        .drain()
        .await
        .unwrap();
    assert_eq!(fixture.effects().await, [3]);
    let stored = "SELECT count(*) FROM upvest_inbox_events";
    assert_eq!(fixture.numbers(stored).await, [2], "it stays stored");
}

async fn old_events_are_forgotten_but_for_those_that_are_not_done<DB: Database>(
    fixture: Fixture<DB>,
) {
    let old: Vec<Event> = (1..=2500).map(|number| event(number, number)).collect();
    fixture.inbox.store(&old).await.unwrap();
    let worker = fixture.inbox.worker(|event, _| match number(event) {
        1 => Box::pin(async { Err(HandlerError::permanent("no")) }),
        _ => Box::pin(async { Ok(()) }),
    });
    worker.drain().await.unwrap();
    fixture.clock.advance(Duration::from_secs(100));
    fixture.inbox.store(&[event(9000, 1)]).await.unwrap();
    fixture
        .inbox
        .worker(|_, _| Box::pin(async { Ok(()) }))
        .drain()
        .await
        .unwrap();
    let day = Duration::from_secs(100);
    assert_eq!(
        fixture.inbox.forget(day).await.unwrap(),
        0,
        "nothing is older than that"
    );
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(fixture.inbox.forget(day).await.unwrap(), 2499);
    let stored = "SELECT count(*) FROM upvest_inbox_events";
    assert_eq!(fixture.numbers(stored).await, [2]);
    assert_eq!(fixture.inbox.parked(10).await.unwrap().len(), 1);
}

async fn each_type_has_its_handler<DB: Database>(fixture: Fixture<DB>) {
    use upvest_inbox::models::CashBalanceEvent;

    let balance = |number| crate::events::balance_json(number, 1, "10:00:00", "5");
    let malformed = balance(3).replace("\"balance\":\"5\"", "\"balance\":true");
    let events = [json(1, 1), balance(2), malformed];
    fixture
        .inbox
        .store(&events.map(|json| Event::from_json(&json)))
        .await
        .unwrap();
    let handlers = fixture
        .inbox
        .handlers()
        .on::<CashBalanceEvent>(|event, stored, transaction| {
            assert_eq!(event.object.balance.to_string(), "5");
            take_effect::<DB>(stored, transaction)
        })
        .otherwise(|stored, transaction| {
            let sql = format!("INSERT INTO effects VALUES (-{}, '')", number(stored));
            Box::pin(async move {
                DB::execute(transaction, sql).await?;
                Ok(())
            })
        });
    fixture.inbox.worker_with(handlers).drain().await.unwrap();
    assert_eq!(fixture.effects().await, [-3, -1, 2]);
}
