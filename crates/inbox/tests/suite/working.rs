//! How events are worked off.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use upvest_inbox::webhooks::Event;
use upvest_inbox::{AfterParked, HandlerError, Worked};

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{event, number, take_effect};

on_each_database!(
    each_event_takes_effect_once_and_in_order,
    what_a_failed_attempt_wrote_is_rolled_back_and_the_rest_stays,
    a_failed_event_comes_again_after_its_pause_and_those_behind_it_wait,
    after_the_last_attempt_an_event_is_parked_with_its_error,
    a_permanent_error_parks_at_once,
    behind_a_parked_event_the_others_wait_or_go_on,
    a_panic_is_an_attempt_that_failed,
    a_handler_that_hangs_is_stopped,
    an_error_that_a_handler_swallows_does_not_take_the_others_along,
    workers_side_by_side_keep_the_order_of_each_entity,
    a_worker_that_is_stopped_gives_back_what_it_has_not_begun,
    many_entities_that_wait_do_not_hide_one_that_is_due,
    a_running_worker_notices_what_is_stored,
    an_account_group_with_many_events_is_worked_in_batches,
);

pub(crate) fn worked(done: u64, failed: u64, parked: u64) -> Worked {
    let mut worked = Worked::default();
    (worked.done, worked.failed, worked.parked) = (done, failed, parked);
    worked
}

async fn each_event_takes_effect_once_and_in_order<DB: Database>(fixture: Fixture<DB>) {
    let events: Vec<Event> = (0..300)
        .rev()
        .map(|number| event(number, number % 20))
        .collect();
    fixture.inbox.store(&events).await.unwrap();
    let order = Arc::new(Mutex::new(HashMap::<String, Vec<i64>>::new()));
    let seen = Arc::clone(&order);
    let worker = fixture.inbox.worker(move |event, transaction| {
        let mut seen = seen.lock().unwrap();
        seen.entry(event.entity.clone())
            .or_default()
            .push(number(event));
        take_effect::<DB>(event, transaction)
    });
    assert_eq!(worker.drain().await.unwrap(), worked(300, 0, 0));
    assert_eq!(fixture.effects().await, (0..300).collect::<Vec<_>>());
    let order = order.lock().unwrap();
    assert_eq!(order.len(), 20);
    assert!(
        order
            .values()
            .all(|numbers| numbers.is_sorted() && numbers.len() == 15)
    );
}

async fn what_a_failed_attempt_wrote_is_rolled_back_and_the_rest_stays<DB: Database>(
    fixture: Fixture<DB>,
) {
    let events: Vec<Event> = (1..=10).map(|number| event(number, number)).collect();
    fixture.inbox.store(&events).await.unwrap();
    let worker = fixture.inbox.worker(|event, transaction| {
        Box::pin(async move {
            take_effect::<DB>(event, transaction).await?;
            if number(event) == 4 {
                DB::execute(transaction, "SELECT * FROM nowhere".to_owned()).await?;
            }
            Ok(())
        })
    });
    assert_eq!(worker.drain().await.unwrap(), worked(9, 1, 0));
    assert_eq!(fixture.effects().await, [1, 2, 3, 5, 6, 7, 8, 9, 10]);
}

async fn a_failed_event_comes_again_after_its_pause_and_those_behind_it_wait<DB: Database>(
    fixture: Fixture<DB>,
) {
    fixture
        .inbox
        .store(&[event(1, 1), event(2, 1), event(3, 2)])
        .await
        .unwrap();
    let worker = fixture
        .inbox
        .worker(|event, transaction| {
            if number(event) == 1 && event.attempt < 3 {
                return Box::pin(async { Err(HandlerError::retryable("not yet")) });
            }
            take_effect::<DB>(event, transaction)
        })
        .pauses(|attempt| Duration::from_secs(u64::from(attempt) * 10));
    assert_eq!(worker.drain().await.unwrap(), worked(1, 1, 0));
    fixture.clock.advance(Duration::from_secs(9));
    assert_eq!(worker.drain().await.unwrap(), worked(0, 0, 0));
    assert_eq!(fixture.inbox.stats().await.unwrap().failed, 1);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(worker.drain().await.unwrap(), worked(0, 1, 0));
    fixture.clock.advance(Duration::from_secs(19));
    assert_eq!(worker.drain().await.unwrap(), worked(0, 0, 0));
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(worker.drain().await.unwrap(), worked(2, 0, 0));
    assert_eq!(fixture.effects().await, [1, 2, 3]);
}

async fn after_the_last_attempt_an_event_is_parked_with_its_error<DB: Database>(
    fixture: Fixture<DB>,
) {
    fixture.inbox.store(&[event(1, 1)]).await.unwrap();
    let worker = fixture
        .inbox
        .worker(|_, _| Box::pin(async { Err(HandlerError::retryable("still\nnot")) }))
        .attempts(3)
        .pauses(|_| Duration::ZERO);
    assert_eq!(worker.drain().await.unwrap(), worked(0, 2, 1));
    let parked = fixture.inbox.parked(10).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].error, "still\\nnot");
    assert_eq!(parked[0].event.attempt, 3);
    assert_eq!(number(&parked[0].event), 1);
    let stats = fixture.inbox.stats().await.unwrap();
    assert_eq!((stats.depth, stats.parked, stats.oldest), (0, 1, None));
}

async fn a_permanent_error_parks_at_once<DB: Database>(fixture: Fixture<DB>) {
    fixture
        .inbox
        .store(&[event(1, 1), event(2, 2)])
        .await
        .unwrap();
    let worker = fixture
        .inbox
        .worker(|event, transaction| match number(event) {
            1 => Box::pin(async { Err(HandlerError::permanent("never")) }),
            _ => take_effect::<DB>(event, transaction),
        });
    assert_eq!(worker.drain().await.unwrap(), worked(1, 0, 1));
    assert_eq!(fixture.inbox.parked(10).await.unwrap()[0].error, "never");
}

async fn behind_a_parked_event_the_others_wait_or_go_on<DB: Database>(fixture: Fixture<DB>) {
    let events: Vec<Event> = (1..=4).map(|number| event(number, 1)).collect();
    fixture.inbox.store(&events).await.unwrap();
    let worker = || {
        fixture
            .inbox
            .worker(|event, transaction| match number(event) {
                2 => Box::pin(async { Err(HandlerError::permanent("no")) }),
                _ => take_effect::<DB>(event, transaction),
            })
    };
    assert_eq!(worker().drain().await.unwrap(), worked(1, 0, 1));
    assert_eq!(fixture.effects().await, [1], "the others wait");
    let going_on = worker().after_parked(AfterParked::GoOn);
    assert_eq!(going_on.drain().await.unwrap(), worked(2, 0, 0));
    assert_eq!(fixture.effects().await, [1, 3, 4]);
    assert_eq!(fixture.inbox.parked(10).await.unwrap().len(), 1);
}

async fn a_panic_is_an_attempt_that_failed<DB: Database>(fixture: Fixture<DB>) {
    fixture
        .inbox
        .store(&[event(1, 1), event(2, 2)])
        .await
        .unwrap();
    let worker = fixture
        .inbox
        .worker(|event, transaction| {
            Box::pin(async move {
                take_effect::<DB>(event, transaction).await?;
                assert!(number(event) != 1, "one is too few");
                Ok(())
            })
        })
        .attempts(1);
    assert_eq!(worker.drain().await.unwrap(), worked(1, 0, 1));
    assert_eq!(fixture.effects().await, [2]);
    let error = fixture.inbox.parked(10).await.unwrap().remove(0).error;
    assert_eq!(error, "the handler panicked: one is too few");
}

async fn a_handler_that_hangs_is_stopped<DB: Database>(fixture: Fixture<DB>) {
    fixture
        .inbox
        .store(&[event(1, 1), event(2, 2)])
        .await
        .unwrap();
    let worker = fixture
        .inbox
        .worker(|event, transaction| match number(event) {
            1 => Box::pin(std::future::pending()),
            _ => take_effect::<DB>(event, transaction),
        })
        .lease(Duration::from_millis(200));
    assert_eq!(worker.drain().await.unwrap().failed, 1);
    let others = fixture.inbox.worker(take_effect::<DB>);
    fixture.clock.advance(Duration::from_secs(2));
    others.drain().await.unwrap();
    assert_eq!(fixture.effects().await, [1, 2]);
}

async fn an_error_that_a_handler_swallows_does_not_take_the_others_along<DB: Database>(
    fixture: Fixture<DB>,
) {
    let events: Vec<Event> = (1..=3).map(|number| event(number, number)).collect();
    fixture.inbox.store(&events).await.unwrap();
    let worker = fixture.inbox.worker(|event, transaction| {
        Box::pin(async move {
            if number(event) == 2 {
                let _ = DB::execute(transaction, "SELECT * FROM nowhere".to_owned()).await;
            }
            take_effect::<DB>(event, transaction).await.or(Ok(()))
        })
    });
    worker.drain().await.unwrap();
    let effects = fixture.effects().await;
    assert!(effects.contains(&1) && effects.contains(&3), "{effects:?}");
    // PostgreSQL gives up a transaction after an error, SQLite does not.
    let waiting = fixture.inbox.stats().await.unwrap().depth;
    assert_eq!(
        effects.len() as u64 + waiting,
        3,
        "nothing is lost: {effects:?}"
    );
}

async fn workers_side_by_side_keep_the_order_of_each_entity<DB: Database>(fixture: Fixture<DB>) {
    let events: Vec<Event> = (0..400).map(|number| event(number, number % 9)).collect();
    fixture.inbox.store(&events).await.unwrap();
    // The order of effects is that of their rows, for those of one entity are never written at a time.
    let workers = [3, 7, 20, 50].map(|batch| fixture.inbox.worker(take_effect::<DB>).batch(batch));
    while fixture.inbox.stats().await.unwrap().depth > 0 {
        for drained in futures_util::future::join_all(workers.iter().map(|one| one.drain())).await {
            drained.unwrap();
        }
    }
    assert_eq!(fixture.effects().await, (0..400).collect::<Vec<_>>());
    // Several connections fill several pages of PostgreSQL at a time, so places in the table have no
    // order; but each event is written by a separate (sub)transaction, and these are numbered.
    let row = match DB::NAME {
        "SQLite" => "rowid",
        _ => "xmin::text::bigint",
    };
    for group in 0..9 {
        let sql =
            format!("SELECT number FROM effects WHERE entity = 'group-{group}' ORDER BY {row}");
        let numbers = fixture.numbers(sql).await;
        assert!(numbers.is_sorted(), "group {group}: {numbers:?}");
    }
}

async fn a_worker_that_is_stopped_gives_back_what_it_has_not_begun<DB: Database>(
    fixture: Fixture<DB>,
) {
    let events: Vec<Event> = (1..=20).map(|number| event(number, number)).collect();
    fixture.inbox.store(&events).await.unwrap();
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let sender = Mutex::new(Some(sender));
    let begun = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&begun);
    let worker = fixture.inbox.worker(move |event, transaction| {
        count.fetch_add(1, Ordering::SeqCst);
        drop(sender.lock().unwrap().take()); // asks to stop
        Box::pin(async move {
            // So that the one who stops it gets to know.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            take_effect::<DB>(event, transaction).await
        })
    });
    let worked = worker.run(async { drop(receiver.await) }).await;
    assert_eq!(worked.done, fixture.effects().await.len() as u64);
    assert_eq!(
        worked.done,
        begun.load(Ordering::SeqCst) as u64,
        "what was begun is finished"
    );
    assert!(worked.done < 20, "it stopped in the middle");
    // What was given back is fresh again: nobody waits for a lease, no attempt is lost.
    let rest = fixture.inbox.worker(|event, transaction| {
        assert_eq!(event.attempt, 1);
        take_effect::<DB>(event, transaction)
    });
    assert_eq!(rest.drain().await.unwrap().done, 20 - worked.done);
}

async fn many_entities_that_wait_do_not_hide_one_that_is_due<DB: Database>(fixture: Fixture<DB>) {
    let events: Vec<Event> = (0..2500).map(|number| event(number, number)).collect();
    fixture.inbox.store(&events).await.unwrap();
    fixture
        .execute("UPDATE upvest_inbox_work SET attempts = 1, due = 1800000001000000000")
        .await;
    let last = Event::from_json(&crate::events::json(9999, 1).replace("group-1", "zzz"));
    fixture.inbox.store(&[last]).await.unwrap();
    let worker = fixture.inbox.worker(take_effect::<DB>);
    assert_eq!(worker.drain().await.unwrap(), worked(1, 0, 0));
    assert_eq!(fixture.effects().await, [9999]);
}

async fn a_running_worker_notices_what_is_stored<DB: Database>(fixture: Fixture<DB>) {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = fixture
        .inbox
        .worker(move |event, _| {
            sender.send(number(event)).unwrap();
            Box::pin(async { Ok(()) })
        })
        .poll(Duration::from_secs(3600));
    let running = tokio::spawn(worker.run(async { drop(stopped.await) }));
    for number in 1..=5 {
        fixture.inbox.store(&[event(number, 1)]).await.unwrap();
        assert_eq!(receiver.recv().await, Some(number as i64));
    }
    drop(stop);
    assert_eq!(running.await.unwrap().done, 5);
}

async fn an_account_group_with_many_events_is_worked_in_batches<DB: Database>(
    fixture: Fixture<DB>,
) {
    let events: Vec<Event> = (0..500).map(|number| event(number, 1)).collect();
    fixture.inbox.store(&events).await.unwrap();
    let claimed = Arc::new(AtomicUsize::new(0));
    let most = Arc::clone(&claimed);
    let worker = fixture
        .inbox
        .worker(move |event, transaction| {
            let most = Arc::clone(&most);
            Box::pin(async move {
                let sql = "SELECT events FROM upvest_inbox_claims";
                let claimed = DB::numbers(transaction, sql.to_owned()).await?[0];
                most.fetch_max(claimed as usize, Ordering::SeqCst);
                take_effect::<DB>(event, transaction).await
            })
        })
        .batch(100);
    assert_eq!(worker.drain().await.unwrap(), worked(500, 0, 0));
    assert_eq!(claimed.load(Ordering::SeqCst), 100);
}
