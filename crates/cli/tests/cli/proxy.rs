//! `upvest proxy`.

use crate::support::{ACCOUNT_GROUP, Home, Proxy, Sandbox, json, send, stderr};

fn get(path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nuser-agent: test\r\naccept: application/json\r\n{more}\r\n"
    )
}

#[test]
fn what_is_sent_is_signed_and_has_a_token() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start(&sandbox);
    let path = format!("/account_groups/{ACCOUNT_GROUP}/payments/cash_balances?limit=5");
    let (head, body) = proxy.send(&get(&path, ""));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(body.contains("\"balance\":\"100.25\""), "{body}");

    let body = r#"{"title": "a", "url": "http://127.0.0.1:9/hook", "type": ["USER"]}"#;
    let length = body.len();
    let post = format!(
        "POST /webhooks HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let (head, _) = proxy.send(&post);
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let (head, body) = proxy.send(&get("/nothing", ""));
    assert!(head.starts_with("HTTP/1.1 404"), "{head} {body}");

    let told = proxy.told();
    assert!(
        told.contains("200 GET /account_groups/") && told.contains("retrieve_cash_balances"),
        "{told}"
    );
    assert!(told.contains("201 POST /webhooks create_webhook"), "{told}");
    assert!(
        !told.contains("limit=5") && !told.contains(sandbox.variable("UPVEST_CLIENT_SECRET")),
        "{told}"
    );
}

#[test]
fn web_pages_of_strangers_are_refused() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start(&sandbox);
    let foreign = get("/webhooks", "origin: https://evil.example\r\n");
    let rebound = get("/webhooks", "").replace("localhost", "evil.example");
    for request in [foreign, rebound] {
        let (head, _) = proxy.send(&request);
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    }
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests"], 0);
    let told = proxy.told();
    let refused = told
        .lines()
        .filter(|line| line.starts_with("403 GET /webhooks"));
    assert_eq!(
        refused.filter(|line| line.contains("): ")).count(),
        2,
        "{told}"
    );
}

#[test]
fn many_requests_go_through_at_a_time() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start(&sandbox);
    std::thread::scope(|scope| {
        let send = || {
            (0..10).all(|_| {
                proxy
                    .send(&get("/webhooks", ""))
                    .0
                    .starts_with("HTTP/1.1 200")
            })
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().expect("it ends"))
        );
    });
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests_by_operation"]["list_webhooks"], 80);
    assert_eq!(counters["repeated_nonces"], 0);
}

/// What ten thousand requests leave behind is less than a kilobyte for each.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "it sends ten thousand requests"]
fn ten_thousand_requests_leave_nothing_behind() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start_with(&sandbox, &["--quiet"]);
    let send = |requests: u32| {
        for _ in 0..requests {
            let (head, _) = proxy.send(&get("/webhooks", ""));
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        }
    };
    send(1_000);
    let before = proxy.resident_kilobytes();
    send(10_000);
    let after = proxy.resident_kilobytes();
    eprintln!("{before} kB after 1,000 requests, {after} kB after 11,000");
    assert!(after < before + 10_000, "{before} kB, and then {after} kB");
}

#[test]
fn an_api_that_is_out_of_reach_is_a_bad_gateway() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start(&sandbox);
    sandbox
        .run(&["sandbox", "fault", "closed:always"])
        .success();
    let (head, body) = proxy.send(&get("/webhooks", ""));
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    assert!(body.contains("\"status\":502"), "{body}");
}

#[test]
fn other_machines_have_to_be_let_in() {
    let home = Home::new();
    for more in [["--listen", "0.0.0.0"], ["--allow-host", "dev.example"]] {
        let told = stderr(&home.run(&[&["proxy"], &more[..]].concat()).code(2));
        assert!(told.contains("--allow-network"), "{told}");
    }
}

/// Where other machines are let in, pages and names of strangers are not.
#[test]
fn strangers_are_refused_where_other_machines_are_let_in() {
    let sandbox = Sandbox::start();
    let more = [
        "--allow-network",
        "--listen",
        "0.0.0.0",
        "--allow-host",
        "dev.example",
    ];
    let proxy = Proxy::start_with(&sandbox, &more);
    let port = proxy.address.rsplit(':').next().expect("a port");
    let here = format!("127.0.0.1:{port}");
    let status = |host: &str, more: &str| {
        let request = get("/webhooks", more).replace("localhost", host);
        let (head, _) = send(&here, &request);
        head.split(' ').nth(1).map(str::to_owned)
    };
    let allowed = Some("200".to_owned());
    assert_eq!(status("127.0.0.1", ""), allowed);
    assert_eq!(status("dev.example:3000", ""), allowed);
    let page = "origin: http://dev.example:8080\r\n";
    assert_eq!(status("dev.example", page), allowed);
    let refused = Some("403".to_owned());
    assert_eq!(status("evil.example", ""), refused);
    assert_eq!(
        status("192.0.2.7", ""),
        refused,
        "it arrived at another address"
    );
    let page = "origin: https://evil.example\r\n";
    assert_eq!(status("127.0.0.1", page), refused);
    let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
    assert_eq!(counters["requests_by_operation"]["list_webhooks"], 3);
}
