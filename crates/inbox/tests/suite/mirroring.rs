//! Cash balances in the tables.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use upvest_inbox::models::{CashBalance, CashBalanceEvent, Currency, Uuid};
use upvest_inbox::webhooks::Event;
use upvest_inbox::{
    BalanceMirror, BoxError, CorrectionReason, Snapshot, Subscription, SubscriptionState,
};

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{balance_json, group_id};

on_each_database!(
    the_latest_event_counts_whatever_the_order,
    a_snapshot_by_a_clock_that_is_ahead_hides_no_event,
    what_was_missed_is_corrected_and_told,
    an_event_within_the_doubt_makes_the_mirror_ask_again,
    a_subscription_that_is_disabled_is_told_enabled_and_corrected,
    an_account_group_that_cannot_be_asked_for_does_not_stop_the_others,
);

fn balance(group: u64, amount: &str) -> CashBalance {
    let event = balance_json(1, group, "10:00:00", amount);
    serde_json::from_str::<CashBalanceEvent>(&event)
        .unwrap()
        .object
}

fn group(group: u64) -> Uuid {
    group_id(group).parse().unwrap()
}

fn snapshot(group: u64, amount: &str, time: &str) -> Snapshot {
    let date = format!("2026-11-25T{time}Z").parse().unwrap();
    Snapshot::new(
        vec![balance(group, amount)],
        date,
        Duration::from_millis(100),
    )
}

/// Has events worked as they come in production.
async fn tell<DB: Database>(fixture: &Fixture<DB>, events: &[(u64, u64, &str, &str)]) {
    for (number, group, time, amount) in events {
        let event = Event::from_json(&balance_json(*number, *group, time, amount));
        fixture.inbox.store(&[event]).await.unwrap();
        let balances = fixture.inbox.balances();
        let handlers =
            fixture
                .inbox
                .handlers()
                .on::<CashBalanceEvent>(move |event, _, transaction| {
                    let (balances, event) = (balances.clone(), event.clone());
                    Box::pin(async move {
                        balances.apply(transaction, &event).await?;
                        Ok(())
                    })
                });
        assert_eq!(
            fixture
                .inbox
                .worker_with(handlers)
                .drain()
                .await
                .unwrap()
                .done,
            1
        );
    }
}

/// The amount that is known, and whether it is in doubt.
async fn shown<DB: Database>(mirror: &BalanceMirror<DB>, number: u64) -> Option<(String, bool)> {
    let known = mirror.get(group(number), &Currency::Eur).await.unwrap()?;
    assert_eq!(Uuid::from(known.balance.account_group_id), group(number));
    Some((known.balance.balance.to_string(), known.is_doubtful))
}

fn sure(amount: &str) -> Option<(String, bool)> {
    Some((amount.to_owned(), false))
}

async fn the_latest_event_counts_whatever_the_order<DB: Database>(fixture: Fixture<DB>) {
    let mirror = fixture.inbox.balances();
    assert_eq!(shown(&mirror, 1).await, None);
    tell(
        &fixture,
        &[
            (1, 1, "10:00:00.000000002", "2"),
            (2, 1, "10:00:00.000000001", "1"),
        ],
    )
    .await;
    assert_eq!(shown(&mirror, 1).await, sure("2"));
    tell(
        &fixture,
        &[
            (3, 1, "10:00:00.000000003", "3.000"),
            (4, 2, "09:00:00", "9"),
        ],
    )
    .await;
    assert_eq!(shown(&mirror, 1).await, sure("3.000"));
    assert_eq!(shown(&mirror, 2).await, sure("9"));
}

async fn a_snapshot_by_a_clock_that_is_ahead_hides_no_event<DB: Database>(fixture: Fixture<DB>) {
    // The local clock is off by weeks; nothing depends on it.
    let mirror = fixture.inbox.balances();
    mirror
        .apply_snapshot(&snapshot(1, "5", "10:00:00"))
        .await
        .unwrap();
    tell(&fixture, &[(1, 1, "10:00:04", "6")]).await;
    assert_eq!(shown(&mirror, 1).await, sure("6"));
    // One that arrives late, and was in the snapshot already.
    tell(&fixture, &[(2, 1, "09:59:50", "4")]).await;
    assert_eq!(shown(&mirror, 1).await, sure("6"));
}

async fn what_was_missed_is_corrected_and_told<DB: Database>(fixture: Fixture<DB>) {
    let mirror = fixture.inbox.balances();
    tell(
        &fixture,
        &[(1, 1, "10:00:00", "5"), (2, 2, "10:00:00", "7")],
    )
    .await;
    let asked = Mutex::new(Vec::new());
    let source = |id: Uuid| {
        asked.lock().unwrap().push(id);
        let answer = match id == group(1) {
            true => snapshot(1, "6", "11:00:00"),
            false => snapshot(2, "7", "11:00:00"),
        };
        async move { Ok::<_, BoxError>(answer) }
    };
    let report = mirror.reconcile(&source, 1000).await.unwrap();
    assert_eq!(report.asked, 2);
    assert_eq!(*asked.lock().unwrap(), [group(1), group(2)]);
    assert_eq!(report.corrections.len(), 1);
    let correction = &report.corrections[0];
    assert_eq!(
        (&correction.was, &correction.is),
        (&Some(balance(1, "5")), &balance(1, "6"))
    );
    assert_eq!(correction.reason, CorrectionReason::MissedEvent);
    assert_eq!(shown(&mirror, 1).await, sure("6"));
    // And when the event that was missed comes after all:
    tell(&fixture, &[(3, 1, "10:30:00", "6")]).await;
    assert_eq!(shown(&mirror, 1).await, sure("6"));

    let report = mirror.seed(
        [group(3)],
        &|_| async { Ok(snapshot(3, "1", "11:00:00")) },
        1000,
    );
    assert_eq!(
        report.await.unwrap().corrections[0].reason,
        CorrectionReason::Unknown
    );
}

async fn an_event_within_the_doubt_makes_the_mirror_ask_again<DB: Database>(fixture: Fixture<DB>) {
    let mirror = fixture.inbox.balances();
    mirror
        .apply_snapshot(&snapshot(1, "5", "10:00:00"))
        .await
        .unwrap();
    tell(
        &fixture,
        &[(1, 1, "10:00:00.5", "6"), (2, 2, "10:00:00", "1")],
    )
    .await;
    assert_eq!(shown(&mirror, 1).await, Some(("6".to_owned(), true)));
    let calls = AtomicUsize::new(0);
    let source = |id: Uuid| {
        assert_eq!(id, group(1), "the other one is in no doubt");
        // The first answer comes too soon to tell.
        let time = ["10:00:02", "10:00:30"][calls.fetch_add(1, Ordering::SeqCst)];
        async move { Ok::<_, BoxError>(snapshot(1, "5", time)) }
    };
    mirror.settle_doubts(&source, 1000).await.unwrap();
    assert!(shown(&mirror, 1).await.unwrap().1);
    let report = mirror.settle_doubts(&source, 1000).await.unwrap();
    assert_eq!(shown(&mirror, 1).await, sure("5"));
    assert_eq!(report.corrections[0].reason, CorrectionReason::Doubt);
    assert_eq!(mirror.settle_doubts(&source, 1000).await.unwrap().asked, 0);
}

/// A subscription that somebody has disabled.
struct Disabled(AtomicUsize);

impl Subscription for Disabled {
    async fn state(&self) -> Result<SubscriptionState, BoxError> {
        Ok(match self.0.load(Ordering::SeqCst) {
            0 => SubscriptionState::Disabled,
            _ => SubscriptionState::Enabled,
        })
    }

    async fn enable(&self) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn a_subscription_that_is_disabled_is_told_enabled_and_corrected<DB: Database>(
    fixture: Fixture<DB>,
) {
    let mirror = fixture.inbox.balances();
    tell(&fixture, &[(1, 1, "10:00:00", "5")]).await;
    let subscription = Disabled(AtomicUsize::new(0));
    let source = |_| async { Ok::<_, BoxError>(snapshot(1, "6", "11:00:00")) };
    let (state, report) = mirror
        .watch(&subscription, false, &source, 1000)
        .await
        .unwrap();
    assert_eq!((state, report.asked), (SubscriptionState::Disabled, 0));
    let (state, report) = mirror
        .watch(&subscription, true, &source, 1000)
        .await
        .unwrap();
    assert_eq!(
        (state, report.corrections.len()),
        (SubscriptionState::Disabled, 1)
    );
    assert_eq!(shown(&mirror, 1).await, sure("6"));
    let (state, report) = mirror
        .watch(&subscription, true, &source, 1000)
        .await
        .unwrap();
    assert_eq!((state, report.asked), (SubscriptionState::Enabled, 0));
}

async fn an_account_group_that_cannot_be_asked_for_does_not_stop_the_others<DB: Database>(
    fixture: Fixture<DB>,
) {
    let mirror = fixture.inbox.balances();
    let source = |id: Uuid| async move {
        match id == group(1) {
            true => Err("503".into()),
            false => Ok(snapshot(2, "7", "11:00:00")),
        }
    };
    let report = mirror
        .seed([group(1), group(2)], &source, 1000)
        .await
        .unwrap();
    assert_eq!(
        (report.asked, report.corrections.len(), report.failed.len()),
        (2, 1, 1)
    );
    assert_eq!(report.failed[0].account_group, group(1));
    assert_eq!(shown(&mirror, 2).await, sure("7"));
}
