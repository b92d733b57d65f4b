use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::{Connection, Either, Executor, Row as _, Sqlite, SqliteConnection};

use super::dialect::Dialect;
use super::value::{Answer, Cell, Row, Value, cells};
use crate::received::Received;

/// New events get a row of work first, since the second statement makes them known. All events are one
/// parameter, an array of arrays, so that one statement is enough, whatever their number.
const STORE: [&str; 2] = [
    "INSERT INTO upvest_inbox_work (entity, created_at, key)
     SELECT value ->> 2, value ->> 3, unhex(value ->> 0) FROM json_each($1)
      WHERE unhex(value ->> 0) NOT IN (SELECT key FROM upvest_inbox_events)
     ON CONFLICT DO NOTHING",
    "INSERT INTO upvest_inbox_events (key, kind, entity, created_at, webhook_id, raw, received_at)
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), value ->> 5, value ->> 6
       FROM json_each($1) WHERE true
     ON CONFLICT (key) DO NOTHING",
];

impl Dialect for Sqlite {
    // A transaction that begins with reading may find that it cannot write later.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const BEGIN_CLAIM: &'static str = Self::BEGIN;
    const BEGIN_HANDLING: &'static str = Self::BEGIN;
    const USE_INDEXES: &'static str = "";
    const USE_ANY_PLAN: &'static str = "";
    // There is one writer at a time anyway, and it belongs to this process.
    const LOCK_MIGRATIONS: Option<&'static str> = None;
    const LIMIT_TRANSACTION: Option<&'static str> = None;
    const LOCK: &'static str = "";
    const LOCK_OR_SKIP: &'static str = "";
    const LIST: &'static str = "json_each($1) AS list";
    const DELETE_WORK: &'static str = "\
        DELETE FROM upvest_inbox_work WHERE (entity, created_at, key) IN (
            SELECT value ->> 'entity', value ->> 'created_at', unhex(value ->> 'key') FROM json_each($1))";
    const JOIN_HEAD: &'static str = "CROSS JOIN upvest_inbox_work w ON {head}";
    const JOIN_WORK: &'static str = "\
        CROSS JOIN upvest_inbox_work w ON (w.entity, w.created_at, w.key) IN (
            SELECT x.entity, x.created_at, x.key FROM upvest_inbox_work x WHERE x.entity = c.entity {skip}
             ORDER BY x.created_at, x.key LIMIT $3)
        JOIN upvest_inbox_events e ON e.key = w.key";
    const MIGRATIONS: &'static [(&'static str, &'static str)] = &[
        (
            "0001_inbox",
            include_str!("../../migrations/sqlite/0001_inbox.sql"),
        ),
        (
            "0002_cash_balances",
            include_str!("../../migrations/sqlite/0002_cash_balances.sql"),
        ),
    ];

    fn query<'a>(
        connection: &'a mut SqliteConnection,
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
        connection: &'a mut SqliteConnection,
        sql: &'a str,
    ) -> BoxFuture<'a, sqlx::Result<()>> {
        // A text without parameters is not prepared, and may be several statements.
        Box::pin(async move { connection.execute(sql).await.map(drop) })
    }

    fn store<'a>(
        connection: &'a mut SqliteConnection,
        events: &'a [Received<'a>],
    ) -> BoxFuture<'a, sqlx::Result<u64>> {
        Box::pin(async move {
            let events = as_json(events);
            // It is rolled back when this future is dropped.
            let mut transaction = connection.begin_with(Self::BEGIN).await?;
            let mut new = 0;
            for statement in STORE {
                let query = sqlx::query(statement).bind(&events);
                new = query.execute(&mut *transaction).await?.rows_affected();
            }
            transaction.commit().await?;
            Ok(new)
        })
    }
}

fn as_json(events: &[Received<'_>]) -> String {
    let rows = events.iter().map(|event| {
        serde_json::json!([
            event.key.simple().to_string(),
            event.event_type,
            event.entity,
            event.created_at,
            event.webhook_id.map(|id| id.simple().to_string()),
            event.raw,
            event.received_at,
        ])
    });
    serde_json::Value::Array(rows.collect()).to_string()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Row> {
    cells(row, |row, column, type_| match type_ {
        "INTEGER" => row.try_get(column).map(Cell::Int),
        "BLOB" => row.try_get(column).map(Cell::Uuid),
        _ => row.try_get(column).map(Cell::Text),
    })
}
