use sqlx::{PgConnection, PgPool};
use upvest_models::{CashBalanceEvent, Uuid, WebhookEvent};
use upvest_webhooks::{Event, HandlerError, Inbox, Moment};

const RECORD: &str = "INSERT INTO webhook_inbox (key) VALUES ($1) ON CONFLICT DO NOTHING";

#[derive(Clone)]
struct Database(PgPool);

impl Inbox for Database {
    type Error = sqlx::Error;

    async fn seen(&self, key: Uuid) -> Result<bool, sqlx::Error> {
        let sql = "SELECT EXISTS (SELECT FROM webhook_inbox WHERE key = $1)";
        sqlx::query_scalar(sql).bind(key).fetch_one(&self.0).await
    }

    async fn record(&self, key: Uuid) -> Result<(), sqlx::Error> {
        sqlx::query(RECORD).bind(key).execute(&self.0).await.map(drop)
    }
}

impl Database {
    /// Takes one event, once in effect.
    async fn handle(&self, event: Event) -> Result<(), HandlerError> {
        let mut transaction = self.0.begin().await?;
        let recorded = sqlx::query(RECORD).bind(event.key()).execute(&mut *transaction).await?;
        if recorded.rows_affected() == 0 {
            return Ok(()); // Another process has handled it.
        }
        match event.content() {
            Ok(WebhookEvent::CashBalance(event)) => keep(&mut transaction, event).await?,
            Ok(_) => {}
            Err(malformed) => {
                let sql = "INSERT INTO put_aside (key, raw, reason) VALUES ($1, $2, $3)";
                let query = sqlx::query(sql).bind(event.key());
                let query = query.bind(event.raw().replace('\0', "\u{fffd}")).bind(malformed.to_string());
                query.execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Keeps the balance of an event, unless a later one is there.
async fn keep(connection: &mut PgConnection, event: &CashBalanceEvent) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO balance AS b (account_group_id, currency, balance, created_ns, event_id)
        VALUES ($1, $2, $3::numeric, $4, $5)
        ON CONFLICT (account_group_id, currency) DO UPDATE
           SET balance = excluded.balance, created_ns = excluded.created_ns, event_id = excluded.event_id
         WHERE (b.created_ns, b.event_id) < (excluded.created_ns, excluded.event_id)";
    let (balance, moment) = (&event.object, Moment::of(event));
    sqlx::query(sql)
        .bind(Uuid::from(balance.account_group_id))
        .bind(balance.currency.as_str())
        .bind(balance.balance.to_string())
        .bind(moment.nanoseconds())
        .bind(moment.id)
        .execute(connection)
        .await?;
    Ok(())
}
