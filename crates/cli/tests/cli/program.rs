//! Help, completions, manual pages, exit codes, and colours.

use upvest_auth_signing::{KeyAlgorithm, SigningKey};

use crate::corpus::{Draft, Maker};
use crate::support::{Home, stderr, stdout};
use crate::tmux::Terminal;

#[test]
fn help_lists_commands_and_exit_codes() {
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
fn colours_are_for_terminals() {
    let home = Home::new();
    for arguments in [&["call", "--list"][..], &["profiles"], &["call", "nothing"]] {
        let output = home.run(arguments);
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains('\u{1b}'), "{all}");
    }
}

/// In a terminal there are colours, unless somebody wants none.
#[test]
fn an_explanation_is_coloured_in_a_terminal() {
    let home = Home::new();
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
    let draft = Draft::new();
    let signature = Maker(key).sign(&draft.base());
    let text = draft.text(&signature).replace("BUY", "BID");
    let request = home.write("request.txt", &text);
    let program = env!("CARGO_BIN_EXE_upvest");
    let command = format!("{program} explain '{}'", request.display());
    for (variables, is_coloured) in [(&[][..], true), (&[("NO_COLOR", "1")][..], false)] {
        let Some(terminal) = Terminal::run(&command, variables) else {
            return;
        };
        terminal.until("ended with 1");
        let has_colours = terminal.colours().contains("\u{1b}[31m");
        assert_eq!(has_colours, is_coloured, "{variables:?}");
    }
}
