use std::collections::HashMap;
use std::time::Duration;

use upvest_models::{AccountGroupId, CashBalance, CashBalanceEvent, Currency, DateTime, Utc, Uuid};

/// When an event happened, for comparison: a later moment is greater.
///
/// Deliveries overtake each other, and events have no number, only `created_at`. Of two events that
/// were created at the same time, the one with the greater `id` counts as the later one. That may
/// be wrong, but every comparison has the same result, in any order of arrival.
///
/// Store both beside the data that an event changes, and change that data only when
/// [`newer_than`](Self::newer_than) returns `true`. A database may store fewer digits than
/// `created_at` has (`timestamptz` of PostgreSQL: microseconds), and would then take the older of
/// two events for the newer one. So store [`nanoseconds`](Self::nanoseconds), as a `bigint`.
///
/// ```
/// # use upvest_models::CashBalanceEvent;
/// # use upvest_webhooks::Moment;
/// // UPDATE balances SET ..., created_ns = $1, event_id = $2
/// //  WHERE account_group_id = $3 AND currency = $4 AND (created_ns, event_id) < ($1, $2)
/// fn is_news(event: &CashBalanceEvent, stored: Option<Moment>) -> bool {
///     Moment::of(event).newer_than(stored)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The `created_at` of the event.
    pub created_at: DateTime<Utc>,
    /// The `id` of the event.
    pub id: Uuid,
}

impl Moment {
    /// The moment of an event that carries a whole cash balance.
    pub fn of(event: &CashBalanceEvent) -> Self {
        Self {
            created_at: event.created_at,
            id: event.id,
        }
    }

    /// The moment of a balance that a call retrieved: the `date` of the answer (`Response::date` of
    /// the client, by Upvest's clock) less the time that the call took. That is before the request
    /// was sent. An event of the same time counts as later.
    ///
    /// So an event that the balance does not include is never dropped. The reverse happens: an
    /// event that happened during the call replaces a balance that may include it already.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upvest_webhooks::Moment;
    ///
    /// let date = "2026-11-25T10:00:00Z".parse().unwrap();
    /// let moment = Moment::of_snapshot(date, Duration::from_millis(80));
    /// assert_eq!(moment.created_at.to_rfc3339(), "2026-11-25T09:59:59.920+00:00");
    /// ```
    pub fn of_snapshot(date: DateTime<Utc>, took: Duration) -> Self {
        let id = Uuid::nil();
        let answered = Self {
            created_at: date,
            id,
        };
        let took = i64::try_from(took.as_nanos()).unwrap_or(i64::MAX);
        let created_at =
            DateTime::from_timestamp_nanos(answered.nanoseconds().saturating_sub(took));
        Self { created_at, id }
    }

    /// `created_at` in nanoseconds since 1970, for a column of 64 bits. A time before 1678 or after
    /// 2261 gives the least or the greatest number.
    pub fn nanoseconds(self) -> i64 {
        let beyond = match self.created_at.timestamp().is_negative() {
            true => i64::MIN,
            false => i64::MAX,
        };
        self.created_at.timestamp_nanos_opt().unwrap_or(beyond)
    }

    /// Whether this moment is later than `known`, or nothing is known. An event is not later than
    /// itself.
    pub fn newer_than(self, known: Option<Self>) -> bool {
        known.is_none_or(|known| self > known)
    }
}

/// The latest balance of each account group in each currency, whatever the order in which events
/// arrive: the latest event wins.
///
/// An event carries the whole balance, not what changed, so that an older one can be dropped.
///
/// ```
/// use upvest_webhooks::LatestBalances;
///
/// # fn example(earlier: upvest_models::CashBalanceEvent, later: upvest_models::CashBalanceEvent) {
/// let mut balances = LatestBalances::default();
/// assert!(balances.apply(&later));
/// assert!(!balances.apply(&earlier), "it was overtaken");
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatestBalances {
    balances: HashMap<(AccountGroupId, Currency), (Moment, CashBalance)>,
}

impl LatestBalances {
    /// Stores the balance of an event, unless a later one of the same account group and currency
    /// was stored before. Returns whether it was stored.
    pub fn apply(&mut self, event: &CashBalanceEvent) -> bool {
        let balance = &event.object;
        let key = (balance.account_group_id, balance.currency.clone());
        let moment = Moment::of(event);
        let is_newer = moment.newer_than(self.balances.get(&key).map(|(known, _)| *known));
        if is_newer {
            self.balances.insert(key, (moment, balance.clone()));
        }
        is_newer
    }

    /// The latest balance of an account group in a currency, and when its event happened.
    pub fn get(
        &self,
        account_group: impl Into<AccountGroupId>,
        currency: Currency,
    ) -> Option<(&CashBalance, Moment)> {
        let (moment, balance) = self.balances.get(&(account_group.into(), currency))?;
        Some((balance, *moment))
    }
}
