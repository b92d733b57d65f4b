use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::time::{Instant, sleep_until};
use tower::BoxError;
use upvest_models::Uuid;

use super::balances::{ACTION, BalanceMirror};
use super::correction::Correction;
use super::snapshot::BalanceSource;
use crate::backend::{Backend, Value};
use crate::{Error, TARGET};

/// How many account groups are read from the table at a time.
const PAGE: i64 = 500;

/// How often the mirror looks for balances that are in doubt.
const DOUBTS: Duration = Duration::from_secs(5);

/// The result of a reconciliation.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Reconciled {
    /// For how many account groups the API was asked.
    pub asked: u64,
    /// The balances that were corrected.
    pub corrections: Vec<Correction>,
    /// The account groups for which the API did not answer. Their balances are unchanged.
    pub failed: Vec<Failed>,
}

/// An account group for which the API did not answer.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Failed {
    /// The account group.
    pub account_group: Uuid,
    /// The reason. In JSON, it is one line of text.
    #[serde(serialize_with = "one_line")]
    pub error: BoxError,
}

fn one_line<S: Serializer>(error: &BoxError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&upvest_http::one_line(&**error))
}

/// Limits the calls in each second.
struct RateLimit {
    interval: Duration,
    next: Instant,
}

impl RateLimit {
    fn new(calls_a_second: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / calls_a_second.max(1),
            next: Instant::now(),
        }
    }

    async fn wait(&mut self) {
        sleep_until(self.next).await;
        self.next = Instant::now() + self.interval;
    }
}

impl<DB: Backend> BalanceMirror<DB> {
    /// Asks the API for the balances of those of these account groups that the mirror does not know
    /// yet, at most `calls_a_second` a second.
    ///
    /// # Errors
    ///
    /// When the database fails. What the API fails with is in the report.
    pub async fn seed(
        &self,
        account_groups: impl IntoIterator<Item = Uuid>,
        source: &impl BalanceSource,
        calls_a_second: u32,
    ) -> Result<Reconciled, Error> {
        let mut rate_limit = RateLimit::new(calls_a_second);
        let mut report = Reconciled::default();
        for account_group in account_groups {
            self.ask(account_group, source, &mut rate_limit, &mut report)
                .await?;
        }
        Ok(report)
    }

    /// Asks the API for the balances of all account groups that the mirror knows, at most
    /// `calls_a_second` a second, and corrects what was missed.
    ///
    /// # Errors
    ///
    /// When the database fails. What the API fails with is in the report.
    pub async fn reconcile(
        &self,
        source: &impl BalanceSource,
        calls_a_second: u32,
    ) -> Result<Reconciled, Error> {
        self.ask_all("true", source, calls_a_second).await
    }

    /// Asks the API again for the balances in doubt, at most `calls_a_second` account groups a
    /// second. A balance that changed within the last few seconds may still be in doubt afterwards.
    ///
    /// # Errors
    ///
    /// When the database fails. What the API fails with is in the report.
    pub async fn settle_doubts(
        &self,
        source: &impl BalanceSource,
        calls_a_second: u32,
    ) -> Result<Reconciled, Error> {
        self.ask_all("doubt IS NOT NULL", source, calls_a_second)
            .await
    }

    /// Keeps the balances correct until `stop` is done: it settles doubts every few seconds, and
    /// reconciles everything from time to time. It calls `observe` after every round in which it
    /// asked the API. Dropping the future is safe.
    pub async fn keep(
        &self,
        source: &impl BalanceSource,
        every: Duration,
        calls_a_second: u32,
        observe: impl Fn(Reconciled),
        stop: impl Future<Output = ()>,
    ) {
        let rounds = async {
            let mut next = Instant::now();
            loop {
                let is_due = Instant::now() >= next;
                let round = match is_due {
                    true => self.reconcile(source, calls_a_second).await,
                    false => self.settle_doubts(source, calls_a_second).await,
                };
                match round {
                    Ok(report) => {
                        if is_due {
                            next = Instant::now() + every;
                        }
                        if report.asked > 0 {
                            observe(report);
                        }
                    }
                    Err(error) => {
                        let error = upvest_http::one_line(&error);
                        tracing::warn!(target: TARGET, error, "balances cannot be reconciled");
                    }
                }
                tokio::time::sleep(DOUBTS.min(every)).await;
            }
        };
        tokio::select! {
            () = rounds => {}
            () = stop => {}
        }
    }

    /// Asks for all account groups that meet a condition.
    async fn ask_all(
        &self,
        condition: &str,
        source: &impl BalanceSource,
        calls_a_second: u32,
    ) -> Result<Reconciled, Error> {
        let sql = format!(
            "SELECT DISTINCT account_group_id FROM upvest_cash_balances
              WHERE account_group_id > $1 AND {condition} ORDER BY account_group_id LIMIT $2"
        );
        let mut rate_limit = RateLimit::new(calls_a_second);
        let mut report = Reconciled::default();
        let mut last = Uuid::nil();
        loop {
            let values: Vec<Value<'_>> = vec![last.into(), PAGE.into()];
            let answer = self.inbox.query(ACTION, &sql, values).await?;
            for account_group in answer.rows.iter().filter_map(|row| row.uuid(0)) {
                self.ask(account_group, source, &mut rate_limit, &mut report)
                    .await?;
                last = account_group;
            }
            if answer.rows.len() < PAGE as usize {
                return Ok(report);
            }
        }
    }

    async fn ask(
        &self,
        account_group: Uuid,
        source: &impl BalanceSource,
        rate_limit: &mut RateLimit,
        report: &mut Reconciled,
    ) -> Result<(), Error> {
        rate_limit.wait().await;
        report.asked += 1;
        match source.balances(account_group).await {
            Ok(snapshot) => {
                let corrections = self.apply_snapshot(&snapshot).await?;
                for correction in &corrections {
                    let (currency, reason) = (correction.is.currency.as_str(), correction.reason);
                    tracing::info!(target: TARGET, %account_group, currency, ?reason, "a balance was corrected");
                }
                report.corrections.extend(corrections);
            }
            Err(error) => {
                let reason = upvest_http::one_line(&*error);
                tracing::warn!(target: TARGET, %account_group, reason, "balances cannot be retrieved");
                report.failed.push(Failed {
                    account_group,
                    error,
                });
            }
        }
        Ok(())
    }
}
