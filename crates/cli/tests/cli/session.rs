//! The session in `docs/cli.md` is what the program prints.

use std::path::Path;

use upvest_auth_signing::{KeyAlgorithm, SigningKey};

use crate::corpus::{Draft, Maker};
use crate::support::{Sandbox, stderr, stdout};

/// A session, one command a line.
const COMMANDS: [&str; 11] = [
    "UPVEST_SCOPES=positions:read,webhooks:admin upvest whoami --profile local",
    "upvest use local",
    "upvest call --list cash_balance",
    "upvest call retrieve_cash_balances account_group_id=d0fc0305-97b7-4e3b-bddf-66d3c434898c --table=currency,balance,available_for_trading",
    "upvest sandbox balance set 250.50",
    "upvest call retrieve_cash_balances account_group_id=d0fc0305-97b7-4e3b-bddf-66d3c434898c --jq .data[0].balance",
    "upvest call retrieve_cash_balances account_group_id=nobody",
    "upvest call create_webhook title=Mine url=http://127.0.0.1:4242/ type=ORDER --csv=title,enabled",
    "upvest call retrieve_report report_id=b96b1ee7-d491-43eb-b5e4-4833af9c9c2f -o report.pdf",
    "upvest call retrieve_report report_id=b96b1ee7-d491-43eb-b5e4-4833af9c9c2f -o report.pdf",
    "upvest explain request.txt",
];

/// A request whose body was changed after it was signed.
fn request() -> String {
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
    let draft = Draft::new();
    let text = draft.text(&Maker(key).sign(&draft.base()));
    text.replace("BUY", "BID")
}

#[test]
fn the_session_of_the_guide_is_what_the_program_prints() {
    let sandbox = Sandbox::start();
    sandbox.home.write("request.txt", &request());
    let mut session = String::new();
    for line in COMMANDS {
        let (variables, arguments) = line.split_once("upvest ").expect("a command");
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut command = sandbox.upvest(&arguments);
        if let Some((name, value)) = variables.trim().split_once('=') {
            command.env(name, value);
        }
        let output = command.env_remove("UPVEST_PROFILE").assert();
        let shown = stdout(&output) + &stderr(&output);
        session.push_str(&format!("$ {line}\n{}", settled(&shown, &sandbox)));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let guide = std::fs::read_to_string(&path).expect("the guide");
    let (before, rest) = guide.split_once("```console\n").expect("a session");
    let (written, after) = rest.split_once("```").expect("its end");
    if std::env::var_os("UPVEST_WRITE_DOCS").is_some() {
        let guide = format!("{before}```console\n{session}```{after}");
        std::fs::write(&path, guide).expect("it can be written");
        return;
    }
    assert_eq!(written, session, "UPVEST_WRITE_DOCS=1 writes it anew");
}

/// What differs from start to start, as it is in the guide.
fn settled(text: &str, sandbox: &Sandbox) -> String {
    let text = text.replace(sandbox.variable("UPVEST_BASE_URL"), "http://127.0.0.1:8080");
    let text = text.replace(
        sandbox.variable("UPVEST_CLIENT_ID"),
        "5ec16164-6173-461d-b90d-116d68f55b40",
    );
    text.replace("\r\n", "\n")
}
