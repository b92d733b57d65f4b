//! What happens between two who work on one database at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
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

#[cfg(feature = "postgres")]
mod postgres_alone {
    use upvest_inbox::Inbox;
    use upvest_inbox::sqlx::postgres::PgConnectOptions;
    use upvest_inbox::sqlx::{self, PgConnection, PgPool, Postgres};

    use super::*;
    use crate::database::clock;

    async fn fixture() -> Option<Fixture<Postgres>> {
        Postgres::empty(clock()).await
    }

    #[tokio::test]
    async fn whoever_finds_an_event_half_stored_waits_for_what_becomes_of_it() {
        let Some(fixture) = fixture().await else {
            return;
        };
        for (end, new, depth) in [("ROLLBACK", 1, 1), ("COMMIT", 0, 1)] {
            fixture
                .execute("TRUNCATE upvest_inbox_events, upvest_inbox_work")
                .await;
            let mut other = fixture.inbox.pool().acquire().await.unwrap();
            sqlx::query("BEGIN").execute(&mut *other).await.unwrap();
            let key = event(1, 1).key();
            let insert = "WITH e AS (INSERT INTO upvest_inbox_events VALUES ($1, '', 'group-1', 1, NULL, '', 1))
                          INSERT INTO upvest_inbox_work VALUES ('group-1', 1, $1)";
            sqlx::query(insert)
                .bind(key)
                .execute(&mut *other)
                .await
                .unwrap();
            let inbox = fixture.inbox.clone();
            let storing = tokio::spawn(async move { inbox.store(&[event(1, 1)]).await });
            // It has looked, and waits for a lock.
            let waiting =
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
            while fixture.numbers(waiting).await != [1] {
                tokio::task::yield_now().await;
            }
            sqlx::query(end).execute(&mut *other).await.unwrap();
            assert_eq!(storing.await.unwrap().unwrap(), new, "{end}");
            assert_eq!(fixture.inbox.stats().await.unwrap().depth, depth, "{end}");
        }
    }

    #[tokio::test]
    async fn the_victim_of_a_deadlock_comes_again() {
        let Some(fixture) = fixture().await else {
            return;
        };
        fixture
            .execute("CREATE TABLE places (id bigint PRIMARY KEY, visits bigint)")
            .await;
        fixture
            .execute("INSERT INTO places VALUES (1, 0), (2, 0)")
            .await;
        fixture
            .inbox
            .store(&[event(1, 1), event(2, 2)])
            .await
            .unwrap();
        let both = Arc::new(Barrier::new(2));
        let worker = || {
            let both = Arc::clone(&both);
            let worker = fixture.inbox.worker(move |event, transaction| {
                let both = Arc::clone(&both);
                Box::pin(async move {
                    let first = number(event);
                    visit(transaction, first).await?;
                    if event.attempt == 1 {
                        both.wait().await;
                    }
                    visit(transaction, 3 - first).await?;
                    Ok(())
                })
            });
            worker.batch(1).pauses(|_| Duration::ZERO)
        };
        let (one, other) = (worker(), worker());
        let (one, other) = tokio::join!(one.drain(), other.drain());
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.done + other.done, one.failed + other.failed), (2, 1));
        assert_eq!(fixture.numbers("SELECT visits FROM places").await, [2, 2]);
    }

    async fn visit(transaction: &mut PgConnection, place: i64) -> sqlx::Result<()> {
        let sql = "UPDATE places SET visits = visits + 1 WHERE id = $1";
        sqlx::query(sql)
            .bind(place)
            .execute(transaction)
            .await
            .map(drop)
    }

    #[tokio::test]
    async fn a_serialisation_failure_comes_again() {
        let Some(fixture) = fixture().await else {
            return;
        };
        fixture
            .execute("CREATE TABLE places (id bigint PRIMARY KEY, visits bigint)")
            .await;
        fixture.execute("INSERT INTO places VALUES (1, 0)").await;
        fixture.inbox.store(&[event(1, 1)]).await.unwrap();

        let others = fixture.inbox.pool().clone();
        let serializable = PgConnectOptions::clone(&others.connect_options())
            .options([("default_transaction_isolation", "serializable")]);
        let inbox = Inbox::new(PgPool::connect_lazy_with(serializable));
        let worker = inbox.worker(move |event, transaction| {
            let others = others.clone();
            Box::pin(async move {
                if event.attempt == 1 {
                    visit(&mut *others.acquire().await?, 1).await?;
                }
                visit(transaction, 1).await?;
                Ok(())
            })
        });
        let worked = worker.pauses(|_| Duration::ZERO).drain().await.unwrap();
        assert_eq!((worked.done, worked.failed), (1, 1));
        assert_eq!(fixture.numbers("SELECT visits FROM places").await, [2]);
    }
}
