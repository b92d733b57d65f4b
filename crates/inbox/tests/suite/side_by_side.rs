//! Claims in PostgreSQL that are made at the same time. One of them is made by hand, step by step.

use upvest_inbox::Inbox;
use upvest_inbox::sqlx::{self, PgConnection, Postgres};

use crate::database::{Database, Fixture, clock};
use crate::events::{event, take_effect};
use crate::two_processes::until_waiting;
use crate::working::worked;

/// What a worker does to claim the first event of an entity, but for the end of the transaction.
async fn claim_by_hand(connection: &mut PgConnection, entity: &str) {
    let claim = format!(
        "BEGIN;
         SELECT key FROM upvest_inbox_work WHERE entity = '{entity}' ORDER BY created_at LIMIT 1 FOR UPDATE;
         INSERT INTO upvest_inbox_claims VALUES ('{entity}', gen_random_uuid(), 9e18, 1)"
    );
    sqlx::raw_sql(&claim).execute(connection).await.unwrap();
}

async fn drain(inbox: &Inbox<Postgres>) -> upvest_inbox::Worked {
    let worker = inbox.worker(take_effect::<Postgres>);
    worker.drain().await.unwrap()
}

#[tokio::test]
async fn a_claim_waits_for_no_other() {
    let Some(Fixture { inbox, .. }) = Postgres::empty(clock()).await else {
        return;
    };
    inbox.store(&[event(1, 1), event(2, 2)]).await.unwrap();
    let mut half = inbox.pool().acquire().await.unwrap();
    claim_by_hand(&mut half, "group-1").await;
    // The other claim is neither made nor given up meanwhile.
    assert_eq!(drain(&inbox).await, worked(1, 0, 0));
    sqlx::raw_sql("ROLLBACK").execute(&mut *half).await.unwrap();
    assert_eq!(drain(&inbox).await, worked(1, 0, 0));
}

#[tokio::test]
async fn an_event_from_before_is_not_claimed_beside_one_that_is_being_claimed() {
    for (end, done) in [("COMMIT", 0), ("ROLLBACK", 2)] {
        let Some(Fixture { inbox, .. }) = Postgres::empty(clock()).await else {
            return;
        };
        inbox.store(&[event(5, 1)]).await.unwrap();
        let mut half = inbox.pool().acquire().await.unwrap();
        claim_by_hand(&mut half, "group-1").await;
        // It comes first now, and nobody has locked it.
        inbox.store(&[event(4, 1)]).await.unwrap();
        let other = inbox.clone();
        let draining = tokio::spawn(async move { drain(&other).await });
        let claims = "NOT granted AND locktype = 'transactionid' AND pid IN
            (SELECT l.pid FROM pg_locks l WHERE l.relation = 'upvest_inbox_claims'::regclass)";
        until_waiting(inbox.pool(), claims, 1).await;
        sqlx::raw_sql(end).execute(&mut *half).await.unwrap();
        assert_eq!(draining.await.unwrap(), worked(done, 0, 0), "{end}");
    }
}
