//! Deliveries that are taken.

use http::Uri;
use upvest_webhooks::signing::digest;

use super::{Case, OTHER, TAKEN, body, edited, signed, tampered, with_body, with_params};
use crate::support::{KEY_ID, NOW, balance_event, header, params, payload, quoted, set};

pub(super) const CASES: &[Case] = &[
    // What is fine.
    Case {
        name: "as it should be",
        request: || signed(|_| {}),
        ..TAKEN
    },
    Case {
        name: "no query",
        request: || {
            signed(|draft| {
                draft.uri = Uri::from_static("/hooks/upvest");
                draft.uncover("@query");
            })
        },
        ..TAKEN
    },
    Case {
        name: "only what is required is covered",
        request: || {
            signed(|draft| {
                draft.components = ["@path", "digest", "@query", "@method"].map(quoted).into()
            })
        },
        ..TAKEN
    },
    Case {
        name: "the host is covered, too",
        request: || signed(|draft| draft.cover("@authority")),
        ..TAKEN
    },
    Case {
        name: "authorization and client id are covered",
        request: || {
            signed(|draft| {
                draft.set("authorization", "Bearer token");
                draft.set("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40");
                draft.cover("authorization");
                draft.cover("upvest-client-id");
            })
        },
        ..TAKEN
    },
    Case {
        name: "an uncovered header is added",
        request: || tampered(|r| set(r, "x-forwarded-for", "::1")),
        ..TAKEN
    },
    Case {
        name: "the host is changed, uncovered",
        request: || tampered(|r| set(r, "host", "10.0.0.1")),
        ..TAKEN
    },
    Case {
        name: "blanks around values of headers",
        request: || {
            tampered(|r| {
                for name in ["accept", "content-type", "digest"] {
                    let value = format!(" \t{} ", header(r, name));
                    set(r, name, &value);
                }
            })
        },
        ..TAKEN
    },
    Case {
        name: "blanks within signature-input",
        request: || {
            edited("signature-input", |value| {
                value.replace("(\"", "(   \"").replace("\" \"", "\"   \"")
            })
        },
        ..TAKEN
    },
    Case {
        name: "blanks around the signature",
        request: || edited("signature", |value| format!("  {value}  ")),
        ..TAKEN
    },
    Case {
        name: "a covered header in two lines",
        request: || {
            signed(|draft| {
                draft
                    .headers
                    .append("accept", "application/json".parse().unwrap());
            })
        },
        ..TAKEN
    },
    Case {
        name: "a second digest of another algorithm",
        request: || {
            signed(|draft| {
                let both = format!("SHA-512=AAAA,{}", digest(&draft.body));
                draft.set("digest", &both);
            })
        },
        ..TAKEN
    },
    Case {
        name: "another signature with its own label",
        request: || {
            tampered(|r| {
                let input = format!(
                    "proxy=(\"@nonsense\");keyid=\"x\", {}",
                    header(r, "signature-input")
                );
                let signature = format!("proxy=:AAAA:, {}", header(r, "signature"));
                set(r, "signature-input", &input);
                set(r, "signature", &signature);
            })
        },
        ..TAKEN
    },
    Case {
        name: "another signature in a separate line",
        request: || {
            tampered(|r| {
                let headers = r.headers_mut();
                headers.append(
                    "signature-input",
                    "proxy=(\"@path\");keyid=\"x\"".parse().unwrap(),
                );
                headers.append("signature", "proxy=:AAAA:".parse().unwrap());
            })
        },
        ..TAKEN
    },
    Case {
        name: "fixed width instead of DER",
        request: || signed(|draft| draft.fixed_width = true),
        ..TAKEN
    },
    Case {
        name: "no expires",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created={NOW}")),
        ..TAKEN
    },
    Case {
        name: "no expires, after five minutes and the skew",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created={}", NOW - 330)),
        ..TAKEN
    },
    Case {
        name: "parameters in another order",
        request: || {
            with_params(&format!(
                ";nonce=\"a\";expires={};keyid=\"{KEY_ID}\";created={}",
                NOW + 60,
                NOW
            ))
        },
        ..TAKEN
    },
    Case {
        name: "a parameter that nobody knows",
        request: || with_params(&format!("{};tag=\"upvest\"", params(NOW, NOW + 5))),
        ..TAKEN
    },
    Case {
        name: "expired 15 minutes ago",
        request: || with_params(&params(NOW - 905, NOW - 900)),
        ..TAKEN
    },
    Case {
        name: "created 30 seconds ahead",
        request: || with_params(&params(NOW + 30, NOW + 35)),
        ..TAKEN
    },
    Case {
        name: "no events",
        request: || with_body(OTHER),
        events: 0,
        ..TAKEN
    },
    Case {
        name: "members beside the payload",
        request: || {
            with_body(format!(
                r#"{{"version":2,"payload":[{}]}}"#,
                balance_event(3, "1")
            ))
        },
        events: 1,
        ..TAKEN
    },
    Case {
        name: "one event without the wrapper",
        request: || with_body(balance_event(3, "1")),
        events: 1,
        ..TAKEN
    },
    // Signed by Upvest, and of no use: taken, so that what follows can come.
    Case {
        name: "no body",
        request: || {
            signed(|draft| {
                draft.body.clear();
                for name in ["digest", "content-type", "content-length"] {
                    draft.uncover(name);
                    draft.headers.remove(name);
                }
            })
        },
        events: 1,
        ..TAKEN
    },
    Case {
        name: "no JSON",
        request: || with_body("payload="),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "cut short",
        request: || with_body(&body()[..100]),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "not UTF-8",
        request: || with_body(&b"{\"payload\":[\"\xff\"]}"[..]),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "a byte order mark",
        request: || with_body(format!("\u{feff}{}", body())),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "a payload that is not an array",
        request: || with_body(r#"{"payload":{}}"#),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "two payloads",
        request: || with_body(r#"{"payload":[],"payload":[]}"#),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "values that are not events",
        request: || with_body(r#"{"payload":[null,1,"a",[],{}]}"#),
        events: 5,
        ..TAKEN
    },
    Case {
        name: "a good event among bad ones",
        request: || {
            with_body(payload(&[
                r#"{"type":"CASH_BALANCE.UPDATED"}"#.to_owned(),
                balance_event(3, "1"),
                balance_event(4, "not a number"),
            ]))
        },
        events: 3,
        ..TAKEN
    },
    Case {
        name: "nesting without end",
        request: || {
            let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
            with_body(payload(&[deep, balance_event(3, "1")]))
        },
        ..TAKEN
    },
    Case {
        name: "nesting that does not close",
        request: || with_body("[".repeat(50_000)),
        events: 1,
        ..TAKEN
    },
    Case {
        name: "numbers without end",
        request: || with_body(payload(&["9".repeat(50_000), "1e999999".to_owned()])),
        ..TAKEN
    },
    Case {
        name: "more events than are looked at",
        request: || with_body(payload(&vec!["0".to_owned(); 10_001])),
        events: 1,
        ..TAKEN
    },
];
