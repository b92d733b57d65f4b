//! `upvest sandbox` and what can be done with one that runs.

use crate::support::{ACCOUNT_GROUP, Home, Sandbox, json, stderr, stdout};

#[test]
fn a_balance_is_set() {
    let sandbox = Sandbox::start();
    let set = [
        "sandbox",
        "balance",
        "set",
        "17.50",
        "--locked-for-trading",
        "2.50",
        "--available-for-trading",
        "15",
    ];
    sandbox.run(&set).success();
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let call = [
        "call",
        "retrieve_cash_balances",
        &group,
        "--csv=balance,locked_for_trading,available_for_trading",
    ];
    let csv = stdout(&sandbox.run(&call).success());
    assert_eq!(
        csv,
        "balance,locked_for_trading,available_for_trading\r\n17.50,2.50,15\r\n"
    );
    for amount in ["much", "1e3", "1,50", ""] {
        sandbox.run(&["sandbox", "balance", "set", amount]).code(2);
    }
    sandbox.run(&["sandbox", "balance", "set", "-5"]).success();
}

#[test]
fn answers_prices_events_and_time() {
    let sandbox = Sandbox::start();
    sandbox
        .run(&["sandbox", "answer", "list_webhooks", "503"])
        .success();
    sandbox.run(&["call", "list_webhooks"]).code(6);
    sandbox.run(&["sandbox", "answer", "--clear"]).success();
    sandbox.run(&["call", "list_webhooks"]).success();
    sandbox
        .run(&["sandbox", "price", "US0378331005", "120.50"])
        .success();
    sandbox
        .run(&["sandbox", "price", "US0378331005", "0"])
        .code(4);
    let told = json(&sandbox.run(&["sandbox", "event", "ORDER"]).success());
    assert!(told["events"].as_u64().is_some_and(|events| events > 0));
    sandbox.run(&["sandbox", "clock", "2d"]).success();
    sandbox.run(&["sandbox", "clock", "soon"]).code(2);
    sandbox.run(&["sandbox", "counters", "--reset"]).success();
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests"], 0);
}

#[test]
fn seeds_come_from_a_file() {
    let home = Home::new();
    let seeds = home.write(
        "seeds.json",
        r#"{
            "balances": [{"account_group_id": "d0fc0305-97b7-4e3b-bddf-66d3c434898c", "currency": "EUR", "balance": "7",
                "locked_for_trading": "0", "pending_settlement": "0", "available_for_withdrawal": "7", "available_for_trading": "7"}],
            "prices": {"US0378331005": "120.50"},
            "faults": ["503:1@/webhooks"],
            "answers": [{"operation": "list_users", "status": 404}]
        }"#,
    );
    let seeds = seeds.to_string_lossy();
    let sandbox = Sandbox::start_with(&["--seed", &seeds]);
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let call = [
        "call",
        "retrieve_cash_balances",
        &group,
        "--jq",
        ".data[0].balance",
    ];
    assert_eq!(stdout(&sandbox.run(&call).success()), "7\n");
    sandbox.run(&["call", "list_users"]).code(4);

    home.write("wrong.json", r#"{"balance": []}"#);
    let refused = home
        .run(&["sandbox", "--port", "0", "--seed", "wrong.json"])
        .code(3);
    assert!(
        stderr(&refused).contains("unknown field `balance`"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn a_sandbox_that_does_not_answer_is_an_error() {
    let home = Home::new();
    let mut command = home.upvest(&["sandbox", "counters"]);
    let assert = command
        .env("UPVEST_SANDBOX_ADMIN", "127.0.0.1:1")
        .assert()
        .code(6);
    assert!(
        stderr(&assert).contains("start one with `upvest sandbox`"),
        "{}",
        stderr(&assert)
    );
}

#[test]
fn an_investor_joins_and_buys() {
    let sandbox = Sandbox::start();
    let told = stdout(&sandbox.run(&["sandbox", "journey"]).success());
    let steps: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split("  ").next())
        .collect();
    let expected = [
        "user",
        "account group",
        "account",
        "top-up",
        "order",
        "two days later",
        "position",
        "cash",
    ];
    assert_eq!(steps, expected, "{told}");
    assert!(told.contains("position        2.5"), "{told}");
    assert!(told.contains("cash            750"), "{told}");
}
