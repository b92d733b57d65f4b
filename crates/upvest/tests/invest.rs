//! The journey of the example `invest`, undisturbed and disturbed.

use std::error::Error as _;
use std::time::Duration;

use upvest::models::Uuid;
use upvest::{Client, Error};
use upvest_sandbox::{Fault, Sandbox};

use journey::{Failure, Journey, Step};
use support::builder;

#[path = "../../examples/examples/invest/journey.rs"]
mod journey;
mod support;

/// The steps, with the operations that they call.
const STEPS: [(&str, &[&str]); 14] = [
    ("user", &["create_user"]),
    ("check", &["create_user_check", "retrieve_user_check"]),
    ("account group", &["create_account_group"]),
    ("account", &["create_account"]),
    ("reference account", &["create_reference_account"]),
    ("mandate", &["create_mandate"]),
    ("direct debit", &["create_direct_debit"]),
    ("top-up", &["create_topup"]),
    ("order", &["place_order"]),
    ("execution", &["retrieve_order", "retrieve_order_execution"]),
    ("position", &["retrieve_position"]),
    ("sell", &["place_order"]),
    ("withdrawal", &["create_cash_withdrawal"]),
    ("report", &["create_report", "retrieve_report"]),
];

async fn sandbox_and_client() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).build().unwrap();
    (sandbox, client)
}

/// Takes all steps, two days after one another.
async fn go(sandbox: &Sandbox, client: &Client) -> (Vec<String>, Result<(), Failure>) {
    go_with(sandbox, client, None).await
}

/// Takes all steps, with something that goes wrong after this many of them.
async fn go_with(
    sandbox: &Sandbox,
    client: &Client,
    mut fault: Option<(usize, Fault)>,
) -> (Vec<String>, Result<(), Failure>) {
    let mut lines = Vec::new();
    let mut fail_after = |count: usize| {
        if let Some((_, fault)) = fault.take_if(|(place, _)| *place == count) {
            sandbox.fail(fault);
        }
    };
    fail_after(0);
    let mut taken = |step: Step| {
        lines.push(line(&step));
        sandbox.advance(Duration::from_secs(2 * 24 * 60 * 60));
        fail_after(lines.len());
    };
    let run = Uuid::from_u128(1 << 64);
    let end = Journey::new(client, run, &mut taken).complete().await;
    (lines, end)
}

/// The name of a step, what came of it, and afterwards: balance, available for trading, available
/// for withdrawal, shares.
fn line(step: &Step) -> String {
    let cash = step.cash.as_ref().map_or("-".to_owned(), |cash| {
        format!(
            "{} {} {}",
            cash.balance.normalize(),
            cash.available_for_trading.normalize(),
            cash.available_for_withdrawal.normalize()
        )
    });
    let result = &step.result;
    format!("{}: {result}; {cash}; {}", step.name, step.shares)
}

/// What there is of everything that the journey makes, beside what is there from the start.
async fn made(client: &Client) -> [usize; 3] {
    let users = client.list_users().await.unwrap().data.len();
    let groups = client.list_account_groups().await.unwrap().data.len();
    let accounts = client.list_accounts().await.unwrap().data.len();
    [users, groups, accounts].map(|count| count - 1)
}

#[tokio::test]
async fn cash_and_shares_follow_the_steps_of_an_investor() {
    let (sandbox, client) = sandbox_and_client().await;
    let (lines, end) = go(&sandbox, &client).await;
    end.unwrap();
    insta::assert_snapshot!(lines.join("\n"));
    assert_eq!(made(&client).await, [1, 1, 1]);
}

#[tokio::test]
async fn a_step_that_is_refused_ends_the_journey_and_can_be_repeated() {
    let (sandbox, client) = sandbox_and_client().await;
    let (undisturbed, end) = go(&sandbox, &client).await;
    end.unwrap();
    for (place, (step, operations)) in STEPS.into_iter().enumerate() {
        for operation in operations {
            let (sandbox, client) = sandbox_and_client().await;
            let fault = Fault::status(403).on_operation(operation);
            let (lines, end) = go_with(&sandbox, &client, Some((place, fault))).await;
            let failure = end.expect_err(operation);
            assert_eq!(failure.step, step, "{operation}");
            assert_eq!(lines, undisturbed[..place], "{operation}");
            let text = failure.to_string();
            assert!(text.contains(step) && text.contains("403"), "{text}");
            let cause = failure.source().unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(cause.operation().unwrap().id, *operation);

            let (lines, end) = go(&sandbox, &client).await;
            end.unwrap();
            assert_eq!(lines.last(), undisturbed.last(), "{operation}");
            assert_eq!(made(&client).await, [1, 1, 1], "{operation}");
        }
    }
}

#[tokio::test]
async fn a_step_whose_answer_got_lost_is_not_taken_twice() {
    let (sandbox, client) = sandbox_and_client().await;
    let (undisturbed, end) = go(&sandbox, &client).await;
    end.unwrap();
    for (place, (_, operations)) in STEPS.into_iter().enumerate() {
        for operation in operations {
            let (sandbox, client) = sandbox_and_client().await;
            let fault = Fault::closed().on_operation(operation).after_acting();
            let (mut lines, end) = go_with(&sandbox, &client, Some((place, fault))).await;
            if end.is_err() {
                // What takes no idempotency key is not repeated by the client.
                let again = go(&sandbox, &client).await;
                again.1.unwrap();
                lines = again.0;
            }
            assert_eq!(lines.last(), undisturbed.last(), "{operation}");
            assert_eq!(made(&client).await, [1, 1, 1], "{operation}");
        }
    }
}
