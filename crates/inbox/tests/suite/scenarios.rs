//! What goes wrong side by side, in every database. Two processes are in `two_processes`.

use std::time::Duration;

use upvest_inbox::HandlerError;

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{event, number, take_effect};

on_each_database!(
    errors_of_all_kinds_side_by_side_do_not_touch_each_other,
    a_clock_that_goes_back_stops_nothing_new,
);

async fn errors_of_all_kinds_side_by_side_do_not_touch_each_other<DB: Database>(
    fixture: Fixture<DB>,
) {
    let events: Vec<_> = (0..40).map(|number| event(number, number)).collect();
    fixture.inbox.store(&events).await.unwrap();
    let worker = || {
        let worker = fixture.inbox.worker(|event, transaction| {
            Box::pin(async move {
                take_effect::<DB>(event, transaction).await?;
                match number(event) % 4 {
                    1 => Err(HandlerError::permanent("never")),
                    2 if event.attempt == 1 => Err(HandlerError::retryable("later")),
                    3 if event.attempt == 1 => panic!("oh"),
                    _ => Ok(()),
                }
            })
        });
        worker.pauses(|_| Duration::ZERO).batch(7)
    };
    let (one, other) = (worker(), worker());
    let (one, other) = tokio::join!(one.drain(), other.drain());
    let (one, other) = (one.unwrap(), other.unwrap());
    let rest = worker().drain().await.unwrap();
    assert_eq!(one.done + other.done + rest.done, 30);
    assert_eq!(one.failed + other.failed + rest.failed, 20);
    assert_eq!(one.parked + other.parked + rest.parked, 10);
    let expected: Vec<i64> = (0..40).filter(|number| number % 4 != 1).collect();
    assert_eq!(fixture.effects().await, expected);
}

async fn a_clock_that_goes_back_stops_nothing_new<DB: Database>(fixture: Fixture<DB>) {
    fixture.inbox.store(&[event(1, 1)]).await.unwrap();
    fixture.clock.set(1_700_000_000);
    fixture.inbox.store(&[event(2, 2)]).await.unwrap();
    assert_eq!(fixture.inbox.stats().await.unwrap().lag, Duration::ZERO);
    let worker = fixture.inbox.worker(take_effect::<DB>);
    assert_eq!(worker.drain().await.unwrap().done, 2);
}

#[cfg(feature = "sqlite")]
mod sqlite_alone {
    use upvest_inbox::Inbox;
    use upvest_inbox::sqlx::{Sqlite, SqlitePool};
    use upvest_inbox::webhooks::Event;

    use super::*;
    use crate::database::clock;
    use crate::events::json;

    /// Larger than a page of SQLite.
    fn large_event(number: u64) -> Event {
        let padding = format!(r#""object":{{"padding":"{}","#, "x".repeat(100_000));
        Event::from_json(&json(number, number).replace(r#""object":{"#, &padding))
    }

    #[tokio::test]
    async fn a_full_disk_refuses_and_loses_nothing() {
        let fixture = Sqlite::empty(clock()).await.unwrap();
        fixture.inbox.store(&[event(1, 1)]).await.unwrap();
        let options = fixture.inbox.pool().connect_options();
        // No more pages than there are.
        let options = options.as_ref().clone().pragma("max_page_count", "1");
        let full = Inbox::new(SqlitePool::connect_lazy_with(options));

        let events = [large_event(2), large_event(3)];
        let error = full.store(&events).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        let worker = full.worker(take_effect::<Sqlite>);
        let done = worker.drain().await.unwrap().done;
        assert_eq!(done, 1, "what is there is worked off");
        let new = fixture.inbox.store(&events).await.unwrap();
        assert_eq!(new, 2, "neither was there");
    }
}
