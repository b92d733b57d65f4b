//! What users get wrong, and what editors and shells of other systems write.

use std::net::TcpListener;

use upvest_auth_signing::{KeyAlgorithm, SigningKey};

use crate::corpus::{Draft, Maker};
use crate::support::{ACCOUNT_GROUP, Home, Sandbox, json, stderr, stdout};

/// A text that begins with a byte order mark and has the line ends of Windows.
fn of_windows(text: &str) -> String {
    format!("\u{feff}{}", text.replace('\n', "\r\n"))
}

/// What each of these commands prints, in a directory with these files.
fn tell(home: &Home, cases: &[(&str, i32, &str)]) {
    for (line, code, words) in cases {
        let arguments: Vec<&str> = line.split(' ').collect();
        let told = stderr(&home.run(&arguments).code(*code));
        assert!(told.starts_with("error: "), "{line}: {told}");
        assert!(told.contains(words), "{line}: {told}");
    }
}

#[test]
fn arguments_of_a_call_are_looked_at_first() {
    let home = Home::new();
    home.write("empty.json", " \n");
    home.write("half.json", "{\"title\": ");
    home.write_bytes("utf-16.json", b"\xff\xfe{\0}\0");
    std::fs::create_dir(home.path("directory")).expect("a directory");
    tell(
        &home,
        &[
            ("call create_webhook titel=a", 2, "is it `title`?"),
            ("call retrieve_report reportid=a", 2, "is it `report_id`?"),
            ("call create_webhook moon=a", 2, "no argument \"moon\""),
            (
                "call create_webhook title=a title=b",
                2,
                "title is given twice",
            ),
            (
                "call create_webhook --title a title=b",
                2,
                "title is given twice",
            ),
            (
                "call create_webhook title",
                2,
                "is not of the form NAME=VALUE",
            ),
            ("call create_webhook title:={", 2, "title is not JSON"),
            (
                "call create_webhook -f missing.json",
                2,
                "cannot read `missing.json`",
            ),
            (
                "call create_webhook -f directory",
                2,
                "cannot read `directory`",
            ),
            (
                "call create_webhook -f empty.json",
                2,
                "`empty.json` is empty",
            ),
            ("call create_webhook -f -", 2, "`standard input` is empty"),
            (
                "call create_webhook -f half.json",
                2,
                "`half.json` is not JSON",
            ),
            ("call create_webhook -f utf-16.json", 2, "not text in UTF-8"),
            ("call retreive_webhok", 2, "is it `retrieve_webhook`?"),
            ("call list_webhooks --jq .[", 2, "cannot be read"),
            ("call list_webhooks", 3, "UPVEST_CLIENT_ID is not set"),
        ],
    );
}

#[test]
fn profiles_are_looked_at_when_they_are_made() {
    let home = Home::new();
    std::fs::create_dir(home.path("directory")).expect("a directory");
    let init = "init mine --client-id a --key-id b --client-secret-file -";
    let with = |more: &str| format!("{init} {more}");
    tell(
        &home,
        &[
            (
                &with("--base-url nowhere"),
                2,
                "nowhere is not a valid address",
            ),
            (
                &with("--base-url ftp://a.example"),
                2,
                "is not a valid address",
            ),
            ("init mine --environment moon", 2, "moon"),
            (
                "init sandbox --client-id a --client-secret-file missing",
                3,
                "cannot read `missing`",
            ),
            (
                "init sandbox --client-id a --client-secret-file -",
                2,
                "secret is empty",
            ),
        ],
    );
    for (key, words) in [
        ("missing.pem", "cannot read"),
        ("directory", "is a directory"),
    ] {
        let line = with(&format!(
            "--base-url http://127.0.0.1:1 --private-key-file {key}"
        ));
        let arguments: Vec<&str> = line.split(' ').collect();
        let mut command = home.upvest(&arguments);
        let told = stderr(&command.write_stdin("hush").assert().code(3));
        assert!(told.contains(words), "{told}");
    }
    assert!(!home.path("config.toml").exists());
    std::fs::create_dir(home.path("config.toml")).expect("a directory");
    home.run(&["profiles"]).code(3);
    std::fs::remove_dir(home.path("config.toml")).expect("a directory");
    home.run(&["use", "local"]).success();
    let listed = stdout(&home.run(&["profiles"]).success());
    assert!(listed.starts_with("* local"), "{listed}");
}

#[test]
fn keys_overwrite_nothing_and_ask_for_nothing_in_vain() {
    let home = Home::new();
    home.write("there.pem", "mine");
    home.write("empty", "");
    home.write_bytes("bytes", b"\xff");
    let key = ["keys", "generate", "key.pem", "--no-passphrase"];
    home.run(&key).success();
    tell(
        &home,
        &[
            ("keys generate there.pem", 2, "exists already"),
            ("keys generate .", 2, "exists already"),
            ("keys convert key.pem --to there.pem", 2, "exists already"),
            (
                "keys generate new.pem --passphrase-file empty",
                2,
                "passphrase is empty",
            ),
            (
                "keys generate new.pem --passphrase-file missing",
                3,
                "cannot read `missing`",
            ),
            (
                "keys generate new.pem --passphrase-file bytes",
                3,
                "cannot read `bytes`",
            ),
            ("keys generate new.pem", 2, "without a terminal"),
            ("keys show .", 3, "cannot read `.`"),
            ("keys show empty", 3, "the key is empty"),
        ],
    );
    assert!(!home.path("new.pem").exists());
    let there = std::fs::read_to_string(home.path("there.pem")).expect("a file");
    assert_eq!(there, "mine");
}

#[test]
fn databases_are_named_where_they_are_missing() {
    let home = Home::new();
    home.write("text.db", "this is a text, and no database");
    tell(
        &home,
        &[
            ("inbox stats", 3, "no database was named"),
            (
                "inbox stats --database missing.db",
                3,
                "there is no database `missing.db`",
            ),
            (
                "inbox parked --database sqlite://missing.db",
                3,
                "no database `missing.db`",
            ),
            ("inbox stats --database .", 3, "there is no database `.`"),
            (
                "inbox stats --database mysql://host/inbox",
                3,
                "postgres://",
            ),
            (
                "inbox stats --database postgres://127.0.0.1:1/inbox",
                3,
                "cannot be opened: ",
            ),
            ("inbox stats --database text.db", 1, "is not a database"),
            (
                "inbox replay --since 2026-01-31",
                2,
                "write 2026-01-31T12:00:00Z",
            ),
            ("webhooks events list", 3, "upvest webhooks listen"),
        ],
    );
    assert!(!home.path("missing.db").exists());
}

#[test]
fn an_input_without_a_request_is_an_error() {
    let home = Home::new();
    home.write("empty.txt", "\r\n\n");
    home.write("words.txt", "hello\n");
    home.write("none.har", "{\"log\": {\"entries\": []}}");
    tell(
        &home,
        &[
            ("explain", 2, "it is empty"),
            ("explain empty.txt", 2, "it is empty"),
            ("explain words.txt", 2, "\"hello\" is not a request line"),
            ("explain none.har", 2, "the archive is empty"),
            ("explain .", 1, "cannot read `.`"),
            ("explain words.txt --at noon", 2, "noon"),
        ],
    );
}

#[test]
fn ports_and_addresses_are_looked_at() {
    let sandbox = Sandbox::start();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for command in [
        &["proxy"][..],
        &["webhooks", "listen", "--database", "events.db"],
    ] {
        let refused = sandbox.run(&[command, &["--port", &port]].concat()).code(3);
        let refused = stderr(&refused);
        assert!(refused.contains(&format!("127.0.0.1:{port}")), "{refused}");
    }
    for option in [
        &["--forward", "nowhere"][..],
        &["--route", "ORDER=ftp://a"],
        &["--route", "ORDER"],
    ] {
        sandbox
            .run(&[&["webhooks", "listen"], option].concat())
            .code(2);
    }
    let unknown = [
        "--filter",
        "ORDR",
        "--route",
        "USERS=http://127.0.0.1:9",
        "--port",
        &port,
    ];
    let told = sandbox
        .run(&[&["webhooks", "listen"], &unknown[..]].concat())
        .code(3);
    let told = stderr(&told);
    for words in [
        "warning: the API has no event USERS; there are USER.",
        "warning: the API has no event ORDR; there are ORDER.",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

/// Nobody answers: neither is the client refused, nor is anything wrong with its profile.
#[test]
fn an_api_that_cannot_be_reached_is_distinguished_from_one_that_refuses() {
    let sandbox = Sandbox::start();
    for command in [&["whoami"][..], &["call", "list_webhooks"]] {
        let mut command = sandbox.upvest(command);
        command
            .env("UPVEST_BASE_URL", "http://127.0.0.1:1")
            .assert()
            .code(6);
    }
}

#[test]
fn answers_are_printed_as_far_as_they_can_be() {
    let sandbox = Sandbox::start();
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let balances =
        |more: &[&str]| sandbox.run(&[&["call", "retrieve_cash_balances", &group], more].concat());
    let table = balances(&["--table", "nothing,balance"]).success();
    assert_eq!(stdout(&table), "NOTHING  BALANCE\n         100.25\n");
    let note = stderr(&table);
    assert!(
        note.starts_with("note: no row has nothing; there are account_group_id, "),
        "{note}"
    );
    let quiet = balances(&["--table", "nothing", "--quiet"]).success();
    assert_eq!(stderr(&quiet), "");
    for form in ["--table", "--csv"] {
        assert_eq!(
            stdout(&sandbox.run(&["call", "list_webhooks", form]).success()),
            ""
        );
    }
    let failed = stderr(&balances(&["--jq", ".data | (. + . + . + .) | error"]).code(2));
    assert!(
        failed.contains("the filter failed: ") && failed.len() < 400,
        "{failed}"
    );
    let nowhere = stderr(&balances(&["-o", "missing/answer.json"]).code(1));
    assert!(
        nowhere.contains("`missing/answer.json`") && !nowhere.contains(".tmp"),
        "{nowhere}"
    );
    let report = [
        "call",
        "retrieve_report",
        "report_id=b96b1ee7-d491-43eb-b5e4-4833af9c9c2f",
        "-o",
        ".",
    ];
    let written = stderr(&sandbox.run(&report).success());
    assert!(written.contains("retrieve_report.pdf`"), "{written}");
}

/// Profiles, secrets, keys and bodies.
#[test]
fn files_of_windows_are_read() {
    let sandbox = Sandbox::start();
    let home = &sandbox.home;
    let key = sandbox.variable("UPVEST_PRIVATE_KEY_FILE");
    let key = std::fs::read_to_string(key).expect("a key");
    home.write("key.pem", &key.replace('\n', "\r\n"));
    home.write(
        "my.secret",
        &of_windows(&format!("{}\n", sandbox.variable("UPVEST_CLIENT_SECRET"))),
    );
    let profiles = format!(
        "use = \"mine\"\n\n[profiles.mine]\nbase_url = \"{}\"\nclient_id = \"{}\"\nkey_id = \"{}\"\n\
         client_secret_file = \"my.secret\"\nprivate_key_file = 'key.pem'\n",
        sandbox.variable("UPVEST_BASE_URL"),
        sandbox.variable("UPVEST_CLIENT_ID"),
        sandbox.variable("UPVEST_KEY_ID"),
    );
    home.write("config.toml", &of_windows(&profiles));
    home.write(
        "body.json",
        &of_windows("{\n  \"title\": \"a\",\n  \"url\": \"http://127.0.0.1:9/\",\n  \"type\": [\"USER\"]\n}\n"),
    );
    let made = json(
        &home
            .run(&["call", "create_webhook", "-f", "body.json"])
            .success(),
    );
    assert_eq!(made["title"], "a");
}

#[test]
fn requests_and_keys_of_windows_are_explained() {
    let home = Home::new();
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
    home.write("public.pem", &of_windows(&key.verifying_key().to_pem()));
    home.write("public.jwk", &of_windows(&key.verifying_key().to_jwk(None)));
    home.run(&["keys", "show", "public.jwk"]).success();
    let draft = Draft::new();
    let signature = Maker(key).sign(&draft.base());
    let request = draft.text(&signature);
    let (head, body) = request.split_once("\r\n\r\n").expect("a request");
    let head = head.replace("\r\n", "\n");
    for text in [
        request.clone(),
        format!("\u{feff}\r\n{request}"),
        format!("{head}\n\n{body}\n"),
        format!("{head}\n\n{body}\r\n"),
    ] {
        home.write("request.txt", &text);
        let told = home.run(&[
            "explain",
            "request.txt",
            "--key",
            "public.pem",
            "--at",
            "1633529660",
        ]);
        let told = told.success();
        assert!(
            stdout(&told).contains("the signature is right"),
            "{}",
            stdout(&told)
        );
    }
}
