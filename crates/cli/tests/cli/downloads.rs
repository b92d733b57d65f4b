//! `upvest call --output`.

use std::sync::{Arc, Mutex};

use crate::receiver::{Request, Server, answer};
use crate::support::{ACCOUNT_GROUP, Home, Sandbox, is_private, stderr, stdout};

const REPORT: &str = "report_id=b96b1ee7-d491-43eb-b5e4-4833af9c9c2f";

/// The file that the API has.
const FILE: &[u8] = b"%PDF-1.4 a report";

/// A home that knows an API, which answers with tokens, and with this where a report is asked for.
fn home(mut report: impl FnMut(&Request) -> Vec<u8> + Send + 'static) -> (Home, Server) {
    let server = Server::start(move |request| match request.head.contains("/auth/token") {
        true => {
            let token = br#"{"access_token":"a","token_type":"bearer","expires_in":60,"scope":"reports:read"}"#;
            answer(200, "content-type: application/json\r\n", token)
        }
        false => report(request),
    });
    let home = Home::new();
    let generated = home.run(&["keys", "generate", "key.pem", "--no-passphrase"]);
    generated.success();
    home.write("secret", "hush");
    let init = [
        "init",
        "mine",
        "--base-url",
        &server.url,
        "--client-id",
        "5ec16164-6173-461d-b90d-116d68f55b40",
        "--client-secret-file",
        "secret",
        "--key-id",
        "8d4997a8-cf7a-4e51-adbb-401656a3e5c2",
        "--private-key-file",
        "key.pem",
    ];
    home.run(&init).success();
    (home, server)
}

fn headers(tag: &str) -> String {
    format!(
        "content-type: application/pdf\r\ncontent-disposition: attachment; filename=\"tax.pdf\"\r\netag: {tag}\r\n"
    )
}

/// The answer to a request for a whole file that breaks off after some bytes.
fn broken(tag: &str, bytes: usize) -> Vec<u8> {
    let mut whole = answer(200, &headers(tag), FILE);
    whole.truncate(whole.len() - FILE.len() + bytes);
    whole
}

/// The answer to a request that may ask for the rest of the file.
fn ranged(request: &Request, tag: &str) -> Vec<u8> {
    let header = |name: &str| {
        let mut lines = request.head.lines();
        lines.find_map(|line| line.strip_prefix(name).map(str::to_owned))
    };
    let from = header("range: bytes=").filter(|_| header("if-range: ").as_deref() == Some(tag));
    match from {
        None => answer(200, &headers(tag), FILE),
        Some(from) => {
            let from: usize = from.trim_end_matches('-').parse().expect("a number");
            let range = format!("content-range: bytes {from}-{0}/{0}\r\n", FILE.len());
            answer(206, &(headers(tag) + &range), &FILE[from..])
        }
    }
}

fn files(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.path("out")).expect("a directory");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn content(home: &Home, name: &str) -> Vec<u8> {
    std::fs::read(home.path("out").join(name)).expect("a file")
}

#[test]
fn a_file_that_broke_off_is_continued() {
    let mut begun = false;
    let ranges = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&ranges);
    let (home, _server) = home(move |request| {
        let range = request
            .head
            .lines()
            .find(|line| line.starts_with("range: "));
        asked
            .lock()
            .expect("it is there")
            .extend(range.map(str::to_owned));
        match std::mem::replace(&mut begun, true) {
            false => broken("\"one\"", 5),
            true => ranged(request, "\"one\""),
        }
    });
    std::fs::create_dir(home.path("out")).expect("a directory");
    let fetch = ["call", "retrieve_report", REPORT, "-o", "out"];
    let failed = stderr(&home.run(&fetch).code(6));
    assert!(failed.contains("continues the download"), "{failed}");
    assert_eq!(files(&home), ["tax.pdf.part", "tax.pdf.part.etag"]);
    home.run(&fetch).success();
    assert_eq!(files(&home), ["tax.pdf"]);
    assert_eq!(content(&home, "tax.pdf"), FILE);
    assert_eq!(*ranges.lock().expect("it is there"), ["range: bytes=5-"]);
}

#[test]
fn a_part_of_another_version_is_begun_anew() {
    let mut count = 0;
    let (home, _server) = home(move |request| {
        count += 1;
        match count {
            1 => broken("\"one\"", 5),
            _ => ranged(request, "\"two\""),
        }
    });
    std::fs::create_dir(home.path("out")).expect("a directory");
    let fetch = ["call", "retrieve_report", REPORT, "-o", "out"];
    home.run(&fetch).code(6);
    home.run(&fetch).success();
    assert_eq!(files(&home), ["tax.pdf"]);
    assert_eq!(content(&home, "tax.pdf"), FILE);
}

/// Neither an API that does not name versions nor one that sends no ranges gives cause for a mixture.
#[test]
fn what_cannot_be_continued_is_begun_anew() {
    for (tag, left) in [("W/\"weak\"", 0), ("\"one\"", 2)] {
        let mut count = 0;
        let (home, _server) = home(move |_| {
            count += 1;
            match count {
                1 => broken(tag, 5),
                _ => answer(200, &headers(tag), FILE),
            }
        });
        std::fs::create_dir(home.path("out")).expect("a directory");
        let fetch = ["call", "retrieve_report", REPORT, "-o", "out"];
        home.run(&fetch).code(6);
        assert_eq!(files(&home).len(), left, "{tag}");
        home.run(&fetch).success();
        assert_eq!(files(&home), ["tax.pdf"]);
        assert_eq!(content(&home, "tax.pdf"), FILE);
    }
}

#[test]
fn a_file_that_is_there_stays() {
    let (home, server) = home(|_| answer(200, &headers("\"one\""), FILE));
    std::fs::create_dir(home.path("out")).expect("a directory");
    home.write("out/tax.pdf", "mine");
    let fetch = |to: &str| home.run(&["call", "retrieve_report", REPORT, "-o", to]);
    let told = stderr(&fetch("out").success());
    assert!(told.contains("tax (1).pdf"), "{told}");
    fetch("out").success();
    assert_eq!(files(&home), ["tax (1).pdf", "tax (2).pdf", "tax.pdf"]);
    assert_eq!(content(&home, "tax.pdf"), b"mine");
    assert_eq!(content(&home, "tax (1).pdf"), FILE);
    while !server.is_idle() {}
    let refused = stderr(&fetch("out/tax.pdf").code(2));
    assert!(refused.contains("exists already"), "{refused}");
    assert!(server.is_idle(), "nothing was sent");
    fetch("out/another.pdf").success();
    assert!(is_private(&home.path("out/another.pdf")));
    let printed = fetch("-").success();
    assert_eq!(printed.get_output().stdout, FILE);
}

#[test]
fn data_is_written_whole_to_a_new_file() {
    let sandbox = Sandbox::start();
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let call = |more: &[&str]| {
        let arguments = [&["call", "retrieve_cash_balances", &group][..], more].concat();
        sandbox.run(&arguments)
    };
    call(&["-o", "balance.json"]).success();
    let path = sandbox.home.path("balance.json");
    let written = std::fs::read_to_string(&path).expect("a file");
    assert!(written.contains("100.25") && is_private(&path), "{written}");
    call(&["-o", "balance.json"]).code(2);
    let told = stderr(&call(&["-o", "."]).success());
    assert!(told.contains("retrieve_cash_balances.json"), "{told}");
    let told = stderr(&call(&["-o", ".", "--csv"]).success());
    assert!(told.contains("retrieve_cash_balances.csv"), "{told}");
    assert!(stdout(&call(&["-o", "-"]).success()).contains("100.25"));
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), written);
}
