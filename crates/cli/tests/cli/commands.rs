//! What holds for every command: it has a help, and ends quietly where nobody reads what it prints.

use std::io::Read as _;
use std::process::Stdio;

use upvest_auth_signing::{KeyAlgorithm, SigningKey};

use crate::corpus::{Draft, Maker};
use crate::support::{ACCOUNT_GROUP, Home, Listener, Sandbox, json, stdout};

/// The help of a command and of all below it.
fn helps(home: &Home, path: &[&str]) -> String {
    let help = stdout(&home.run(&[path, &["--help"]].concat()).success());
    let mut text = format!("$ upvest {} --help\n{help}\n", path.join(" "));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in commands.take_while(|line| !line.is_empty()) {
        // What is indented further continues the line before.
        let name = line.strip_prefix("  ").and_then(|line| {
            let name = line.split(' ').next();
            name.filter(|name| !name.is_empty() && *name != "help")
        });
        if let Some(name) = name {
            text.push_str(&helps(home, &[path, &[name]].concat()));
        }
    }
    text
}

#[test]
fn every_command_has_a_help() {
    let home = Home::new();
    for name in [
        "call",
        "init",
        "profiles",
        "use",
        "whoami",
        "keys",
        "explain",
        "proxy",
        "webhooks",
        "inbox",
        "spec",
        "completions",
        "man",
    ] {
        insta::assert_snapshot!(format!("help_{name}"), helps(&home, &[name]));
    }
    // Its options are those of the sandbox's own program.
    let sandbox = helps(&home, &["sandbox"]);
    let commands = sandbox.lines().filter(|line| line.starts_with("$ "));
    insta::assert_snapshot!("help_sandbox", commands.collect::<Vec<_>>().join("\n"));
}

/// Runs a command whose output nobody reads, and asserts that this is not an error.
fn ends_quietly(sandbox: &Sandbox, line: &str, input: &str) {
    let arguments: Vec<&str> = line.split(' ').collect();
    let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_upvest"))
        .args(&arguments)
        .env("UPVEST_CONFIG", sandbox.home.path("config.toml"))
        .env("UPVEST_SANDBOX_ADMIN", &sandbox.admin)
        .env("UPVEST_PROFILE", "local")
        .current_dir(sandbox.home.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(process.stdout.take());
    let mut stdin = process.stdin.take().expect("it is piped");
    // What it does not read does not matter.
    let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    drop(stdin);
    let mut told = String::new();
    let mut stderr = process.stderr.take().expect("it is piped");
    stderr.read_to_string(&mut told).expect("text");
    let code = process.wait().expect("it ends").code();
    assert_eq!(code, Some(0), "{line}: {told}");
    assert!(
        !told.contains("panicked") && !told.contains("error:"),
        "{line}: {told}"
    );
}

#[test]
fn a_pipe_that_closes_is_not_an_error_for_any_command() {
    let sandbox = Sandbox::start();
    let mut listener = Listener::start(&sandbox, &[]);
    let trigger = ["webhooks", "trigger", "ORDER.FILLED"];
    let event = json(&sandbox.run(&trigger).success());
    listener.line();
    let key = event["id"].as_str().expect("an id");
    let call = format!("call retrieve_cash_balances account_group_id={ACCOUNT_GROUP}");
    let generated = sandbox.run(&["keys", "generate", "key.pem", "--no-passphrase"]);
    generated.success();
    for line in [
        "--help",
        "--version",
        "call --list",
        "call create_webhook --help",
        &call,
        &format!("{call} --json"),
        &format!("{call} --raw"),
        &format!("{call} --table"),
        &format!("{call} --csv"),
        &format!("{call} --jq .data"),
        "call list_webhooks --all",
        &format!("{call} --dry-run"),
        &format!("{call} --curl"),
        "call retrieve_report report_id=b96b1ee7-d491-43eb-b5e4-4833af9c9c2f -o -",
        "profiles",
        "whoami",
        "whoami --json",
        "keys generate other.pem --no-passphrase",
        "keys show key.pem",
        "keys public key.pem",
        "keys public key.pem --jwk",
        "keys check key.pem",
        "proxy --port 0",
        "webhooks listen --port 0 --database other.db",
        "webhooks trigger ORDER.FILLED",
        "webhooks events list --database events.db",
        &format!("webhooks events show {key} --database events.db"),
        "webhooks subscriptions list",
        "inbox --database events.db stats",
        "inbox --database events.db parked",
        &format!("inbox --database events.db replay {key}"),
        "sandbox counters",
        "sandbox event ORDER",
        "completions bash",
        "man",
    ] {
        ends_quietly(&sandbox, line, "");
    }
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
    let draft = Draft::new();
    let request = draft.text(&Maker(key).sign(&draft.base()));
    ends_quietly(&sandbox, "explain", &request);
    ends_quietly(&sandbox, "explain --json", &request);
}
