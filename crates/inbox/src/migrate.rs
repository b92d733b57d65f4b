//! The tables, version by version.

use crate::Error;
use crate::backend::Backend;
use crate::session::Session;

const ACTION: &str = "migrate the tables";
const APPLIED_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS upvest_inbox_migrations (name text NOT NULL PRIMARY KEY)";

/// Applies what has not been applied, all of it or nothing.
pub(crate) async fn run<DB: Backend>(session: &mut Session<DB>) -> Result<(), Error> {
    session.begin().await?;
    if let Some(sql) = DB::LOCK_MIGRATIONS {
        session.query(ACTION, sql, vec![]).await?;
    }
    session.script(ACTION, APPLIED_TABLE).await?;
    let sql = "SELECT name FROM upvest_inbox_migrations";
    let answer = session.query(ACTION, sql, vec![]).await?;
    let applied: Vec<&str> = answer.rows.iter().filter_map(|row| row.text(0)).collect();
    let known = |name: &&str| DB::MIGRATIONS.iter().any(|(known, _)| known == name);
    if let Some(unknown) = applied.iter().find(|name| !known(name)) {
        let reason = format!(
            "the database has the migration {unknown:?}, which this version does not know; update \
             upvest-inbox"
        );
        return Err(Error::new(ACTION, reason));
    }
    for (name, sql) in DB::MIGRATIONS {
        if !applied.contains(name) {
            session.script(ACTION, sql).await?;
            let note = "INSERT INTO upvest_inbox_migrations (name) VALUES ($1)";
            session.query(ACTION, note, vec![(*name).into()]).await?;
        }
    }
    session.commit().await
}
