//! Events overtake each other; what is known in the end does not depend on it.

use proptest::prelude::*;
use upvest_webhooks::models::{CashBalanceEvent, Currency, Decimal};
use upvest_webhooks::{LatestBalances, Moment};

use crate::support::balance_event;

fn event(number: u64, seconds: u64, currency: Currency) -> CashBalanceEvent {
    let json = balance_event(number, &number.to_string());
    let mut event: CashBalanceEvent = serde_json::from_str(&json).unwrap();
    event.created_at += std::time::Duration::from_secs(seconds);
    event.object.currency = currency;
    event
}

#[test]
fn the_later_one_counts_whichever_comes_first() {
    let (old, new) = (event(60, 0, Currency::Eur), event(120, 5, Currency::Eur));
    let group = old.object.account_group_id;
    let mut balances = LatestBalances::default();
    assert!(balances.get(group, Currency::Eur).is_none());
    assert!(balances.apply(&new));
    assert!(!balances.apply(&old), "it was overtaken");
    assert!(!balances.apply(&new), "it comes again");
    let (balance, moment) = balances.get(group, Currency::Eur).unwrap();
    assert_eq!(balance.balance, Decimal::from(120));
    assert_eq!(moment, Moment::of(&new));
    let other = event(60, 0, Currency::Gbp);
    assert!(balances.apply(&other), "each currency by itself");
    assert_eq!(
        balances.get(group, Currency::Eur).unwrap().0.balance,
        Decimal::from(120)
    );
    assert_eq!(
        balances.get(group, Currency::Gbp).unwrap().0.balance,
        Decimal::from(60)
    );
}

#[test]
fn of_two_at_the_same_time_the_greater_id_counts() {
    let (one, other) = (event(60, 0, Currency::Eur), event(120, 0, Currency::Eur));
    assert_eq!(one.created_at, other.created_at);
    assert!(Moment::of(&other).newer_than(Some(Moment::of(&one))));
    assert!(!Moment::of(&one).newer_than(Some(Moment::of(&other))));
    assert!(!Moment::of(&one).newer_than(Some(Moment::of(&one))));
    assert!(Moment::of(&one).newer_than(None));
}

#[test]
fn a_moment_in_nanoseconds_keeps_what_microseconds_lose() {
    let mut one = event(60, 0, Currency::Eur);
    let mut other = event(120, 0, Currency::Eur);
    one.created_at += std::time::Duration::from_nanos(900);
    other.created_at += std::time::Duration::from_nanos(100);
    let (one, other) = (Moment::of(&one), Moment::of(&other));
    assert!(one.newer_than(Some(other)));
    assert_eq!(one.nanoseconds() - other.nanoseconds(), 800);
    // `date -u -d 2023-11-14T22:13:00Z +%s`
    assert_eq!(other.nanoseconds(), 1_699_999_980_000_000_100);
    let beyond = |text: &str| Moment {
        created_at: text.parse().unwrap(),
        ..one
    };
    assert_eq!(beyond("1000-01-01T00:00:00Z").nanoseconds(), i64::MIN);
    assert_eq!(beyond("3000-01-01T00:00:00Z").nanoseconds(), i64::MAX);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_leads_to_the_same(
        (events, shuffled) in prop::collection::vec((0u64..9, 0u64..4, any::<bool>()), 1..12)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
    ) {
        let apply = |events: &[(u64, u64, bool)]| {
            let mut balances = LatestBalances::default();
            for &(number, seconds, is_euro) in events {
                let currency = if is_euro { Currency::Eur } else { Currency::Gbp };
                // The id identifies everything else, as it does in reality.
                let number = number * 60 + seconds * 600 + u64::from(is_euro) * 6000;
                balances.apply(&event(number, seconds, currency));
            }
            balances
        };
        prop_assert_eq!(apply(&events), apply(&shuffled));
    }
}
