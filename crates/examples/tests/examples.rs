//! The examples, as a user runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use upvest::SigningKey;
use upvest::models::{Currency, decimal};
use upvest_sandbox::Sandbox;

const BALANCES: &str = "\
Cash of account group d0fc0305-97b7-4e3b-bddf-66d3c434898c

  balance                             100.25 EUR
  locked for trading                      10 EUR
  pending settlement                      10 EUR
  available for withdrawal                80 EUR
  available for trading                   80 EUR
";

const MISSING: &str = "\
error: UPVEST_CLIENT_ID is not set; UPVEST_CLIENT_SECRET is not set; UPVEST_KEY_ID is not set; UPVEST_PRIVATE_KEY_FILE is not set
";

/// From the column of the event on, as the times differ.
const EVENTS: &str = "\
time          event                 group             balance  note
CASH_BALANCE.UPDATED  d0fc0305  EUR      250.00  taken
CASH_BALANCE.UPDATED  d0fc0305  GBP       75.50  taken
CASH_BALANCE.UPDATED  d0fc0305  EUR      260.10  taken
CASH_BALANCE.UPDATED  d0fc0305  EUR      260.10  repeated: skipped
CASH_BALANCE.UPDATED  d0fc0305  GBP       90.25  taken
CASH_BALANCE.UPDATED  d0fc0305  GBP       80.00  older: ignored
CASH_BALANCE.UPDATED  d0fc0305  EUR      300.00  taken
CASH_BALANCE.UPDATED  -         -             -  malformed: put aside
CASH_BALANCE.UPDATED  d0fc0305  EUR      299.99  taken

  1 malformed: put aside
  1 older: ignored
  1 repeated: skipped
  6 taken

      299.99 EUR
       90.25 GBP
";

fn example(variables: Vec<(&'static str, String)>, arguments: &[&str]) -> Output {
    run_example("cash_balance", variables, arguments)
}

/// The example that cargo built together with this test.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let program = profile.join("examples").join(file);
    assert!(
        program.exists(),
        "there is no {}: run `cargo test -p upvest-examples --all-features` without naming a test target",
        program.display()
    );
    program
}

fn run_example(name: &str, variables: Vec<(&'static str, String)>, arguments: &[&str]) -> Output {
    let mut command = Command::new(program(name));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("UPVEST_") {
            command.env_remove(name);
        }
    }
    command.envs(variables).output().unwrap()
}

fn out(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .replace("\r\n", "\n")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The sandbox's variables, and the key file that one of them names.
fn variables(sandbox: &Sandbox, name: &str) -> Vec<(&'static str, String)> {
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, sandbox.signing_key().to_pkcs8_pem().as_bytes()).unwrap();
    vec![
        ("UPVEST_BASE_URL", sandbox.base_url().to_owned()),
        ("UPVEST_CLIENT_ID", sandbox.client_id().to_owned()),
        ("UPVEST_CLIENT_SECRET", sandbox.client_secret().to_owned()),
        ("UPVEST_KEY_ID", sandbox.key_id().to_owned()),
        ("UPVEST_PRIVATE_KEY_FILE", file.to_str().unwrap().to_owned()),
    ]
}

/// Runs the example beside the sandbox.
async fn run(variables: Vec<(&'static str, String)>, arguments: Vec<String>) -> Output {
    tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        example(variables, &arguments)
    })
    .await
    .unwrap()
}

#[test]
fn with_nothing_set_it_prints_the_balances_of_its_own_sandbox() {
    assert_eq!(out(&example(vec![], &[])), BALANCES);
}

#[test]
fn json_is_the_value_alone() {
    let json: serde_json::Value =
        serde_json::from_str(&out(&example(vec![], &["--json"]))).unwrap();
    assert_eq!(json[0]["balance"], "100.25");
    assert_eq!(json[0].as_object().unwrap().len(), 7);
}

#[test]
fn a_failure_is_one_line_with_status_and_request_id() {
    let output = example(vec![], &["00000000-0000-0000-0000-000000000000"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let err = err(&output);
    assert!(
        err.starts_with("error: retrieve_cash_balances: 404 Not Found: not_found"),
        "{err}"
    );
    assert!(
        err.contains("(request id ") && err.trim_end().lines().count() == 1,
        "{err}"
    );
}

#[test]
fn variables_that_are_missing_are_named_all_at_once() {
    let output = example(vec![("UPVEST_ENVIRONMENT", "sandbox".to_owned())], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(err(&output), MISSING);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_variables_it_calls_what_they_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let variables = variables(&sandbox, "example-key.pem");
    let id = sandbox.account_group_id().to_string();
    let euros = sandbox.balance(sandbox.account_group_id()).unwrap();
    let amount = decimal::parse("7.50").unwrap();
    sandbox.set_balance(euros.currency(Currency::Gbp).balance(amount));
    let output = run(variables.clone(), vec![id.clone()]).await;
    let out_of_all = out(&output);
    assert!(out_of_all.contains("100.25 EUR") && out_of_all.contains("7.50 GBP"));
    assert_eq!(sandbox.requests(), 2);

    let of_one = vec![id, "--currency".to_owned(), "GBP".to_owned()];
    let out_of_one = out(&run(variables.clone(), of_one).await);
    assert!(!out_of_one.contains("EUR") && out_of_one.contains("7.50 GBP"));

    let without_id = run(variables, vec![]).await;
    assert_eq!(without_id.status.code(), Some(1));
    assert!(err(&without_id).starts_with("error: name an account group"));
}

#[test]
fn the_receiver_takes_every_event_once_and_ends_with_the_latest_balances() {
    let table = out(&run_example("webhook_receiver", vec![], &[]));
    let rows: Vec<&str> = table
        .lines()
        .map(|line| match line.find("CASH_BALANCE") {
            Some(column) => &line[column..],
            None => line,
        })
        .collect();
    assert_eq!(rows.join("\n"), EVENTS.trim_end());
}

#[test]
fn the_receiver_prints_an_object_for_each_event() {
    let lines = out(&run_example("webhook_receiver", vec![], &["--json"]));
    let events: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let amounts = |note: &str| -> Vec<&str> {
        let noted = events.iter().filter(|event| event["note"] == note);
        noted
            .filter_map(|event| event["balance"].as_str())
            .collect()
    };
    let taken = ["250.00", "75.50", "260.10", "90.25", "300.00", "299.99"];
    assert_eq!(amounts("taken"), taken);
    assert_eq!(amounts("older: ignored"), ["80.00"]);
    assert_eq!(amounts("repeated: skipped"), ["260.10"]);
    assert_eq!(events.len(), 9, "and one that is malformed");

    let mut ids: Vec<_> = events.iter().map(|event| event["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 8, "one of them comes twice");
}

#[test]
fn the_journey_of_an_investor_is_printed_as_a_table() {
    let output = out(&run_example("invest", vec![], &[]));
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 15, "{output}");
    assert!(lines[0].starts_with("step "), "{output}");
    assert!(lines[14].starts_with("report "), "{output}");
}

#[test]
fn a_new_key_is_encrypted_in_its_file_and_its_public_half_is_printed() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-key.pem");
    let _ = std::fs::remove_file(&file);
    let variable = (
        "UPVEST_PRIVATE_KEY_PASSPHRASE",
        "correct horse battery staple".to_owned(),
    );
    let path = file.to_str().unwrap();
    let printed = out(&run_example(
        "generate_key",
        vec![variable.clone()],
        &[path],
    ));
    let key = SigningKey::from_pem_file(&file, Some(&variable.1)).unwrap();
    assert_eq!(printed, key.verifying_key().to_pem());
    assert!(SigningKey::from_pem_file(&file, None).is_err());
}
