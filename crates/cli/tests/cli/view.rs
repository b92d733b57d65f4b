//! The view of `upvest proxy` and `upvest webhooks listen`, in a terminal.

use std::process::Command;

use crate::receiver::Server;
use crate::support::{Sandbox, json, send};
use crate::tmux::Terminal;

/// The program in a terminal; nothing where tmux is not installed. Its process id is in the file `pid`.
fn run(sandbox: &Sandbox, arguments: &str, more: &[(&str, &str)]) -> Option<Terminal> {
    let home = sandbox.home.path(".");
    let config = sandbox.home.path("config.toml");
    let variables = [
        ("UPVEST_CONFIG", config.to_str().expect("text")),
        ("UPVEST_SANDBOX_ADMIN", &sandbox.admin),
        ("UPVEST_PROFILE", "local"),
    ];
    let program = env!("CARGO_BIN_EXE_upvest");
    let command = format!(
        "cd '{}'; sh -c 'echo $$ >pid; exec {program} {arguments}'",
        home.display()
    );
    Terminal::run(&command, &[&variables[..], more].concat())
}

/// The address in the title of a screen.
fn address(screen: &str) -> String {
    let title = screen.lines().find(|line| line.starts_with("upvest "));
    let mut words = title.expect("a title").split_whitespace();
    let url = words.find_map(|word| word.strip_prefix("http://"));
    url.expect("an address").trim_end_matches('/').to_owned()
}

/// A screen without what differs from run to run.
fn settled(screen: &str, known: &[(&str, &str)]) -> String {
    let mut text = screen.to_owned();
    for (found, name) in known {
        text = text.replace(found, name);
    }
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = word.trim_end().split(':').collect();
        match parts.len() == 3 && parts.iter().all(|part| part.len() == 2 && digits(part)) {
            true => word.replace(|char: char| char.is_ascii_digit(), "0"),
            false => word.to_owned(),
        }
    });
    let text: String = words.collect();
    text.lines()
        .map(|line| match line.strip_prefix("time  ") {
            Some(_) => "time          some ms\n".to_owned(),
            None if line.starts_with("request id ") => "request id    an id\n".to_owned(),
            None => format!("{line}\n"),
        })
        .collect()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

fn requests(sandbox: &Sandbox, operation: &str) -> u64 {
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    let count = counters["requests_by_operation"][operation].as_u64();
    count.expect("a count")
}

#[test]
fn the_proxy_shows_requests_and_sends_them_again() {
    let sandbox = Sandbox::start();
    let Some(terminal) = run(&sandbox, "proxy --port 0", &[]) else {
        return;
    };
    let proxy = address(&terminal.until("Nothing has arrived yet."));
    let api = sandbox.variable("UPVEST_BASE_URL").to_owned();
    let known = [
        (proxy.as_str(), "127.0.0.1:3000"),
        (api.as_str(), "http://127.0.0.1:8080"),
    ];
    send(&proxy, &get("/webhooks?limit=5&secret=hush"));
    terminal.until("200       list_webhooks");
    send(&proxy, &get("/nothing"));
    let list = terminal.until("404       unknown operation");
    let list = settled(&list, &known);
    insta::assert_snapshot!("proxy_list", list);
    assert!(
        include_str!("../../../../docs/cli.md").contains(&list),
        "the guide has the same screen"
    );

    terminal.press(&["Down", "Enter"]);
    let detail = terminal.until("request id");
    insta::assert_snapshot!("proxy_detail", settled(&detail, &known));
    terminal.press(&["r"]);
    terminal.press(&["Escape"]);
    terminal.until("200       list_webhooks (sent again)");
    assert_eq!(requests(&sandbox, "list_webhooks"), 2);

    terminal.press(&["/", "NOTH"]);
    terminal.until("/NOTH_");
    let found = terminal.screen();
    insta::assert_snapshot!("proxy_search", settled(&found, &known));
    terminal.press(&["Enter", "q"]);
    let left = terminal.until("icanon");
    assert!(left.contains("ended with 0\nicanon"), "{left}");
    assert!(!left.contains("hush"), "{left}");
}

#[test]
fn what_may_do_harm_is_asked_before_it_is_sent_again() {
    let sandbox = Sandbox::start();
    let Some(terminal) = run(&sandbox, "proxy --port 0", &[]) else {
        return;
    };
    let proxy = address(&terminal.until("Nothing has arrived yet."));
    let body = r#"{"title": "a", "url": "http://127.0.0.1:9/hook", "type": ["USER"]}"#;
    let post = format!(
        "POST /webhooks HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    send(&proxy, &post);
    terminal.until("201       create_webhook");
    terminal.press(&["r"]);
    terminal.until("Send it again?");
    terminal.press(&["n"]);
    terminal.until("q: quit");
    terminal.press(&["r"]);
    terminal.until("Send it again?");
    assert_eq!(requests(&sandbox, "create_webhook"), 1);
    terminal.press(&["y"]);
    terminal.until("201       create_webhook (sent again)");
    assert_eq!(requests(&sandbox, "create_webhook"), 2);
}

#[test]
fn events_show_and_are_sent_on_again() {
    let sandbox = Sandbox::start();
    let receiver = Server::with_statuses(&[200]);
    let url = format!("{}/hook", receiver.url);
    let listen =
        format!("webhooks listen --port 0 --subscribe --database events.db --forward {url}");
    let Some(terminal) = run(&sandbox, &listen, &[]) else {
        return;
    };
    let here = address(&terminal.until("Subscribed as "));
    let event = json(
        &sandbox
            .run(&["webhooks", "trigger", "USER.CREATED"])
            .success(),
    );
    let key = event["id"].as_str().expect("an id");
    assert!(receiver.next().body.contains(key));
    let list = terminal.until("200       USER.CREATED");
    let subscribed = list.lines().find(|line| line.starts_with("Subscribed as "));
    let known = [
        (here.as_str(), "127.0.0.1:4242"),
        (key, "8962b496-8d42-4560-bfab-10490dd1a724"),
        (subscribed.expect("a note"), "Subscribed as an id"),
    ];
    insta::assert_snapshot!("listen_list", settled(&list, &known));

    terminal.press(&["Enter"]);
    terminal.until("sent on       200");
    for _ in 0..3 {
        terminal.press(&["PageDown"]);
    }
    terminal.press(&["r", "Escape"]);
    assert!(receiver.next().body.contains(key), "it is sent on again");
    terminal.until("200       USER.CREATED");
    terminal.press(&["C-c"]);
    terminal.until("ended with 0\nicanon");
    let subscriptions = sandbox.run(&["webhooks", "subscriptions", "list"]);
    assert_eq!(json(&subscriptions.success()), serde_json::json!([]));
}

/// The names, addresses and so on of a person do not show, wherever they are in the details.
#[test]
fn personal_data_does_not_show() {
    let sandbox = Sandbox::start();
    let listen = "webhooks listen --port 0 --subscribe --database events.db";
    let Some(terminal) = run(&sandbox, listen, &[]) else {
        return;
    };
    terminal.until("Subscribed as ");
    let trigger = [
        "webhooks",
        "trigger",
        "USER.CREATED",
        "--set",
        "object.first_name=Ermintrude",
    ];
    sandbox.run(&trigger).success();
    terminal.until("stored    USER.CREATED");
    terminal.press(&["Enter"]);
    let mut seen = terminal.until("key           ");
    for _ in 0..60 {
        terminal.press(&["Down"]);
        seen.push_str(&terminal.screen());
    }
    assert!(seen.contains("first_name"), "the fields show: {seen}");
    assert!(!seen.contains("Ermintrude"), "their values do not: {seen}");
}

#[test]
fn signals_end_it_and_restore_the_terminal() {
    let sandbox = Sandbox::start();
    for signal in ["-TERM", "-INT"] {
        let Some(terminal) = run(&sandbox, "proxy --port 0", &[]) else {
            return;
        };
        terminal.until("Nothing has arrived yet.");
        let pid = std::fs::read_to_string(sandbox.home.path("pid")).expect("a file");
        let killed = Command::new("kill").args([signal, pid.trim()]).status();
        assert!(killed.expect("it runs").success());
        let left = terminal.until("icanon");
        assert!(left.contains("ended with 0\nicanon"), "{signal}: {left}");
    }
}

#[test]
fn colours_are_left_out_if_nobody_wants_them() {
    let sandbox = Sandbox::start();
    for (variables, expected) in [(&[][..], true), (&[("NO_COLOR", "1")][..], false)] {
        let Some(terminal) = run(&sandbox, "proxy --port 0", variables) else {
            return;
        };
        let proxy = address(&terminal.until("Nothing has arrived yet."));
        send(&proxy, &get("/webhooks"));
        terminal.until("200       list_webhooks");
        let green = terminal.colours().contains("38;5;2m200");
        assert_eq!(green, expected, "{variables:?}");
    }
}

#[test]
fn lines_show_where_they_are_wanted() {
    let sandbox = Sandbox::start();
    for arguments in ["proxy --port 0 --plain", "proxy --port 0 --verbose"] {
        let Some(terminal) = run(&sandbox, arguments, &[]) else {
            return;
        };
        let screen = terminal.until("Ctrl-C to stop");
        let mut lines = screen.lines();
        let line = lines.find_map(|line| line.strip_prefix("http://127.0.0.1:"));
        let port = line.expect("an address");
        send(&format!("127.0.0.1:{port}"), &get("/webhooks"));
        terminal.until("200 GET /webhooks list_webhooks");
        terminal.press(&["C-c"]);
        terminal.until("ended with 0");
    }
}
