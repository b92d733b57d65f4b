use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::{Either, Executor, PgConnection, Postgres, Row as _};

use super::dialect::Dialect;
use super::value::{Answer, Cell, Row, Value, cells};
use crate::received::Received;

/// One statement whatever the number of events. Those that are there already are left alone; if
/// another transaction is storing one of them, this waits until that transaction ends.
const STORE: &str = "\
WITH stored AS (
    INSERT INTO upvest_inbox_events (key, kind, entity, created_at, webhook_id, raw, received_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::bigint[])
    ON CONFLICT (key) DO NOTHING
    RETURNING entity, created_at, key
)
INSERT INTO upvest_inbox_work (entity, created_at, key) SELECT entity, created_at, key FROM stored";

impl Dialect for Postgres {
    // A statement that waited for a lock has to see what its previous holder wrote.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";
    // A claim may be lost when the server stops, so it does not wait for the disk. It takes
    // milliseconds: a process that is silent for longer is gone.
    const BEGIN_CLAIM: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
        SET LOCAL synchronous_commit = off; \
        SET LOCAL enable_seqscan = off; \
        SET LOCAL idle_in_transaction_session_timeout = '1min'";
    const BEGIN_HANDLING: &'static str = "BEGIN";
    const USE_INDEXES: &'static str = "SET LOCAL enable_seqscan = off;";
    const USE_ANY_PLAN: &'static str = "SET LOCAL enable_seqscan TO DEFAULT;";
    // The number stands for this use among those of the whole database.
    const LOCK_MIGRATIONS: Option<&'static str> =
        Some("SELECT 1::bigint FROM pg_advisory_xact_lock(7883950481)");
    const LIMIT_TRANSACTION: Option<&'static str> = Some(
        "SELECT set_config('idle_in_transaction_session_timeout', $1::bigint::text, true), \
                set_config('statement_timeout', $1::bigint::text, true)",
    );
    const LOCK: &'static str = "FOR UPDATE OF c";
    const LOCK_OR_SKIP: &'static str = "FOR UPDATE SKIP LOCKED";
    const LIST: &'static str = "json_array_elements_text($1::text::json) AS list (value)";
    // Here and below, what is joined to few rows is looked up for each of them (`LATERAL`, and `LIMIT` or a
    // lock, which keep the query from being rewritten), also by a plan made when the tables were empty.
    const DELETE_WORK: &'static str = "\
        DELETE FROM upvest_inbox_work WHERE ctid = ANY (ARRAY(
            SELECT w.ctid FROM json_to_recordset($1::text::json) AS d (entity text, created_at bigint, key uuid)
             CROSS JOIN LATERAL (
                SELECT w.ctid FROM upvest_inbox_work w
                 WHERE w.entity = d.entity AND w.created_at = d.created_at AND w.key = d.key LIMIT 1) w))";
    const JOIN_HEAD: &'static str = "\
        CROSS JOIN LATERAL (
            SELECT w.entity FROM upvest_inbox_work w WHERE {head} FOR UPDATE SKIP LOCKED) w";
    const JOIN_WORK: &'static str = "\
        CROSS JOIN LATERAL (SELECT * FROM upvest_inbox_work x WHERE x.entity = c.entity {skip}
                             ORDER BY x.created_at, x.key LIMIT $3) w
        CROSS JOIN LATERAL (SELECT * FROM upvest_inbox_events e WHERE e.key = w.key LIMIT 1) e";
    const MIGRATIONS: &'static [(&'static str, &'static str)] = &[
        (
            "0001_inbox",
            include_str!("../../migrations/postgres/0001_inbox.sql"),
        ),
        (
            "0002_cash_balances",
            include_str!("../../migrations/postgres/0002_cash_balances.sql"),
        ),
    ];

    fn query<'a>(
        connection: &'a mut PgConnection,
        sql: &'a str,
        values: Vec<Value<'a>>,
    ) -> BoxFuture<'a, sqlx::Result<Answer>> {
        Box::pin(async move {
            let mut query = sqlx::query(sql);
            for value in values {
                query = match value {
                    Value::Int(value) => query.bind(value),
                    Value::Uuid(value) => query.bind(value),
                    Value::Text(value) => query.bind(value),
                };
            }
            let mut answer = Answer::default();
            let mut results = connection.fetch_many(query);
            while let Some(result) = results.try_next().await? {
                match result {
                    Either::Left(done) => answer.affected += done.rows_affected(),
                    Either::Right(row) => answer.rows.push(read(&row)?),
                }
            }
            Ok(answer)
        })
    }

    fn script<'a>(
        connection: &'a mut PgConnection,
        sql: &'a str,
    ) -> BoxFuture<'a, sqlx::Result<()>> {
        // A text without parameters is not prepared, and may be several statements.
        Box::pin(async move { connection.execute(sql).await.map(drop) })
    }

    fn store<'a>(
        connection: &'a mut PgConnection,
        events: &'a [Received<'a>],
    ) -> BoxFuture<'a, sqlx::Result<u64>> {
        fn column<'a, T>(
            events: &'a [Received<'a>],
            get: impl Fn(&'a Received<'a>) -> T,
        ) -> Vec<T> {
            events.iter().map(get).collect()
        }

        Box::pin(async move {
            let query = sqlx::query(STORE)
                .bind(column(events, |event| event.key))
                .bind(column(events, |event| &*event.event_type))
                .bind(column(events, |event| &*event.entity))
                .bind(column(events, |event| event.created_at))
                .bind(column(events, |event| event.webhook_id))
                .bind(column(events, |event| &*event.raw))
                .bind(column(events, |event| event.received_at));
            Ok(query.execute(connection).await?.rows_affected())
        })
    }
}

fn read(row: &sqlx::postgres::PgRow) -> sqlx::Result<Row> {
    cells(row, |row, column, type_| match type_ {
        "INT8" => row.try_get(column).map(Cell::Int),
        "UUID" => row.try_get(column).map(Cell::Uuid),
        _ => row.try_get(column).map(Cell::Text),
    })
}
