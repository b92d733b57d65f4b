//! A model of Upvest and of the ways to the mirror: money moves, clocks disagree, events come late,
//! twice, in any order or never, snapshots overlap with all of it.

use proptest::collection::vec;
use proptest::prelude::*;
use upvest_models::Uuid;

use super::known::{Known, Source, Value};

/// By how much clocks differ, and how long what happens takes to be seen, together.
const TOLERANCE: i64 = 20;

/// A change of the balance: after how long, by the clock of the machine that does it.
#[derive(Clone, Debug)]
struct Change {
    after: i64,
    balance: u8,
    /// How much later the API shows it than `created_at` says.
    seen_after: i64,
}

/// A question to the API, in time units: when it is sent, how long until the balance is read, until
/// the answer is dated, and until it is there.
#[derive(Clone, Debug)]
struct Question {
    sent: i64,
    steps: [i64; 3],
    /// By how much the clock that dates the answer is off.
    skew: i64,
}

#[derive(Clone, Debug)]
struct Run {
    changes: Vec<Change>,
    questions: Vec<Question>,
    /// What reaches the mirror in which order: positions in the list of events and snapshots. Some
    /// come twice, since a crash has come between the work and its acknowledgement.
    arrivals: Vec<prop::sample::Index>,
}

fn runs() -> impl Strategy<Value = Run> {
    let change =
        (0..30i64, 0..4u8, 0..=TOLERANCE / 2).prop_map(|(after, balance, seen_after)| Change {
            after,
            balance,
            seen_after,
        });
    let question = (
        0..200i64,
        [0..15i64, 0..15i64, 0..15i64],
        -TOLERANCE / 2..=TOLERANCE / 2,
    )
        .prop_map(|(sent, steps, skew)| Question { sent, steps, skew });
    let arrivals = vec(any::<prop::sample::Index>(), 0..40);
    (vec(change, 1..8), vec(question, 0..6), arrivals).prop_map(|(changes, questions, arrivals)| {
        Run {
            changes,
            questions,
            arrivals,
        }
    })
}

/// The events, in the order of the changes, each with the time at which the API begins to show it.
fn events(run: &Run) -> Vec<(Value, i64)> {
    let (mut now, mut seen) = (0, 0);
    let event = |(number, change): (usize, &Change)| {
        now += change.after;
        // What is seen is never undone: a later change is not seen earlier.
        seen = seen.max(now + change.seen_after);
        let value = Value {
            balance: change.balance.to_string(),
            as_of: now,
            source: Source::Event(Uuid::from_u128(number as u128)),
        };
        (value, seen)
    };
    run.changes.iter().enumerate().map(event).collect()
}

/// Everything that can arrive, each with the number of the latest change that it contains.
fn arriving(run: &Run, events: &[(Value, i64)]) -> Vec<(usize, Value)> {
    let told = events.iter().map(|(event, _)| event.clone()).enumerate();
    let asked = run.questions.iter().filter_map(|one| snapshot(one, events));
    told.chain(asked).collect()
}

/// What the API answers, and what is made of it: dates are in whole "seconds" of 10 units.
fn snapshot(question: &Question, events: &[(Value, i64)]) -> Option<(usize, Value)> {
    let read_at = question.sent + question.steps[0];
    let dated_at = read_at + question.steps[1];
    let took = question.steps.iter().sum::<i64>();
    let date = (dated_at + question.skew).div_euclid(10) * 10;
    let change = events.iter().rposition(|(_, seen)| *seen <= read_at)?;
    let value = Value {
        balance: events[change].0.balance.clone(),
        as_of: date - took - TOLERANCE,
        source: Source::Snapshot(date + 10 + took + TOLERANCE),
    };
    Some((change, value))
}

fn final_question(events: &[(Value, i64)]) -> Question {
    let last = events.iter().map(|(_, seen)| *seen).max().unwrap_or(0);
    Question {
        sent: last.max(300) + 1000,
        steps: [3, 3, 3],
        skew: 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_balance_without_doubt_is_the_latest_of_all_that_arrived(run in runs()) {
        let events = events(&run);
        let arriving = arriving(&run, &events);
        let (mut known, mut latest) = (Known::default(), 0);
        for drawn in &run.arrivals {
            let (change, value) = drawn.get(&arriving);
            known = known.after(value.clone());
            latest = latest.max(*change);
            if known.doubt.is_none() {
                let shown = &known.value.as_ref().unwrap().balance;
                prop_assert_eq!(shown, &events[latest].0.balance);
            }
        }
    }

    #[test]
    fn a_snapshot_after_all_changes_is_right_and_late_events_do_not_undo_it(run in runs()) {
        let events = events(&run);
        let arriving = arriving(&run, &events);
        let drawn = run.arrivals.iter().map(|one| one.get(&arriving).1.clone());
        let known = drawn.fold(Known::default(), |known, value| known.after(value));

        let truth = &events[events.len() - 1].0.balance;
        let corrected = known.after(snapshot(&final_question(&events), &events).unwrap().1);
        prop_assert_eq!(&corrected.value.as_ref().unwrap().balance, truth);
        prop_assert_eq!(corrected.doubt, None);
        let late = arriving.into_iter().fold(corrected, |known, (_, value)| known.after(value));
        prop_assert_eq!(&late.value.unwrap().balance, truth);
        prop_assert_eq!(late.doubt, None);
    }
}

#[test]
fn a_snapshot_does_not_hide_an_event_that_came_about_while_it_was_asked_for() {
    // The request took from 90 to 110, so the answer may be from before the event or from after it.
    let snapshot = Value {
        balance: "5".to_owned(),
        as_of: 90,
        source: Source::Snapshot(110),
    };
    let event = Value {
        balance: "6".to_owned(),
        as_of: 100,
        source: Source::Event(Uuid::nil()),
    };
    let known = Known::default().after(snapshot).after(event);
    assert_eq!(known.value.as_ref().unwrap().balance, "6");
    assert_eq!(known.doubt, Some(110), "it has to be asked again");
    let again = Value {
        balance: "6".to_owned(),
        as_of: 120,
        source: Source::Snapshot(140),
    };
    assert_eq!(known.after(again).doubt, None);
}

#[test]
fn the_order_of_two_events_at_the_same_time_is_in_doubt() {
    let event = |id, balance: &str| Value {
        balance: balance.to_owned(),
        as_of: 100,
        source: Source::Event(Uuid::from_u128(id)),
    };
    let known = Known::default().after(event(1, "5")).after(event(2, "6"));
    assert_eq!(known.doubt, Some(100));
    let other = Known::default().after(event(2, "6")).after(event(1, "5"));
    assert_eq!(known.value, other.value, "the same whatever the order");
    assert_eq!(
        Known::default()
            .after(event(1, "5"))
            .after(event(2, "5"))
            .doubt,
        None
    );
}

#[test]
fn what_a_snapshot_confirms_says_nothing_of_another_event_at_the_same_time() {
    let event = |id, balance: &str| Value {
        balance: balance.to_owned(),
        as_of: 79,
        source: Source::Event(Uuid::from_u128(id)),
    };
    let snapshot = Value {
        balance: "1".to_owned(),
        as_of: 19,
        source: Source::Snapshot(91),
    };
    let known = Known::default().after(event(5, "1")).after(snapshot);
    assert_eq!(known.doubt, None);
    assert_eq!(known.after(event(6, "0")).doubt, Some(91));
}
