//! What becomes of events whose claim ends and that are not done: each of them has failed once.

use crate::Error;
use crate::backend::{Backend, Value};
use crate::lease::Lease;
use crate::session::Session;
use crate::worked::Worked;

const ACTION: &str = "end a claim";

const EXPIRED: &str = "the attempt was started, but did not finish: the process stopped, hung, or lost its connection to \
     the database";

/// How many entities are freed at a time.
const MAX_ENTITIES: i64 = 1000;

/// How events fail together.
pub(crate) struct Failure<'a> {
    pub(crate) now: i64,
    /// When they come again.
    pub(crate) due: i64,
    pub(crate) reason: &'a str,
    /// After how many attempts an event is parked.
    pub(crate) attempts: u32,
}

/// Frees, within a transaction, what was claimed by those whose leases have ended. Whoever still works
/// under a claim keeps it.
pub(crate) async fn end_expired<DB: Backend>(
    session: &mut Session<DB>,
    now: i64,
    attempts: u32,
) -> Result<Worked, Error> {
    let failure = Failure {
        now,
        due: now,
        reason: EXPIRED,
        attempts,
    };
    let lock = DB::LOCK_OR_SKIP;
    let which = format!("c.until <= $1 ORDER BY c.until LIMIT $2 {lock}");
    let values = vec![now.into(), MAX_ENTITIES.into()];
    let worked = end(session, &which, values, &failure).await?;
    if worked != Worked::default() {
        let (failed, parked) = (worked.failed, worked.parked);
        tracing::warn!(target: crate::TARGET, failed, parked, "leases ended before the work was done");
    }
    Ok(worked)
}

/// Frees what was claimed by a lease, in a separate transaction.
pub(crate) async fn end_lease<DB: Backend>(
    session: &mut Session<DB>,
    lease: &Lease,
    failure: &Failure<'_>,
) -> Result<Worked, Error> {
    session.begin_claim().await?;
    let which = format!("{} {}", Lease::CONDITION, DB::LOCK);
    let worked = end(session, &which, lease.values(), failure).await?;
    session.commit().await?;
    Ok(worked)
}

async fn end<DB: Backend>(
    session: &mut Session<DB>,
    which: &str,
    values: Vec<Value<'_>>,
    failure: &Failure<'_>,
) -> Result<Worked, Error> {
    let sql = format!("SELECT c.entity, c.events FROM upvest_inbox_claims c WHERE {which}");
    let claims = session.query(ACTION, &sql, values).await?.rows;
    let mut worked = Worked::default();
    for claim in &claims {
        let entity = claim.text(0).unwrap_or_default();
        let events = claim.int(1).unwrap_or_default();
        worked.add(fail(session, entity, events, failure).await?);
        let sql = "DELETE FROM upvest_inbox_claims WHERE entity = $1";
        session.query(ACTION, sql, vec![entity.into()]).await?;
    }
    Ok(worked)
}

/// Notes a failed attempt at the first events of an entity.
async fn fail<DB: Backend>(
    session: &mut Session<DB>,
    entity: &str,
    events: i64,
    failure: &Failure<'_>,
) -> Result<Worked, Error> {
    let sql = "UPDATE upvest_inbox_work
                  SET attempts = attempts + 1, due = $3, last_error = $4,
                      parked_at = CASE WHEN attempts + 1 >= $5 THEN CAST($6 AS bigint) END
                WHERE (entity, created_at, key) IN (
                      SELECT x.entity, x.created_at, x.key FROM upvest_inbox_work x
                       WHERE x.entity = $1 AND x.parked_at IS NULL ORDER BY x.created_at, x.key LIMIT $2)
            RETURNING parked_at";
    let values = vec![
        entity.into(),
        events.into(),
        failure.due.into(),
        failure.reason.into(),
        i64::from(failure.attempts).into(),
        failure.now.into(),
    ];
    let rows = session.query(ACTION, sql, values).await?.rows;
    let parked = rows.iter().filter(|row| row.int(0).is_some()).count() as u64;
    Ok(Worked {
        failed: rows.len() as u64 - parked,
        parked,
        ..Worked::default()
    })
}
