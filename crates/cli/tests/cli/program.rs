//! Help, completions, manual pages, exit codes, and pipes that close.

use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::support::{Home, stderr, stdout};

#[test]
fn help_tells_commands_and_exit_codes() {
    let home = Home::new();
    let help = home.run(&["--help"]).success();
    insta::assert_snapshot!(stdout(&help));
}

#[test]
fn what_cannot_be_understood_is_exit_code_2() {
    let home = Home::new();
    home.run(&["nothing"]).code(2);
    home.run(&["call"]).code(2);
    let unknown = home.run(&["call", "place_orders"]).code(2);
    insta::assert_snapshot!(stderr(&unknown), @r#"
    error: the API has no operation "place_orders"
      help: is it `place_order`? `upvest call --list` lists all
    "#);
}

#[test]
fn completions_know_commands_and_operations() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&home.run(&["completions", shell]).success());
        assert!(script.contains("sandbox"), "{shell}");
    }
    let script = stdout(&home.run(&["completions", "bash"]).success());
    assert!(
        script.contains("retrieve_cash_balances"),
        "operations are completed"
    );
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let home = Home::new();
    let page = stdout(&home.run(&["man"]).success());
    assert!(page.contains(".TH upvest 1"), "{page}");
    home.run(&["man", "--directory", "pages"]).success();
    for page in ["upvest.1", "upvest-call.1", "upvest-keys-generate.1"] {
        assert!(home.path("pages").join(page).exists(), "{page}");
    }
}

#[test]
fn a_pipe_that_closes_is_no_error() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_upvest"))
        .args(["call", "--list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(process.stdout.take());
    let status = process.wait().expect("it ends");
    let mut messages = String::new();
    let mut told = process.stderr.take().expect("it is piped");
    told.read_to_string(&mut messages).expect("text");
    assert_eq!((status.code(), messages.as_str()), (Some(0), ""));
}

#[test]
fn colours_are_for_terminals() {
    let home = Home::new();
    for arguments in [&["call", "--list"][..], &["profiles"], &["call", "nothing"]] {
        let output = home.run(arguments);
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains('\u{1b}'), "{all}");
    }
}
