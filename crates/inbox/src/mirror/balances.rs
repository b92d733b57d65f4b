use std::time::Duration;

use upvest_models::{CashBalance, CashBalanceEvent, Currency, Uuid};

use super::correction::{Correction, CorrectionReason, MirroredBalance};
use super::known::{Known, Source, Value};
use super::snapshot::Snapshot;
use crate::backend::{Backend, Row, query};
use crate::time::{date_time, nanos};
use crate::{Error, Inbox};

const COLUMNS: &str = "balance, as_of, event_id, read_by, doubt, account_group_id, currency";

/// The latest known cash balance of each account group in each currency, in the tables of an
/// [`Inbox`]. Events and snapshots of the API update it, in whatever order they come.
/// [`Inbox::balances`] makes it.
///
/// An event replaces the known balance if it happened later, to the nanosecond. A snapshot counts
/// as taken before its request was sent, by Upvest's clock. If an event and a snapshot overlap, so
/// that it is unknown which is later, the balance is in doubt: the mirror keeps one of them, and
/// asks again. The chapter "The inbox" of the book, in `docs` of the repository, shows why no order of
/// events, snapshots and crashes leaves it wrong.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # fn example(inbox: upvest_inbox::Inbox<upvest_inbox::sqlx::Sqlite>) {
/// use upvest_models::CashBalanceEvent;
///
/// let balances = inbox.balances();
/// let handlers = inbox.handlers().on::<CashBalanceEvent>(move |event, _, transaction| {
///     let (balances, event) = (balances.clone(), event.clone());
///     Box::pin(async move {
///         balances.apply(transaction, &event).await?;
///         Ok(())
///     })
/// });
/// # }
/// ```
pub struct BalanceMirror<DB: Backend> {
    pub(super) inbox: Inbox<DB>,
    tolerance: Duration,
}

impl<DB: Backend> Inbox<DB> {
    /// The cash balances in the same database: see [`BalanceMirror`].
    pub fn balances(&self) -> BalanceMirror<DB> {
        BalanceMirror::new(self.clone())
    }
}

impl<DB: Backend> BalanceMirror<DB> {
    pub(crate) fn new(inbox: Inbox<DB>) -> Self {
        Self {
            inbox,
            tolerance: Duration::from_secs(2),
        }
    }

    /// The sum of two times: by how much Upvest's clocks may differ among each other, and how long
    /// a change may take until the API shows it. 2 seconds unless set. More is safer, and makes the
    /// mirror ask again more often.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Stores the balance of an event, in the transaction of its handler. Returns whether that
    /// balance is now the known one.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn apply(
        &self,
        transaction: &mut DB::Connection,
        event: &CashBalanceEvent,
    ) -> Result<bool, Error> {
        let value = Value {
            balance: json(&event.object)?,
            as_of: nanos(event.created_at),
            source: Source::Event(event.id),
        };
        let (_, known) = self.take(transaction, &event.object, value).await?;
        let source = known.value.map(|value| value.source);
        Ok(source == Some(Source::Event(event.id)))
    }

    /// Stores the balances of a snapshot, and returns the balances that it corrected.
    ///
    /// # Errors
    ///
    /// When the database fails. Then none of the balances was stored.
    pub async fn apply_snapshot(&self, snapshot: &Snapshot) -> Result<Vec<Correction>, Error> {
        let (as_of, read_by) = snapshot.read_between(self.tolerance);
        let mut transaction = self.inbox.begin(ACTION).await?;
        let mut corrections = Vec::new();
        // In one order, so that two of them wait for each other in the same one.
        let mut balances: Vec<&CashBalance> = snapshot.balances.iter().collect();
        balances.sort_by(|one, other| one.currency.as_str().cmp(other.currency.as_str()));
        for balance in balances {
            let value = Value {
                balance: json(balance)?,
                as_of,
                source: Source::Snapshot(read_by),
            };
            let (before, after) = self.take(&mut transaction, balance, value).await?;
            corrections.extend(correction(&before, &after, balance)?);
        }
        transaction.commit().await.map_err(Error::when(ACTION))?;
        Ok(corrections)
    }

    /// Returns the balance of an account group in a currency, if it is known.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn get(
        &self,
        account_group: Uuid,
        currency: &Currency,
    ) -> Result<Option<MirroredBalance>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM upvest_cash_balances WHERE account_group_id = $1 AND currency = $2"
        );
        let values = vec![account_group.into(), currency.as_str().into()];
        let answer = self.inbox.query(ACTION, &sql, values).await?;
        let row = answer.rows.first();
        row.map_or(Ok(None), |row| mirrored(&read(row)))
    }

    /// Combines what is known with what has arrived. Returns what was known before and what is
    /// known now.
    async fn take(
        &self,
        connection: &mut DB::Connection,
        balance: &CashBalance,
        value: Value,
    ) -> Result<(Known, Known), Error> {
        // The row is there and locked after this, whether it was there before or not.
        let lock = format!(
            "INSERT INTO upvest_cash_balances (account_group_id, currency) VALUES ($1, $2)
             ON CONFLICT (account_group_id, currency) DO UPDATE SET currency = excluded.currency
             RETURNING {COLUMNS}"
        );
        let group: Uuid = balance.account_group_id.into();
        let currency = balance.currency.as_str();
        let values = vec![group.into(), currency.into()];
        let answer = query::<DB>(connection, ACTION, &lock, values).await?;
        let before = answer.rows.first().map(read).unwrap_or_default();
        let after = before.after(value);
        if after != before
            && let Some(value) = &after.value
        {
            let (event_id, read_by) = match value.source {
                Source::Event(id) => (Some(id), None),
                Source::Snapshot(read_by) => (None, Some(read_by)),
            };
            let values = vec![
                group.into(),
                currency.into(),
                (&*value.balance).into(),
                value.as_of.into(),
                event_id.into(),
                read_by.into(),
                after.doubt.into(),
            ];
            let sql = "UPDATE upvest_cash_balances
                          SET balance = $3, as_of = $4, event_id = $5, read_by = $6, doubt = $7
                        WHERE account_group_id = $1 AND currency = $2";
            query::<DB>(connection, ACTION, sql, values).await?;
        }
        Ok((before, after))
    }
}

pub(super) const ACTION: &str = "keep cash balances";

impl<DB: Backend> Clone for BalanceMirror<DB> {
    fn clone(&self) -> Self {
        Self {
            inbox: self.inbox.clone(),
            tolerance: self.tolerance,
        }
    }
}

impl<DB: Backend> std::fmt::Debug for BalanceMirror<DB> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BalanceMirror")
            .field("inbox", &self.inbox)
            .field("tolerance", &self.tolerance)
            .finish()
    }
}

fn json(balance: &CashBalance) -> Result<String, Error> {
    serde_json::to_string(balance).map_err(Error::when("write a balance as JSON"))
}

fn parse(json: &str) -> Result<CashBalance, Error> {
    serde_json::from_str(json).map_err(Error::when("read a balance that was stored"))
}

fn read(row: &Row) -> Known {
    let value = row.text(0).map(|balance| Value {
        balance: balance.to_owned(),
        as_of: row.int(1).unwrap_or_default(),
        source: match row.uuid(2) {
            Some(id) => Source::Event(id),
            None => Source::Snapshot(row.int(3).unwrap_or_default()),
        },
    });
    Known {
        value,
        doubt: row.int(4),
    }
}

fn mirrored(known: &Known) -> Result<Option<MirroredBalance>, Error> {
    let Some(value) = &known.value else {
        return Ok(None);
    };
    Ok(Some(MirroredBalance {
        balance: parse(&value.balance)?,
        as_of: date_time(value.as_of),
        is_doubtful: known.doubt.is_some(),
    }))
}

/// What a snapshot has corrected, if anything.
fn correction(
    before: &Known,
    after: &Known,
    balance: &CashBalance,
) -> Result<Option<Correction>, Error> {
    let value = |known: &Known| known.value.as_ref().map(|value| value.balance.clone());
    if value(before) == value(after) {
        return Ok(None);
    }
    let reason = match (&before.value, before.doubt) {
        (None, _) => CorrectionReason::Unknown,
        (Some(_), Some(_)) => CorrectionReason::Doubt,
        (Some(_), None) => CorrectionReason::MissedEvent,
    };
    Ok(Some(Correction {
        was: value(before).map(|was| parse(&was)).transpose()?,
        is: balance.clone(),
        reason,
    }))
}
