use std::collections::HashMap;

use upvest_models::{AccountGroupId, CashBalance, CashBalanceEvent, Currency, DateTime, Utc, Uuid};

/// When an event came about, as far as that can be told: later ones are greater.
///
/// Deliveries overtake each other, and events have no number, only `created_at`. Of two that were
/// created at the same time, the one with the greater `id` counts as the later: that need not be
/// true, but it is the same for whoever compares them, and in whichever order they came.
///
/// Keep both fields beside whatever an event changes, and change it only when
/// [`newer_than`](Self::newer_than) says so.
///
/// ```
/// # use upvest_models::CashBalanceEvent;
/// # use upvest_webhooks::Moment;
/// // UPDATE balances SET ..., created_at = $1, event_id = $2
/// //  WHERE account_group_id = $3 AND currency = $4 AND (created_at, event_id) < ($1, $2)
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

    /// Whether this one is later than what is known, if anything is. An event is not later than
    /// itself.
    pub fn newer_than(self, known: Option<Self>) -> bool {
        known.is_none_or(|known| self > known)
    }
}

/// The latest balance of each account group in each currency, whatever order the events come in: the
/// last write wins.
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
