use std::time::Duration;

use tower::BoxError;
use upvest_models::{CashBalance, DateTime, Utc, Uuid};
use upvest_webhooks::Moment;

use crate::time::{duration_nanos, nanos};

/// The balances of an account group from an answer of the API, and the time range in which they
/// were true. That range is by Upvest's clock only, since the local clock may be wrong.
///
/// The answer is dated when it is made, in whole seconds. So the balances were read no earlier than the
/// date less the time the call took, and no later than the date, a second and the time the call took.
///
/// ```
/// use std::time::Duration;
/// use upvest_inbox::Snapshot;
///
/// let date = "2026-11-25T10:00:00Z".parse().unwrap();
/// let snapshot = Snapshot::new(vec![], date, Duration::from_millis(80));
/// # let _ = snapshot;
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) balances: Vec<CashBalance>,
    date: DateTime<Utc>,
    took: Duration,
}

impl Snapshot {
    /// Makes a snapshot from the balances and the `date` of an answer (`Response::date` of the
    /// client; by RFC 9110, section 6.6.1, every server with a clock sends it), and the time that
    /// the call `took`, from before it was sent until the answer had arrived, by a monotonic clock
    /// ([`Instant`](std::time::Instant)).
    pub fn new(balances: Vec<CashBalance>, date: DateTime<Utc>, took: Duration) -> Self {
        Self {
            balances,
            date,
            took,
        }
    }

    /// The earliest and the latest time at which the balances can have been read, if the
    /// difference between Upvest's clocks and the time until the API shows a change are together no more
    /// than `tolerance`.
    pub(crate) fn read_between(&self, tolerance: Duration) -> (i64, i64) {
        let doubt = self.took.saturating_add(tolerance);
        let first = Moment::of_snapshot(self.date, doubt).nanoseconds();
        let rounded_down = Duration::from_secs(1);
        let last = duration_nanos(doubt.saturating_add(rounded_down));
        (first, nanos(self.date).saturating_add(last))
    }
}

/// Asks the API for the balances of an account group. A closure `Fn(Uuid) -> impl Future<Output =
/// Result<Snapshot, BoxError>>` is a source.
///
/// ```
/// # fn source(client: upvest::Client) -> impl upvest_inbox::BalanceSource {
/// use std::time::Instant;
/// use upvest_inbox::Snapshot;
///
/// move |group: upvest_inbox::models::Uuid| {
///     let client = client.clone();
///     async move {
///         let sent = Instant::now();
///         let answer = client.list_cash_balances(group).send().await?;
///         let date = answer.date().ok_or("the answer has no date")?;
///         Ok(Snapshot::new(answer.into_inner().data, date, sent.elapsed()))
///     }
/// }
/// # }
/// ```
pub trait BalanceSource: Send + Sync {
    /// The balances that an account group has now.
    fn balances(
        &self,
        account_group: Uuid,
    ) -> impl Future<Output = Result<Snapshot, BoxError>> + Send;
}

impl<F, T> BalanceSource for F
where
    F: Fn(Uuid) -> T + Send + Sync,
    T: Future<Output = Result<Snapshot, BoxError>> + Send,
{
    fn balances(
        &self,
        account_group: Uuid,
    ) -> impl Future<Output = Result<Snapshot, BoxError>> + Send {
        self(account_group)
    }
}
