//! `upvest explain`.

use serde_json::{Value, json};
use upvest_auth_signing::{KeyAlgorithm, SigningKey};

use crate::corpus::{CREATED, Draft, Maker, TOKEN};
use crate::support::{Home, stderr, stdout};

/// A key that signs, and a home with its public half in `public.pem`.
fn maker() -> (Maker, Home) {
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("generates");
    let home = Home::new();
    home.write("public.pem", &key.verifying_key().to_pem());
    (Maker(key), home)
}

fn explained(home: &Home, text: &str, more: &[&str]) -> (Option<i32>, Value) {
    let arguments = [&["explain", "--json"][..], more].concat();
    let output = home.upvest(&arguments).write_stdin(text).assert();
    let shown = stdout(&output) + &stderr(&output);
    assert!(!shown.contains(TOKEN), "{shown}");
    let value = serde_json::from_str(&stdout(&output)).unwrap_or(Value::Null);
    (output.get_output().status.code(), value)
}

const KEY: [&str; 2] = ["--key", "public.pem"];

#[test]
fn the_mistake_that_was_made_is_named_first() {
    let (maker, home) = maker();
    let corpus = maker.all();
    assert!(corpus.len() >= 30, "{}", corpus.len());
    let mut wrong = Vec::new();
    for (expected, text) in corpus {
        let (code, found) = explained(&home, &text, &KEY);
        if code != Some(1) || found["causes"][0]["id"] != expected {
            wrong.push(format!("{expected}: {code:?} {}", found["causes"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_good_request_is_good() {
    let (maker, home) = maker();
    let draft = Draft::new();
    let text = draft.text(&maker.sign(&draft.base()));
    assert_eq!(
        explained(&home, &text, &KEY),
        (Some(0), explained(&home, &text, &KEY).1)
    );
    assert_eq!(explained(&home, &text, &KEY).1["causes"], json!([]));
    // A newline that an editor put at the end of the file does not count.
    assert_eq!(
        explained(&home, &(text.clone() + "\n"), &KEY).1["causes"],
        json!([])
    );
    let without_key = home
        .upvest(&["explain"])
        .write_stdin(text)
        .assert()
        .success();
    assert!(stdout(&without_key).contains("Nothing is wrong as far as can be seen"));
}

#[test]
fn time_is_that_of_the_answer() {
    let (maker, home) = maker();
    let mut draft = Draft::new();
    for name in ["content-length", "content-type", "content-digest"] {
        draft.remove(name);
        draft = draft.without(name);
    }
    (draft.method, draft.body) = ("GET", String::new());
    let text = draft.text(&maker.sign(&draft.base()));
    let sent: String = text.lines().map(|line| format!("> {line}\n")).collect();
    let curl = |date: &str| format!("* Connected\n{sent}< HTTP/2 401\n< date: {date}\n{{}}\n");
    let first =
        |text: &str, more: &[&str]| explained(&home, text, more).1["causes"][0]["id"].clone();
    // The signature is from 14:14:19 to 14:14:49.
    assert_eq!(
        first(&curl("Wed, 06 Oct 2021 14:14:29 GMT"), &KEY),
        Value::Null
    );
    assert_eq!(
        first(&curl("Wed, 06 Oct 2021 14:15:29 GMT"), &KEY),
        "expired"
    );
    assert_eq!(
        first(&curl("Wed, 06 Oct 2021 14:14:09 GMT"), &KEY),
        "clock-ahead"
    );
    let at = (CREATED - 60).to_string();
    assert_eq!(
        first(&text, &[&KEY[..], &["--at", &at]].concat()),
        "clock-ahead"
    );
    assert_eq!(
        first(&text, &[&KEY[..], &["--at", "now"]].concat()),
        "expired"
    );
}

#[test]
fn an_archive_is_read() {
    let (maker, home) = maker();
    let draft = Draft::new();
    let signature = maker.sign(&draft.base());
    let signature = signature.trim_start_matches("signature: ").trim_end();
    let mut headers: Vec<Value> = draft
        .headers
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    headers.push(json!({"name": "Signature-Input", "value": format!("sig1={}", draft.params())}));
    headers.push(json!({"name": "Signature", "value": signature}));
    let archive = |body: &str| {
        json!({"log": {"entries": [
            {"request": {"method": "POST", "url": format!("https://sandbox.upvest.co{}", draft.target), "headers": headers,
                "postData": {"text": body}}, "response": {"headers": []}},
            {"request": {"method": "GET", "url": "https://sandbox.upvest.co/", "headers": []}},
        ]}})
        .to_string()
    };
    assert_eq!(
        explained(&home, &archive(&draft.body), &KEY).1["causes"],
        json!([])
    );
    let changed = explained(&home, &archive("{}"), &KEY).1;
    assert_eq!(changed["causes"][0]["id"], "body-changed");
}

#[test]
fn a_body_that_does_not_show_is_taken_for_right() {
    let (maker, home) = maker();
    let draft = Draft::new();
    let text = draft.text(&maker.sign(&draft.base()));
    let head = text.split("\r\n\r\n").next().expect("a head");
    let curl: String = head.lines().map(|line| format!("> {line}\n")).collect();
    assert_eq!(explained(&home, &curl, &KEY).1["causes"], json!([]));
    home.write("body.json", "{}");
    let with_body = [&KEY[..], &["--body", "body.json"]].concat();
    assert_eq!(
        explained(&home, &curl, &with_body).1["causes"][0]["id"],
        "body-changed"
    );
}

#[test]
fn what_is_not_a_request_is_reported() {
    let home = Home::new();
    for text in ["", "hello", "{\"entries\": 1", "GET", "> \n"] {
        home.upvest(&["explain"]).write_stdin(text).assert().code(2);
    }
    home.run(&["explain", "missing.txt"]).code(1);
}

#[test]
fn it_is_explained_in_words() {
    let (maker, home) = maker();
    let draft = Draft::new();
    let text = draft.text(&maker.sign(&draft.base().replace("POST", "post")));
    let output = home
        .upvest(&["explain", "--key", "public.pem"])
        .write_stdin(text)
        .assert()
        .code(1);
    insta::assert_snapshot!(stdout(&output));
}
