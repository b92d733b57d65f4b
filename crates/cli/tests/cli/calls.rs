//! `upvest call`.

use crate::support::{ACCOUNT_GROUP, Home, Sandbox, json, stderr, stdout};

const BALANCES: &str = "retrieve_cash_balances";

#[test]
fn a_balance_in_every_form() {
    let sandbox = Sandbox::start();
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let print = |form: &[&str]| {
        let arguments = [&["call", BALANCES, &group][..], form].concat();
        stdout(&sandbox.run(&arguments).success())
    };
    let pretty: serde_json::Value = serde_json::from_str(&print(&[])).expect("JSON");
    let line = print(&["--json"]);
    assert_eq!(line.lines().count(), 1);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&line).expect("JSON"),
        pretty
    );
    assert_eq!(pretty["data"][0]["balance"], "100.25");
    assert_eq!(print(&["--jq", ".data[].balance"]), "100.25\n");
    insta::assert_snapshot!(print(&["--table=currency,balance"]), @r"
    CURRENCY  BALANCE
    EUR       100.25
    ");
    for columns in [
        &["--csv=currency,balance"][..],
        &["--csv", "currency,balance"],
        &["--csv", "currency,balance", "--quiet"],
    ] {
        assert_eq!(print(columns), "currency,balance\r\nEUR,100.25\r\n");
    }
    let table = print(&["--table"]);
    let before = stdout(
        &sandbox
            .run(&["call", BALANCES, "--table", &group])
            .success(),
    );
    assert_eq!(before, table, "an argument is no column");
    assert!(print(&["--raw"]).contains("\"balance\":\"100.25\""));
}

#[test]
fn arguments_are_options_or_pairs_or_a_file() {
    let sandbox = Sandbox::start();
    let url = "http://127.0.0.1:9/hook";
    let options = [
        "call",
        "create_webhook",
        "--title",
        "a",
        "--url",
        url,
        "--type",
        "USER",
        "--type",
        "ORDER",
    ];
    let pairs = [
        "call",
        "create_webhook",
        "title=b",
        "url=http://127.0.0.1:9/hook",
        "type=USER,ORDER",
        "config.delay=5s",
        "config.max_package_size:=10240",
    ];
    let body = format!(r#"{{"title": "x", "url": "{url}", "type": ["USER"]}}"#);
    let file = ["call", "create_webhook", "-f", "-", "title=c", "type=ORDER"];
    let first = json(&sandbox.run(&options).success());
    assert_eq!(first["type"], serde_json::json!(["USER", "ORDER"]));
    let second = json(&sandbox.run(&pairs).success());
    assert_eq!(second["config"]["max_package_size"], 10240);
    let third = json(&sandbox.upvest(&file).write_stdin(body).assert().success());
    assert_eq!((&third["title"], &third["url"]), (&"c".into(), &url.into()));
    let titles = sandbox.run(&[
        "call",
        "list_webhooks",
        "--limit",
        "2",
        "--all",
        "--jq",
        ".data[].title",
    ]);
    assert_eq!(stdout(&titles.success()), "a\nb\nc\n");
}

#[test]
fn what_is_wrong_is_reported_before_anything_is_sent() {
    let sandbox = Sandbox::start();
    for (arguments, expected) in [
        (&["call", BALANCES][..], "account_group_id is missing"),
        (
            &["call", BALANCES, "account_group_id=7"],
            "account_group_id: ",
        ),
        (
            &["call", BALANCES, "account_grup_id=7"],
            "the operation has no argument \"account_grup_id\"",
        ),
        (&["call", "create_webhook", "title=a"], "url"),
        (&["call", "list_webhooks", "limit=0"], "limit: "),
        (&["call", "list_webhooks", "-f", "-"], "takes no body"),
        (&["call", BALANCES, "--all"], ""),
        (&["call", "list_webhooks", "--jq", ".["], "the filter"),
        (
            &["call", "place_order", "nothing"],
            "\"nothing\" is not of the form NAME=VALUE",
        ),
    ] {
        let assert = sandbox.upvest(arguments).write_stdin("{}").assert().code(2);
        assert!(
            stderr(&assert).contains(expected),
            "{arguments:?}: {}",
            stderr(&assert)
        );
    }
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests"], 0);
}

#[test]
fn a_request_is_shown_instead_of_sent() {
    let sandbox = Sandbox::start();
    let call = [
        "call",
        "create_webhook",
        "title=its",
        "url=http://127.0.0.1:9/",
        "type=USER",
    ];
    let shown = sandbox.run(&[&call[..], &["--dry-run"]].concat()).success();
    let text = stdout(&shown);
    assert!(
        text.starts_with("POST /webhooks HTTP/1.1\nhost: 127.0.0.1:"),
        "{text}"
    );
    for part in [
        "signature-input: sig1=(",
        "signature: sig1=:",
        "content-digest: sha-512=:",
        "authorization: Bearer [redacted]",
        r#""title":"its""#,
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(stderr(&shown).contains("nothing was sent"));
    let curl = stdout(&sandbox.run(&[&call[..], &["--curl"]].concat()).success());
    insta::assert_snapshot!(curl, @r#"
    curl -X POST 'http://127.0.0.1:3000/webhooks' \
      -H 'upvest-api-version: 1' \
      -H 'content-type: application/json' \
      -H 'accept: application/json' \
      --data-binary '{"title":"its","url":"http://127.0.0.1:9/","type":["USER"]}'
    "#);
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests"], 0);
}

#[test]
fn the_exit_code_says_what_happened() {
    let sandbox = Sandbox::start();
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let call = ["call", BALANCES, &group];
    let unknown = [
        "call",
        BALANCES,
        "account_group_id=11111111-97b7-4e3b-bddf-66d3c434898c",
    ];
    let refused = sandbox.run(&unknown).code(4);
    assert!(stderr(&refused).contains("404"), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("request id"),
        "{}",
        stderr(&refused)
    );
    sandbox.run(&["sandbox", "fault", "401:always"]).success();
    let unauthenticated = sandbox.run(&call).code(5);
    assert!(
        stderr(&unauthenticated).contains("upvest whoami"),
        "{}",
        stderr(&unauthenticated)
    );
    sandbox.run(&["sandbox", "fault", "--clear"]).success();
    sandbox.run(&["sandbox", "fault", "500:always"]).success();
    sandbox.run(&call).code(6);
    sandbox.run(&["sandbox", "fault", "--clear"]).success();
    sandbox.run(&call).success();
    let nobody = Home::new();
    let unset = nobody.run(&call).code(3);
    assert!(stderr(&unset).contains("upvest init"), "{}", stderr(&unset));
    nobody
        .upvest(&call)
        .env("UPVEST_PROFILE", "local")
        .env("UPVEST_SANDBOX_ADMIN", "127.0.0.1:1")
        .assert()
        .code(6);
}

/// Whoever repeats a call that got no answer needs the key of the first one.
#[test]
fn the_idempotency_key_is_shown_and_used() {
    let sandbox = Sandbox::start();
    let call = ["call", "create_user", "-f", "-"];
    let example = stdout(&sandbox.run(&["call", "create_user", "--help"]).success());
    let (_, body) = example.split_once("<<'END'\n").expect("an example");
    let (body, _) = body.split_once("\nEND").expect("its end");
    let run = |more: &[&str]| {
        let arguments = [&call[..], more].concat();
        let mut command = sandbox.upvest(&arguments);
        command.write_stdin(body).assert().success()
    };
    let first = run(&[]);
    let told = stderr(&first);
    let key = told.trim().strip_prefix("idempotency-key ");
    let key = key.expect("it is told");
    let again = run(&["--idempotency-key", key]);
    assert_eq!(json(&again)["id"], json(&first)["id"], "it was done once");
    assert!(stderr(&again).contains(key));
    assert_eq!(stderr(&run(&["--quiet"])), "");
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests_by_idempotency_key"][key], 2);
}

#[test]
fn what_changes_something_live_is_confirmed() {
    let sandbox = Sandbox::start();
    let key = sandbox.variable("UPVEST_PRIVATE_KEY_FILE");
    let live = |arguments: &[&str]| {
        let mut command = sandbox.home.upvest(arguments);
        command
            .env("UPVEST_ENVIRONMENT", "live")
            .env("UPVEST_CLIENT_ID", "id");
        command
            .env("UPVEST_CLIENT_SECRET", "secret")
            .env("UPVEST_KEY_ID", "key");
        command.env("UPVEST_PRIVATE_KEY_FILE", key);
        command.assert()
    };
    let delete = [
        "call",
        "delete_webhook",
        "webhook_id=d0fc0305-97b7-4e3b-bddf-66d3c434898c",
    ];
    let asked = live(&delete).code(7);
    assert!(stderr(&asked).contains("--yes"), "{}", stderr(&asked));
    live(&[&delete[..], &["--dry-run"]].concat()).success();
}

#[test]
fn a_report_is_a_file() {
    let sandbox = Sandbox::start();
    let id = "report_id=b96b1ee7-d491-43eb-b5e4-4833af9c9c2f";
    sandbox
        .run(&["call", "retrieve_report", id, "-o", "."])
        .success();
    let mut names = std::fs::read_dir(sandbox.home.path(".")).expect("a directory");
    let found = names.any(|entry| {
        let path = entry.expect("an entry").path();
        std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"%PDF"))
    });
    assert!(found);
}

#[test]
fn secrets_do_not_show() {
    let sandbox = Sandbox::start();
    let secret = sandbox.variable("UPVEST_CLIENT_SECRET").to_owned();
    let issue = ["call", "issue_token", "scope=webhooks:read", "--verbose"];
    let issued = sandbox.run(&issue).success();
    assert_eq!(json(&issued)["access_token"], "[redacted, see --raw]");
    let raw = json(
        &sandbox
            .run(&["call", "issue_token", "scope=webhooks:read", "--raw"])
            .success(),
    );
    let token = raw["access_token"].as_str().expect("a token").to_owned();
    for arguments in [
        &issue[..],
        &["call", "issue_token", "scope=webhooks:read", "--dry-run"],
        &["whoami", "-v"],
        &["call", "list_webhooks", "-v"],
    ] {
        let output = sandbox.run(arguments).success();
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains(&secret) && !all.contains(&token), "{all}");
    }
}

#[test]
fn operations_are_listed_and_explained() {
    let home = Home::new();
    let all = stdout(&home.run(&["call", "--list"]).success());
    assert_eq!(
        all.lines().filter(|line| line.starts_with("  ")).count(),
        157
    );
    let found = stdout(&home.run(&["call", "--list", "withdrawal"]).success());
    insta::assert_snapshot!(found);
    home.run(&["call", "--list", "nothing like that"]).code(2);
    let help = stdout(&home.run(&["call", "create_webhook", "--help"]).success());
    insta::assert_snapshot!(help);
}
