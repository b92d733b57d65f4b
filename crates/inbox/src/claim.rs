//! Which events a worker takes: the oldest of each entity that nobody is working on.

use std::time::Duration;

use tokio::time::Instant;
use upvest_models::Uuid;

use crate::Error;
use crate::backend::{Backend, Row, Value};
use crate::session::Session;
use crate::settings::{AfterParked, Settings};
use crate::time::duration_nanos;

const ACTION: &str = "claim events";

/// How many entities one claim looks at, so that many that have to wait do not make it slow.
const MAX_ENTITIES: i64 = 1000;

/// With no more entities than this, further events of them are claimed as well.
const FEW_ENTITIES: usize = 8;

/// Which events are looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Those that nobody has begun to work on: many at a time, in one transaction.
    New,
    /// Those that somebody has: one at a time, so that one which stops a process costs no other one
    /// an attempt.
    Begun,
}

/// How far the search for new events has come, entity by entity, round and round.
#[derive(Debug, Default)]
pub(crate) struct Cursor(String);

/// For how long events are claimed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    /// What marks the events.
    pub(crate) token: Uuid,
    /// From then on no event is begun, for somebody else may claim it before its handler is done.
    pub(crate) until: Instant,
}

/// What a worker has taken.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    /// If there are any.
    pub(crate) lease: Option<Lease>,
    /// How many had been begun too often, and were parked.
    pub(crate) parked: u64,
    /// Whether the search came to the end of all entities.
    pub(crate) is_end: bool,
}

pub(crate) async fn claim<DB: Backend>(
    session: &mut Session<DB>,
    settings: &Settings,
    kind: Kind,
    cursor: &mut Cursor,
    now: impl Fn() -> i64,
) -> Result<Claim, Error> {
    let limit = match kind {
        Kind::New => settings.batch,
        Kind::Begun => 1,
    };
    session.begin().await?;
    session.one_at_a_time(ACTION).await?;
    // The process may be held up at any time after this, so that the lease is over when it goes on.
    let lease = Lease {
        token: Uuid::new_v4(),
        until: Instant::now() + batch_timeout(settings.lease),
    };
    let (token, now) = (lease.token, now());
    let due = now.saturating_add(duration_nanos(settings.lease));
    let mut values: Vec<Value<'_>> = vec![
        now.into(),
        i64::from(limit).into(),
        token.into(),
        due.into(),
    ];
    if kind == Kind::New {
        values.extend([(&*cursor.0).into(), MAX_ENTITIES.into()]);
    }
    let sql = claim_heads::<DB>(kind, settings.after_parked);
    let answer = session.query(ACTION, &sql, values).await?;
    let heads = heads(&answer.rows);

    let mut claim = Claim {
        is_end: match kind {
            Kind::New => advance(session, cursor, &heads, limit as usize).await?,
            Kind::Begun => heads.is_empty(),
        },
        ..Claim::default()
    };
    if kind == Kind::Begun
        && heads
            .iter()
            .any(|(_, begun)| *begun > i64::from(settings.attempts))
    {
        claim.parked = park_abandoned(session, token, now).await?;
    } else if !heads.is_empty() {
        claim.lease = Some(lease);
        if kind == Kind::New && heads.len() <= FEW_ENTITIES {
            let each = i64::from(limit) / heads.len() as i64;
            for (entity, _) in &heads {
                extend(session, settings.after_parked, entity, each, token, due).await?;
            }
        }
    }
    session.commit().await?;
    Ok(claim)
}

/// The entities of claimed events, in order, and how often each event has been begun.
fn heads(rows: &[Row]) -> Vec<(String, i64)> {
    let head = |row: &Row| {
        let entity = row.text(0).unwrap_or_default().to_owned();
        (entity, row.int(1).unwrap_or_default())
    };
    let mut heads: Vec<_> = rows.iter().map(head).collect();
    heads.sort();
    heads
}

/// Claims the first event of each entity, if it may be worked on and nothing else of the entity is
/// being worked on.
pub(crate) fn claim_heads<DB: Backend>(kind: Kind, after_parked: AfterParked) -> String {
    let lock = DB::LOCK_OR_SKIP;
    let skip = after_parked.condition("x");
    let heads = match kind {
        Kind::New => format!(
            "{ENTITIES}, heads (entity_, created_at_, key_) AS (
             SELECT w.entity, w.created_at, w.key
               FROM entities e JOIN upvest_inbox_work w ON w.entity = e.entity
                AND w.created_at = (SELECT x.created_at FROM upvest_inbox_work x WHERE x.entity = e.entity {skip}
                                     ORDER BY x.created_at, x.key LIMIT 1)
                AND w.key = (SELECT x.key FROM upvest_inbox_work x WHERE x.entity = e.entity {skip}
                              ORDER BY x.created_at, x.key LIMIT 1)
              WHERE w.attempts = 0 AND w.parked_at IS NULL AND w.due <= $1 AND {NOT_CLAIMED}
              LIMIT $2 {lock})"
        ),
        Kind::Begun => format!(
            "WITH heads (entity_, created_at_, key_) AS (
             SELECT w.entity, w.created_at, w.key FROM upvest_inbox_work w
              WHERE w.attempts > 0 AND w.parked_at IS NULL AND w.due <= $1 AND {NOT_CLAIMED}
                AND NOT EXISTS (SELECT 1 FROM upvest_inbox_work x WHERE x.entity = w.entity {skip}
                                   AND (x.created_at, x.key) < (w.created_at, w.key))
              ORDER BY w.due LIMIT $2 {lock})"
        ),
    };
    format!(
        "{heads}
         UPDATE upvest_inbox_work SET claim = $3, due = $4, attempts = attempts + 1
           FROM heads WHERE entity = entity_ AND created_at = created_at_ AND key = key_
         RETURNING entity, attempts"
    )
}

/// The entities behind `$5`, `$6` at most. They are looked up one after the other in the primary key,
/// so that it does not matter how many events each has.
const ENTITIES: &str = "WITH RECURSIVE entities (entity, number) AS (
     SELECT min(entity), CAST(1 AS bigint) FROM upvest_inbox_work WHERE entity > $5
     UNION ALL
     SELECT (SELECT min(w.entity) FROM upvest_inbox_work w WHERE w.entity > e.entity), e.number + 1
       FROM entities e WHERE e.entity IS NOT NULL AND e.number < CAST($6 AS bigint))";

const NOT_CLAIMED: &str = "NOT EXISTS (SELECT 1 FROM upvest_inbox_work c
     WHERE c.entity = w.entity AND c.claim IS NOT NULL AND c.due > $1)";

/// Moves the cursor behind what was looked at, and returns whether that was the end.
async fn advance<DB: Backend>(
    session: &mut Session<DB>,
    cursor: &mut Cursor,
    heads: &[(String, i64)],
    limit: usize,
) -> Result<bool, Error> {
    if let Some((last, _)) = heads.last()
        && heads.len() >= limit
    {
        cursor.0.clone_from(last);
        return Ok(false);
    }
    let entities = ENTITIES.replace("$5", "$1").replace("$6", "$2");
    let sql = format!("{entities} SELECT max(entity), count(entity) FROM entities");
    let values = vec![(&*cursor.0).into(), MAX_ENTITIES.into()];
    let answer = session.query(ACTION, &sql, values).await?;
    let row = answer.rows.first();
    let is_end = row
        .and_then(|row| row.int(1))
        .is_none_or(|count| count < MAX_ENTITIES);
    let last = row.and_then(|row| row.text(0)).filter(|_| !is_end);
    cursor.0 = last.unwrap_or_default().to_owned();
    Ok(is_end)
}

/// Claims the events right behind the first one of an entity that nobody has begun to work on.
async fn extend<DB: Backend>(
    session: &mut Session<DB>,
    after_parked: AfterParked,
    entity: &str,
    limit: i64,
    token: Uuid,
    due: i64,
) -> Result<(), Error> {
    let skip = after_parked.condition("x");
    let sql = format!(
        "SELECT x.created_at, x.key, x.attempts, x.claim, x.parked_at FROM upvest_inbox_work x
          WHERE x.entity = $1 {skip} ORDER BY x.created_at, x.key LIMIT $2"
    );
    let answer = session
        .query(ACTION, &sql, vec![entity.into(), limit.into()])
        .await?;
    let is_new = |row: &&crate::backend::Row| {
        row.int(2) == Some(0) && row.uuid(3).is_none() && row.int(4).is_none()
    };
    let Some(last) = answer.rows.iter().skip(1).take_while(is_new).last() else {
        return Ok(());
    };
    let sql = "UPDATE upvest_inbox_work SET claim = $1, due = $2, attempts = 1
                WHERE entity = $3 AND (created_at, key) <= ($4, $5) AND claim IS NULL AND parked_at IS NULL";
    let values = vec![
        token.into(),
        due.into(),
        entity.into(),
        last.int(0).into(),
        last.uuid(1).into(),
    ];
    session.query(ACTION, sql, values).await.map(drop)
}

/// Parks an event that was begun as often as it may be, and neither done nor found wrong.
async fn park_abandoned<DB: Backend>(
    session: &mut Session<DB>,
    token: Uuid,
    now: i64,
) -> Result<u64, Error> {
    let sql = "UPDATE upvest_inbox_work SET claim = NULL, due = 0, parked_at = $2, attempts = attempts - 1, \
                      last_error = 'every attempt was begun and not ended: the process stopped, hung, or lost the \
                      database; before that: ' || COALESCE(last_error, 'nothing') \
                WHERE claim = $1";
    let answer = session
        .query(ACTION, sql, vec![token.into(), now.into()])
        .await?;
    Ok(answer.affected)
}

/// How long a handler may take, so that the lease has not ended when it is stopped.
pub(crate) fn handler_timeout(lease: Duration) -> Duration {
    lease / 2
}

/// For how long after a claim was asked for its events are begun.
pub(crate) fn batch_timeout(lease: Duration) -> Duration {
    lease / 3
}
