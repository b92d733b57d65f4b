//! Which events a worker takes: the oldest of each entity that nobody is working on.
//!
//! A claim is a row for each entity, and there is no more than one for an entity at a time. Whoever works
//! under it keeps the row locked, so that nobody else can take it over meanwhile.

use upvest_models::Uuid;

use crate::Error;
use crate::backend::{Backend, Row, Value};
use crate::expiry::end_expired;
use crate::lease::{Lease, Progress};
use crate::session::Session;
use crate::settings::{AfterParked, Settings};
use crate::time::duration_nanos;
use crate::worked::Worked;

const ACTION: &str = "claim events";

/// How many entities one claim looks at, so that many that have to wait do not make it slow.
const MAX_ENTITIES: i64 = 1000;

/// How far the search for new events has come, entity by entity, round and round.
#[derive(Debug, Default)]
pub(crate) struct Cursor(String);

/// What a worker has taken.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    /// The claim, if there are any events.
    pub(crate) lease: Option<Lease>,
    /// The outcome of claims of others whose leases have ended.
    pub(crate) expired: Worked,
    /// Whether the search came to the end of all entities.
    pub(crate) is_end: bool,
}

/// In a separate transaction: others see the claim before anything is done with it.
pub(crate) async fn claim<DB: Backend>(
    session: &mut Session<DB>,
    settings: &Settings,
    progress: Progress,
    cursor: &mut Cursor,
    now: i64,
) -> Result<Claim, Error> {
    session.begin_claim().await?;
    let after_parked = settings.after_parked;
    let mut expired = Worked::default();
    let (entities, is_end) = match progress {
        Progress::New => {
            let limit = settings.batch as usize;
            let entities = new(session, after_parked, cursor, limit).await?;
            let is_end = advance(session, cursor, &entities, limit).await?;
            (entities, is_end)
        }
        Progress::Begun => {
            expired = end_expired(session, now, settings.attempts).await?;
            let entities = begun(session, after_parked, now).await?;
            let is_end = entities.is_empty();
            (entities, is_end)
        }
    };
    let events = match progress {
        Progress::New => i64::from(settings.batch) / entities.len().max(1) as i64,
        Progress::Begun => 1,
    };
    let lease = Lease {
        claim: Uuid::new_v4(),
        until: now.saturating_add(duration_nanos(settings.lease)),
        events,
        progress,
    };
    let is_claimed = !entities.is_empty() && insert(session, &lease, &entities).await? > 0;
    session.commit().await?;
    Ok(Claim {
        lease: is_claimed.then_some(lease),
        expired,
        is_end,
    })
}

/// The next entities whose first event is new, in their order.
async fn new<DB: Backend>(
    session: &mut Session<DB>,
    after_parked: AfterParked,
    cursor: &Cursor,
    limit: usize,
) -> Result<Vec<String>, Error> {
    let skip = after_parked.condition("x");
    let head = format!(
        "w.entity = e.entity
            AND w.created_at = (SELECT x.created_at FROM upvest_inbox_work x WHERE x.entity = e.entity {skip}
                                 ORDER BY x.created_at, x.key LIMIT 1)
            AND w.key = (SELECT x.key FROM upvest_inbox_work x WHERE x.entity = e.entity {skip}
                          ORDER BY x.created_at, x.key LIMIT 1)
            AND w.attempts = 0 AND w.parked_at IS NULL AND {NOT_CLAIMED}"
    );
    let join = DB::JOIN_HEAD.replace("{head}", &head);
    let sql = format!("{ENTITIES} SELECT w.entity FROM entities e {join} LIMIT $3");
    let mut values = cursor.values();
    values.push((limit as i64).into());
    let answer = session.query(ACTION, &sql, values).await?;
    Ok(sorted(&answer.rows))
}

/// The entity that has waited for longest for another attempt at its first event.
async fn begun<DB: Backend>(
    session: &mut Session<DB>,
    after_parked: AfterParked,
    now: i64,
) -> Result<Vec<String>, Error> {
    let (skip, lock) = (after_parked.condition("x"), DB::LOCK_OR_SKIP);
    let sql = format!(
        "SELECT w.entity FROM upvest_inbox_work w
          WHERE w.attempts > 0 AND w.parked_at IS NULL AND w.due <= $1 AND {NOT_CLAIMED}
            AND w.key = (SELECT x.key FROM upvest_inbox_work x WHERE x.entity = w.entity {skip}
                          ORDER BY x.created_at, x.key LIMIT 1)
          ORDER BY w.due LIMIT 1 {lock}"
    );
    let answer = session.query(ACTION, &sql, vec![now.into()]).await?;
    Ok(sorted(&answer.rows))
}

/// Claims lock entities in this order, so that there is no deadlock.
fn sorted(rows: &[Row]) -> Vec<String> {
    let mut entities: Vec<String> = rows
        .iter()
        .filter_map(|row| row.text(0))
        .map(str::to_owned)
        .collect();
    entities.sort();
    entities
}

/// Returns how many of the entities are claimed: those that nobody has claimed meanwhile.
async fn insert<DB: Backend>(
    session: &mut Session<DB>,
    lease: &Lease,
    entities: &[String],
) -> Result<u64, Error> {
    let sql = format!(
        "INSERT INTO upvest_inbox_claims (entity, claim, until, events)
         SELECT list.value, $2, $3, $4 FROM {} WHERE true
         ON CONFLICT (entity) DO NOTHING",
        DB::LIST
    );
    let entities = serde_json::Value::from(entities).to_string();
    let values = vec![
        (&*entities).into(),
        lease.claim.into(),
        lease.until.into(),
        lease.events.into(),
    ];
    let answer = session.query(ACTION, &sql, values).await?;
    Ok(answer.affected)
}

/// The entities behind `$1`, `$2` at most. They are looked up one after the other in the primary key,
/// so that it does not matter how many events each has.
const ENTITIES: &str = "WITH RECURSIVE entities (entity, number) AS (
     SELECT min(entity), CAST(1 AS bigint) FROM upvest_inbox_work WHERE entity > $1
     UNION ALL
     SELECT (SELECT min(w.entity) FROM upvest_inbox_work w WHERE w.entity > e.entity), e.number + 1
       FROM entities e WHERE e.entity IS NOT NULL AND e.number < CAST($2 AS bigint))";

const NOT_CLAIMED: &str =
    "(SELECT c.claim FROM upvest_inbox_claims c WHERE c.entity = w.entity) IS NULL";

impl Cursor {
    /// The parameters of [`ENTITIES`].
    fn values(&self) -> Vec<Value<'_>> {
        vec![(&*self.0).into(), MAX_ENTITIES.into()]
    }
}

/// Moves the cursor behind the entities that were looked at, and returns whether those were the last.
async fn advance<DB: Backend>(
    session: &mut Session<DB>,
    cursor: &mut Cursor,
    found: &[String],
    limit: usize,
) -> Result<bool, Error> {
    if let Some(last) = found.last()
        && found.len() >= limit
    {
        cursor.0.clone_from(last);
        return Ok(false);
    }
    let sql = format!("{ENTITIES} SELECT max(entity), count(entity) FROM entities");
    let answer = session.query(ACTION, &sql, cursor.values()).await?;
    let row = answer.rows.first();
    let is_end = row
        .and_then(|row| row.int(1))
        .is_none_or(|count| count < MAX_ENTITIES);
    let last = row.and_then(|row| row.text(0)).filter(|_| !is_end);
    cursor.0 = last.unwrap_or_default().to_owned();
    Ok(is_end)
}
