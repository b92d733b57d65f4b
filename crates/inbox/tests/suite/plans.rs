//! What the inbox costs does not grow with what is stored, nor with how much waits behind the first
//! events: PostgreSQL finds everything by an index.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use upvest_inbox::Worked;
use upvest_inbox::sqlx::{self, PgPool};
use upvest_inbox::webhooks::Event;

use crate::events::{event, take_effect};
use crate::process::tables;

/// A hundred thousand events that are done, and as many of one account group that are not. No table is read.
async fn fill(pool: &PgPool) {
    let done = "INSERT INTO upvest_inbox_events
        SELECT gen_random_uuid(), 'MOON.PHASE', 'group-' || n % 1000, n, NULL, '{}', n FROM generate_series(1, 100000) n";
    let waiting = "INSERT INTO upvest_inbox_events
        SELECT md5(n::text)::uuid, 'MOON.PHASE', 'busy', n, NULL, '{}', 0 FROM generate_series(1, 100000) n";
    let work = "INSERT INTO upvest_inbox_work (entity, created_at, key)
        SELECT 'busy', n, md5(n::text)::uuid FROM generate_series(1, 100000) n";
    for sql in [done, waiting, work] {
        sqlx::query(sql).execute(pool).await.unwrap();
    }
}

const TABLES: [&str; 3] = [
    "upvest_inbox_events",
    "upvest_inbox_work",
    "upvest_inbox_claims",
];

async fn analyze(pool: &PgPool) {
    for table in TABLES {
        let sql = format!("VACUUM ANALYZE {table}");
        sqlx::raw_sql(&sql).execute(pool).await.unwrap();
    }
}

/// How many rows were read by scans of whole tables, and entries of indexes, since the start.
async fn read(pool: &PgPool) -> (i64, i64) {
    let sql =
        "SELECT sum(seq_tup_read)::bigint, sum(idx_tup_fetch)::bigint FROM pg_stat_user_tables
                WHERE schemaname = current_schema() AND relname LIKE 'upvest_inbox_%'";
    sqlx::query_as(sql).fetch_one(pool).await.unwrap()
}

/// Waits until all connections are closed: what a session has read is counted at its end. Nobody else
/// holds the pool, since one that came back to it while it was being closed is closed with the last holder.
async fn close(pool: PgPool, schema: &str) -> PgPool {
    pool.close().await;
    drop(pool);
    let again = crate::server::Server::get().unwrap().pool(schema);
    // The one that asks: a second one, which the pool might open for the next question, would be counted.
    let mut connection = again.acquire().await.unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity
                WHERE application_name = $1 AND pid <> pg_backend_pid()";
    let mut interval = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        interval.tick().await;
        let open: i64 = sqlx::query_scalar(sql)
            .bind(schema)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        if open == 0 {
            drop(connection);
            return again;
        }
    }
}

#[tokio::test]
async fn storing_and_working_read_no_table_from_end_to_end() {
    let Some((pool, schema, inbox)) = tables().await else {
        return;
    };
    sqlx::query(crate::database::EFFECTS)
        .execute(&pool)
        .await
        .unwrap();
    fill(&pool).await;
    analyze(&pool).await;
    drop(inbox);
    let pool = close(pool, &schema).await;
    let before = read(&pool).await;

    let inbox = upvest_inbox::Inbox::new(pool.clone());
    let events: Vec<Event> = (0..100).map(|number| event(number, number)).collect();
    inbox.store(&events).await.unwrap();
    let begun = AtomicU32::new(0);
    let (stop, stopped) = oneshot::channel::<()>();
    let stop = Mutex::new(Some(stop));
    let worker = inbox.worker(move |event, transaction| {
        if begun.fetch_add(1, Ordering::SeqCst) == 300 {
            drop(stop.lock().unwrap().take());
        }
        take_effect::<sqlx::Postgres>(event, transaction)
    });
    let worked = worker.batch(100).run(async { drop(stopped.await) }).await;
    assert!(worked.done > 300, "{worked:?}");
    drop(inbox);

    let pool = close(pool, &schema).await;
    check(before, read(&pool).await, worked);
}

fn check(before: (i64, i64), after: (i64, i64), worked: Worked) {
    let without_index = after.0 - before.0;
    assert_eq!(without_index, 0, "rows that were read without an index");
    let by_index = (after.1 - before.1) as u64;
    assert!(
        by_index < 20 * (worked.done + 100),
        "{by_index} rows for {worked:?}"
    );
}

/// Statements are planned once for each connection, by what the tables were like at that time.
#[tokio::test]
async fn what_was_planned_for_empty_tables_reads_no_full_one_from_end_to_end() {
    let Some((pool, schema, inbox)) = tables().await else {
        return;
    };
    for table in TABLES {
        let sql = format!("ALTER TABLE {table} SET (autovacuum_enabled = false)");
        sqlx::query(&sql).execute(&pool).await.unwrap();
    }
    analyze(&pool).await;
    let before = read(&pool).await;
    let (begun, mut handled) = tokio::sync::mpsc::unbounded_channel();
    let worker = inbox.worker(move |_, _| {
        let _ = begun.send(());
        Box::pin(async { Ok(()) })
    });
    let worker = worker.batch(100).poll(Duration::from_millis(20));
    let (stop, stopped) = oneshot::channel::<()>();
    let working = tokio::spawn(worker.run(async { drop(stopped.await) }));
    // PostgreSQL keeps a plan from the sixth time on.
    for number in 0..10 {
        inbox.store(&[event(number, number)]).await.unwrap();
        handled.recv().await.unwrap();
    }
    fill(&pool).await;
    for _ in 0..300 {
        handled.recv().await.unwrap();
    }
    drop(stop);
    let worked = working.await.unwrap();
    drop(inbox);
    let pool = close(pool, &schema).await;
    check(before, read(&pool).await, worked);
}
