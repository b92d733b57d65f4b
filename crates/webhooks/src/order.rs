use std::collections::HashMap;
use std::time::Duration;

use upvest_models::{AccountGroupId, CashBalance, CashBalanceEvent, Currency, DateTime, Utc, Uuid};

/// When an event came about, as far as that can be told: later ones are greater.
///
/// Deliveries overtake each other, and events have no number, only `created_at`. Of two that were
/// created at the same time, the one with the greater `id` counts as the later: that may be
/// wrong, but everybody who compares them comes to the same result, in any order of arrival.
///
/// Keep both beside what an event changes, and change it only when
/// [`newer_than`](Self::newer_than) says so. Databases may keep less of a point in time than
/// `created_at` has (`timestamptz` of PostgreSQL: microseconds), and then take the older of two events for
/// the newer one: store [`nanoseconds`](Self::nanoseconds), as a `bigint`.
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

    /// The moment of a balance that the API was asked for: the `date` of the answer (`Response::date` of
    /// the client, by Upvest's clock) less the time that the call took, which is before the request was
    /// sent. An event of the same time counts as later.
    ///
    /// So an event is never mistaken for one that the balance has in it. The reverse happens: an event that
    /// came about while the call was under way takes the place of a balance that may have it in it already.
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

    /// `created_at` in nanoseconds since 1970, for a column of 64 bits. Beyond the years 1678 to 2261 it is
    /// the least or the greatest number.
    pub fn nanoseconds(self) -> i64 {
        let beyond = match self.created_at.timestamp().is_negative() {
            true => i64::MIN,
            false => i64::MAX,
        };
        self.created_at.timestamp_nanos_opt().unwrap_or(beyond)
    }

    /// Whether this one is later than what is known, if anything is. An event is not later than
    /// itself.
    pub fn newer_than(self, known: Option<Self>) -> bool {
        known.is_none_or(|known| self > known)
    }
}

/// The latest balance of each account group in each currency, in any order of arrival: the last
/// write wins.
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
    /// Takes the balance of an event, unless a later one of the same account group and currency was
    /// taken before. Returns whether it was taken.
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

    /// The latest balance of an account group in a currency, and when it came about.
    pub fn get(
        &self,
        account_group: impl Into<AccountGroupId>,
        currency: Currency,
    ) -> Option<(&CashBalance, Moment)> {
        let (moment, balance) = self.balances.get(&(account_group.into(), currency))?;
        Some((balance, *moment))
    }
}
