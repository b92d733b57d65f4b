//! Deliveries, good and bad, with the answer to each and its reason.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::{Method, Request, StatusCode, Uri};
use upvest_webhooks::signing::{EcdsaEncoding, SignatureVersion, content_digest, digest};
use upvest_webhooks::{FetchedKeys, Verifier};

use crate::support::{
    Draft, KEY_ID, Log, NOW, STRANGER, balance_event, fixed_width, header, params, payload, quoted,
    send, set, verifier,
};

type Wire = Request<Vec<u8>>;

/// What is sent, and what comes of it: the status, how many events are handed out, and a part of the
/// reason.
struct Case(&'static str, fn() -> Wire, u16, usize, &'static str);

fn body() -> String {
    payload(&[balance_event(1, "100.25"), balance_event(2, "80")])
}

/// A delivery of two events, changed before it is signed.
fn signed(change: impl FnOnce(&mut Draft)) -> Wire {
    let mut draft = Draft::new(body());
    change(&mut draft);
    draft.sign()
}

/// A delivery of two events, changed after it was signed.
fn tampered(change: impl FnOnce(&mut Wire)) -> Wire {
    let mut request = signed(|_| {});
    change(&mut request);
    request
}

fn with_body(body: impl Into<Vec<u8>>) -> Wire {
    signed(|draft| draft.set_body(body))
}

fn with_params(params: &str) -> Wire {
    signed(|draft| draft.params = params.to_owned())
}

/// Changes the bytes of the signature.
fn resigned(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Wire {
    let draft = Draft::new(body());
    let mut request = draft.sign();
    let value = header(&request, "signature");
    let bytes = STANDARD.decode(value[6..].trim_matches(':')).unwrap();
    set(
        &mut request,
        "signature",
        &format!("sig1=:{}:", STANDARD.encode(change(bytes))),
    );
    request
}

fn edited(name: &'static str, change: impl FnOnce(String) -> String) -> Wire {
    tampered(|request| {
        let value = change(header(request, name));
        set(request, name, &value);
    })
}

fn version_15() -> Wire {
    signed(|draft| {
        draft.quote = "\"";
        draft.uncover("digest");
        draft.headers.remove("digest");
        let digest = content_digest(&draft.body);
        draft.set("content-digest", &digest);
        draft.cover("content-digest");
        draft.set("upvest-signature-version", "15");
    })
}

const OTHER: &str = r#"{"payload":[]}"#;

/// All of them against a verifier as it comes.
const CASES: &[Case] = &[
    // What is fine.
    Case("as it should be", || signed(|_| {}), 200, 2, ""),
    Case(
        "no query",
        || {
            signed(|draft| {
                draft.uri = Uri::from_static("/hooks/upvest");
                draft.uncover("@query");
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "only what is required is covered",
        || {
            signed(|draft| {
                draft.components = ["@path", "digest", "@query", "@method"].map(quoted).into()
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "the host is covered, too",
        || signed(|draft| draft.cover("@authority")),
        200,
        2,
        "",
    ),
    Case(
        "authorization and client id are covered",
        || {
            signed(|draft| {
                draft.set("authorization", "Bearer token");
                draft.set("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40");
                draft.cover("authorization");
                draft.cover("upvest-client-id");
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "an uncovered header is added",
        || tampered(|r| set(r, "x-forwarded-for", "::1")),
        200,
        2,
        "",
    ),
    Case(
        "the host is changed, uncovered",
        || tampered(|r| set(r, "host", "10.0.0.1")),
        200,
        2,
        "",
    ),
    Case(
        "blanks around values of headers",
        || {
            tampered(|r| {
                for name in ["accept", "content-type", "digest"] {
                    let value = format!(" \t{} ", header(r, name));
                    set(r, name, &value);
                }
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "blanks within signature-input",
        || {
            edited("signature-input", |value| {
                value.replace("(\"", "(   \"").replace("\" \"", "\"   \"")
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "blanks around the signature",
        || edited("signature", |value| format!("  {value}  ")),
        200,
        2,
        "",
    ),
    Case(
        "a covered header in two lines",
        || {
            signed(|draft| {
                draft
                    .headers
                    .append("accept", "application/json".parse().unwrap());
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "a second digest of another algorithm",
        || {
            signed(|draft| {
                let both = format!("SHA-512=AAAA,{}", digest(&draft.body));
                draft.set("digest", &both);
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "another signature with a label of its own",
        || {
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
        200,
        2,
        "",
    ),
    Case(
        "another signature in a line of its own",
        || {
            tampered(|r| {
                let headers = r.headers_mut();
                headers.append(
                    "signature-input",
                    "proxy=(\"@path\");keyid=\"x\"".parse().unwrap(),
                );
                headers.append("signature", "proxy=:AAAA:".parse().unwrap());
            })
        },
        200,
        2,
        "",
    ),
    Case(
        "fixed width instead of DER",
        || signed(|draft| draft.fixed_width = true),
        200,
        2,
        "",
    ),
    Case(
        "no expires",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created={NOW}")),
        200,
        2,
        "",
    ),
    Case(
        "parameters in another order",
        || {
            with_params(&format!(
                ";nonce=\"a\";expires={};keyid=\"{KEY_ID}\";created={}",
                NOW + 60,
                NOW
            ))
        },
        200,
        2,
        "",
    ),
    Case(
        "a parameter that nobody knows",
        || with_params(&format!("{};tag=\"upvest\"", params(NOW, NOW + 5))),
        200,
        2,
        "",
    ),
    Case(
        "expired 15 minutes ago",
        || with_params(&params(NOW - 905, NOW - 900)),
        200,
        2,
        "",
    ),
    Case(
        "created 30 seconds ahead",
        || with_params(&params(NOW + 30, NOW + 35)),
        200,
        2,
        "",
    ),
    Case("no events", || with_body(OTHER), 200, 0, ""),
    Case(
        "members beside the payload",
        || {
            with_body(format!(
                r#"{{"version":2,"payload":[{}]}}"#,
                balance_event(3, "1")
            ))
        },
        200,
        1,
        "",
    ),
    Case(
        "one event without the wrapper",
        || with_body(balance_event(3, "1")),
        200,
        1,
        "",
    ),
    // Signed by Upvest, and of no use: taken, so that what follows can come.
    Case(
        "no body",
        || {
            signed(|draft| {
                draft.body.clear();
                for name in ["digest", "content-type", "content-length"] {
                    draft.uncover(name);
                    draft.headers.remove(name);
                }
            })
        },
        200,
        1,
        "",
    ),
    Case("no JSON", || with_body("payload="), 200, 1, ""),
    Case("cut short", || with_body(&body()[..100]), 200, 1, ""),
    Case(
        "not UTF-8",
        || with_body(&b"{\"payload\":[\"\xff\"]}"[..]),
        200,
        1,
        "",
    ),
    Case(
        "a byte order mark",
        || with_body(format!("\u{feff}{}", body())),
        200,
        1,
        "",
    ),
    Case(
        "a payload that is no array",
        || with_body(r#"{"payload":{}}"#),
        200,
        1,
        "",
    ),
    Case(
        "two payloads",
        || with_body(r#"{"payload":[],"payload":[]}"#),
        200,
        1,
        "",
    ),
    Case(
        "events that are none",
        || with_body(r#"{"payload":[null,1,"a",[],{}]}"#),
        200,
        5,
        "",
    ),
    Case(
        "a good event among bad ones",
        || {
            with_body(payload(&[
                r#"{"type":"CASH_BALANCE.UPDATED"}"#.to_owned(),
                balance_event(3, "1"),
                balance_event(4, "not a number"),
            ]))
        },
        200,
        3,
        "",
    ),
    Case(
        "nesting without end",
        || {
            let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
            with_body(payload(&[deep, balance_event(3, "1")]))
        },
        200,
        2,
        "",
    ),
    Case(
        "nesting that does not close",
        || with_body("[".repeat(50_000)),
        200,
        1,
        "",
    ),
    Case(
        "numbers without end",
        || with_body(payload(&["9".repeat(50_000), "1e999999".to_owned()])),
        200,
        2,
        "",
    ),
    Case(
        "more events than are looked at",
        || with_body(payload(&vec!["0".to_owned(); 10_001])),
        200,
        1,
        "",
    ),
    // Changed on the way.
    Case(
        "the method",
        || tampered(|r| *r.method_mut() = Method::PUT),
        405,
        0,
        "the method is PUT",
    ),
    Case(
        "the path",
        || tampered(|r| *r.uri_mut() = Uri::from_static("/hooks/other?tenant=7")),
        401,
        0,
        "does not match",
    ),
    Case(
        "the case of the path",
        || tampered(|r| *r.uri_mut() = Uri::from_static("/Hooks/upvest?tenant=7")),
        401,
        0,
        "does not match",
    ),
    Case(
        "the query",
        || tampered(|r| *r.uri_mut() = Uri::from_static("/hooks/upvest?tenant=8")),
        401,
        0,
        "does not match",
    ),
    Case(
        "the query is removed",
        || tampered(|r| *r.uri_mut() = Uri::from_static("/hooks/upvest")),
        401,
        0,
        "covers `@query`, which the request does not have",
    ),
    Case(
        "a query is added",
        || {
            let mut request = signed(|draft| {
                draft.uri = Uri::from_static("/hooks/upvest");
                draft.uncover("@query");
            });
            *request.uri_mut() = Uri::from_static("/hooks/upvest?tenant=7");
            request
        },
        401,
        0,
        "does not cover the component `@query`",
    ),
    Case(
        "accept",
        || tampered(|r| set(r, "accept", "text/html")),
        401,
        0,
        "does not match",
    ),
    Case(
        "accept is removed",
        || {
            tampered(|r| {
                r.headers_mut().remove("accept");
            })
        },
        401,
        0,
        "covers `accept`, which the request does not have",
    ),
    Case(
        "accept is repeated",
        || {
            tampered(|r| {
                r.headers_mut().append("accept", "*/*".parse().unwrap());
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "the type",
        || tampered(|r| set(r, "content-type", "text/plain")),
        401,
        0,
        "does not match",
    ),
    Case(
        "the type is removed",
        || {
            tampered(|r| {
                r.headers_mut().remove("content-type");
            })
        },
        401,
        0,
        "covers `content-type`",
    ),
    Case(
        "the length",
        || tampered(|r| set(r, "content-length", "1")),
        401,
        0,
        "does not match",
    ),
    Case(
        "the length is removed",
        || {
            tampered(|r| {
                r.headers_mut().remove("content-length");
            })
        },
        401,
        0,
        "covers `content-length`",
    ),
    Case(
        "the digest",
        || tampered(|r| set(r, "digest", &digest(b"{}"))),
        401,
        0,
        "does not match the request",
    ),
    Case(
        "the digest is removed",
        || {
            tampered(|r| {
                r.headers_mut().remove("digest");
            })
        },
        401,
        0,
        "covers `digest`",
    ),
    Case(
        "a digit of the body",
        || {
            tampered(|r| {
                let text = String::from_utf8(r.body().clone())
                    .unwrap()
                    .replace("100.25", "900.25");
                *r.body_mut() = text.into();
            })
        },
        401,
        0,
        "digest does not match the body",
    ),
    Case(
        "a blank in the body",
        || {
            tampered(|r| {
                let text = String::from_utf8(r.body().clone())
                    .unwrap()
                    .replace("00,\"", "00, \"");
                *r.body_mut() = text.into();
                r.body_mut().push(b' ');
            })
        },
        401,
        0,
        "content-length is",
    ),
    Case(
        "the body of another delivery",
        || tampered(|r| *r.body_mut() = OTHER.into()),
        401,
        0,
        "content-length is",
    ),
    Case(
        "the body and the digest of another delivery",
        || {
            tampered(|r| {
                *r.body_mut() = OTHER.into();
                set(r, "digest", &digest(OTHER.as_bytes()));
                set(r, "content-length", &OTHER.len().to_string());
            })
        },
        401,
        0,
        "does not match the request",
    ),
    Case(
        "the body is cut",
        || tampered(|r| r.body_mut().truncate(50)),
        401,
        0,
        "content-length is",
    ),
    Case(
        "the body is removed",
        || tampered(|r| r.body_mut().clear()),
        401,
        0,
        "content-length is",
    ),
    Case(
        "a covered host",
        || {
            let mut request = signed(|draft| draft.cover("@authority"));
            set(&mut request, "host", "evil.example.com");
            request
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "the lifetime",
        || {
            edited("signature-input", |value| {
                value.replace(";expires=", ";expires=1")
            })
        },
        401,
        0,
        "valid for",
    ),
    Case(
        "created",
        || {
            edited("signature-input", |value| {
                value.replace("created=1699999999", "created=1699999998")
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "the nonce",
        || {
            edited("signature-input", |value| {
                value.replace("o085M4c", "o085M4d")
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "the order of the components",
        || {
            edited("signature-input", |value| {
                value.replace("\"@method\" \"@path\"", "\"@path\" \"@method\"")
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "a component less",
        || edited("signature-input", |value| value.replace("\"accept\" ", "")),
        401,
        0,
        "does not match",
    ),
    Case(
        "a component more",
        || {
            edited("signature-input", |value| {
                value.replace("\"accept\" ", "\"accept\" \"host\" ")
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "a parameter more",
        || edited("signature-input", |value| format!("{value};tag=\"a\"")),
        401,
        0,
        "does not match",
    ),
    // What the signature does not cover.
    Case(
        "not the method",
        || signed(|draft| draft.uncover("@method")),
        401,
        0,
        "does not cover the component `@method`",
    ),
    Case(
        "not the path",
        || signed(|draft| draft.uncover("@path")),
        401,
        0,
        "does not cover the component `@path`",
    ),
    Case(
        "not the query",
        || signed(|draft| draft.uncover("@query")),
        401,
        0,
        "does not cover the component `@query`",
    ),
    Case(
        "not the digest",
        || signed(|draft| draft.uncover("digest")),
        401,
        0,
        "does not cover the component `digest`",
    ),
    Case(
        "nothing",
        || signed(|draft| draft.components.clear()),
        401,
        0,
        "does not cover",
    ),
    // Digests of other kinds.
    Case(
        "SHA-512",
        || {
            signed(|draft| {
                draft.set("digest", "SHA-512=WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==")
            })
        },
        401,
        0,
        "no digest of the algorithm",
    ),
    Case(
        "the digest as version 15 writes it",
        || {
            signed(|draft| {
                let value = digest(&draft.body).replace("SHA-256=", "sha-256=:") + ":";
                draft.set("digest", &value);
            })
        },
        401,
        0,
        "malformed",
    ),
    Case(
        "content-digest",
        || {
            signed(|draft| {
                draft.uncover("digest");
                let value = content_digest(&draft.body);
                draft.set("content-digest", &value);
                draft.cover("content-digest");
            })
        },
        401,
        0,
        "does not cover the component `digest`",
    ),
    Case(
        "a digest of something else, signed",
        || signed(|draft| draft.set("digest", &digest(b"{}"))),
        401,
        0,
        "digest does not match the body",
    ),
    Case(
        "two digests",
        || {
            signed(|draft| {
                let value = format!("{},{}", digest(&draft.body), digest(b"{}"));
                draft.set("digest", &value);
            })
        },
        401,
        0,
        "digest",
    ),
    Case(
        "an empty digest",
        || signed(|draft| draft.set("digest", "SHA-256=")),
        401,
        0,
        "digest",
    ),
    // Components of other kinds.
    Case(
        "a derived component that nobody knows",
        || signed(|draft| draft.cover("@target")),
        401,
        0,
        "unknown component",
    ),
    Case(
        "signature-params as a component",
        || signed(|draft| draft.cover("@signature-params")),
        401,
        0,
        "unknown component",
    ),
    Case(
        "a component with a parameter",
        || signed(|draft| draft.components.push("\"host\";sf".to_owned())),
        401,
        0,
        "unknown component",
    ),
    Case(
        "a component in upper case",
        || signed(|draft| draft.cover("Host")),
        401,
        0,
        "unknown component",
    ),
    Case(
        "a component twice",
        || signed(|draft| draft.cover("digest")),
        401,
        0,
        "covered twice",
    ),
    Case(
        "a header that is not there",
        || {
            let mut request = signed(|draft| {
                draft.set("x-gone", "1");
                draft.cover("x-gone");
            });
            request.headers_mut().remove("x-gone");
            request
        },
        401,
        0,
        "covers `x-gone`",
    ),
    Case(
        "a covered value beyond ASCII",
        || {
            signed(|draft| {
                draft.headers.insert(
                    "x-name",
                    http::HeaderValue::from_bytes(b"M\xfcller").unwrap(),
                );
                draft.cover("x-name");
            })
        },
        401,
        0,
        "visible ASCII",
    ),
    Case(
        "a component that is no string",
        || {
            edited("signature-input", |value| {
                value.replace("(\"@method\"", "(42")
            })
        },
        401,
        0,
        "strings",
    ),
    Case(
        "65 components",
        || {
            edited("signature-input", |value| {
                let more: String = (0..65).map(|number| format!(" \"x-{number}\"")).collect();
                value.replace(")", &format!("{more})"))
            })
        },
        401,
        0,
        "too many",
    ),
    Case(
        "10,000 components",
        || {
            edited("signature-input", |value| {
                value.replace(")", &format!("{})", " \"a\"".repeat(10_000)))
            })
        },
        401,
        0,
        "at most 8192",
    ),
    Case(
        "17 parameters",
        || {
            edited("signature-input", |value| {
                let more: String = (0..17).map(|number| format!(";p{number}=1")).collect();
                value + &more
            })
        },
        401,
        0,
        "too many",
    ),
    Case(
        "9 signatures",
        || {
            edited("signature-input", |value| {
                let more: String = (2..10).map(|number| format!(", sig{number}=()")).collect();
                value + &more
            })
        },
        401,
        0,
        "too many",
    ),
    // Headers that are not what they should be.
    Case(
        "no signature-input",
        || {
            tampered(|r| {
                r.headers_mut().remove("signature-input");
            })
        },
        401,
        0,
        "signature-input is missing",
    ),
    Case(
        "no signature",
        || {
            tampered(|r| {
                r.headers_mut().remove("signature");
            })
        },
        401,
        0,
        "signature is missing",
    ),
    Case(
        "an empty signature-input",
        || edited("signature-input", |_| String::new()),
        401,
        0,
        "signature-input",
    ),
    Case(
        "an unclosed list",
        || edited("signature-input", |value| value.replace(')', "")),
        401,
        0,
        "malformed",
    ),
    Case(
        "no list",
        || edited("signature-input", |_| "sig1=\"@method\"".to_owned()),
        401,
        0,
        "malformed",
    ),
    Case(
        "another label",
        || signed(|draft| draft.label = "sig2".to_owned()),
        401,
        0,
        "labelled `sig1`",
    ),
    Case(
        "another label in signature alone",
        || edited("signature", |value| value.replace("sig1", "sig2")),
        401,
        0,
        "labelled `sig1`",
    ),
    Case(
        "the label twice in signature-input",
        || edited("signature-input", |value| format!("sig1=(), {value}")),
        401,
        0,
        "two signatures",
    ),
    Case(
        "the label twice in signature",
        || edited("signature", |value| format!("{value}, {value}")),
        401,
        0,
        "two signatures",
    ),
    Case(
        "a signature that is a string",
        || edited("signature", |_| "sig1=\"AAAA\"".to_owned()),
        401,
        0,
        "malformed",
    ),
    Case(
        "a signature that is no base64",
        || edited("signature", |_| "sig1=:*:".to_owned()),
        401,
        0,
        "malformed",
    ),
    Case(
        "base64 without padding",
        || {
            let mut request = signed(|draft| draft.fixed_width = true);
            // 134 bytes need padding.
            set(
                &mut request,
                "signature",
                &format!("sig1=:{}:", STANDARD_NO_PAD.encode([0x30; 134])),
            );
            request
        },
        401,
        0,
        "padding",
    ),
    // Parameters.
    Case(
        "no keyid",
        || with_params(&format!(";created={NOW};expires={}", NOW + 5)),
        401,
        0,
        "no parameter `keyid`",
    ),
    Case(
        "no created",
        || with_params(&format!(";keyid=\"{KEY_ID}\";expires={}", NOW + 5)),
        401,
        0,
        "no parameter `created`",
    ),
    Case(
        "keyid as a token",
        || with_params(&format!(";keyid=key;created={NOW}")),
        401,
        0,
        "`keyid`",
    ),
    Case(
        "created as text",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created=\"{NOW}\"")),
        401,
        0,
        "`created`",
    ),
    Case(
        "created with a fraction",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created={NOW}.5")),
        401,
        0,
        "`created`",
    ),
    Case(
        "created before 1970",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created=-1")),
        401,
        0,
        "`created`",
    ),
    Case(
        "created at the end of numbers",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created=999999999999999")),
        401,
        0,
        "in the future",
    ),
    Case(
        "created beyond the end of numbers",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created=1000000000000000")),
        401,
        0,
        "malformed",
    ),
    Case(
        "created twice",
        || with_params(&format!(";keyid=\"{KEY_ID}\";created=1;created={NOW}")),
        401,
        0,
        "twice",
    ),
    Case(
        "expired at once",
        || with_params(&params(NOW, NOW)),
        401,
        0,
        "never valid",
    ),
    Case(
        "expired before it was created",
        || with_params(&params(NOW, NOW - 1)),
        401,
        0,
        "never valid",
    ),
    Case(
        "valid for too long",
        || with_params(&params(NOW, NOW + 3601)),
        401,
        0,
        "valid for 3601 s",
    ),
    Case(
        "expired too long ago",
        || with_params(&params(NOW - 1000, NOW - 931)),
        401,
        0,
        "expired 931 s ago",
    ),
    Case(
        "created too far ahead",
        || with_params(&params(NOW + 31, NOW + 36)),
        401,
        0,
        "31 s in the future",
    ),
    Case(
        "alg",
        || {
            with_params(&format!(
                "{};alg=\"ecdsa-p256-sha256\"",
                params(NOW, NOW + 5)
            ))
        },
        401,
        0,
        "`alg`",
    ),
    // Keys and signatures.
    Case(
        "a key that nobody knows",
        || with_params(&format!(";keyid=\"nobody\";created={NOW}")),
        401,
        0,
        "no key is known by the keyid `nobody`",
    ),
    Case(
        "an empty keyid",
        || with_params(&format!(";keyid=\"\";created={NOW}")),
        401,
        0,
        "no key is known",
    ),
    Case(
        "the key of somebody else",
        || signed(|draft| draft.key = STRANGER.clone()),
        401,
        0,
        "does not match",
    ),
    Case(
        "the signature of another delivery",
        || {
            let other = with_body(OTHER);
            let mut request = signed(|_| {});
            set(&mut request, "signature", &header(&other, "signature"));
            request
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "an empty signature",
        || resigned(|_| Vec::new()),
        401,
        0,
        "not encoded as",
    ),
    Case(
        "a bit of the signature",
        || {
            resigned(|mut bytes| {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                bytes
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "a byte more behind DER",
        || {
            resigned(|mut bytes| {
                bytes.push(0);
                bytes
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "a byte less of DER",
        || {
            resigned(|mut bytes| {
                bytes.pop();
                bytes
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "a bit of fixed width",
        || {
            resigned(|bytes| {
                let mut fixed = fixed_width(&bytes);
                fixed[131] ^= 1;
                fixed
            })
        },
        401,
        0,
        "does not match",
    ),
    Case(
        "a byte less of fixed width",
        || resigned(|bytes| fixed_width(&bytes)[1..].to_vec()),
        401,
        0,
        "not encoded as",
    ),
    Case(
        "zeros in fixed width",
        || resigned(|_| vec![0; 132]),
        401,
        0,
        "does not match",
    ),
    Case(
        "zeros in DER",
        || resigned(|_| vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
        401,
        0,
        "does not match",
    ),
    // Versions.
    Case(
        "version 15",
        version_15,
        401,
        0,
        "upvest-signature-version is 15; expected missing",
    ),
    Case(
        "version 15 without its header",
        || signed(|draft| draft.quote = "\""),
        401,
        0,
        "does not match",
    ),
    Case(
        "version 6 in the header",
        || tampered(|r| set(r, "upvest-signature-version", "6")),
        401,
        0,
        "upvest-signature-version is 6",
    ),
    Case(
        "version 15 in the header alone",
        || tampered(|r| set(r, "upvest-signature-version", "15")),
        401,
        0,
        "upvest-signature-version is 15",
    ),
    // Requests that are none.
    Case(
        "GET",
        || signed(|draft| draft.method = Method::GET),
        405,
        0,
        "deliveries are POST",
    ),
    Case(
        "post in lower case",
        || signed(|draft| draft.method = Method::from_bytes(b"post").unwrap()),
        405,
        0,
        "deliveries are POST",
    ),
    Case(
        "too long",
        || with_body(vec![b' '; 2 * 1024 * 1024 + 1]),
        413,
        0,
        "longer than 2097152 bytes",
    ),
    Case(
        "too long, as it says",
        || tampered(|r| set(r, "content-length", "2097153")),
        413,
        0,
        "longer than",
    ),
    Case(
        "nothing at all",
        || Request::post("/").body(Vec::new()).unwrap(),
        401,
        0,
        "missing",
    ),
];

#[tokio::test]
async fn each_delivery_gets_the_answer_that_it_deserves() {
    assert!(CASES.len() >= 60);
    let mut wrong = Vec::new();
    for Case(name, request, status, events, reason) in CASES {
        let log = Log::default();
        let answer = send(&log.receiver(verifier()), request()).await;
        let handed_out = log.handed_out().len();
        let reports = log.reports();
        let is_told = reports.iter().any(|report| report.contains(reason));
        if answer != *status || handed_out != *events || !is_told {
            wrong.push(format!(
                "{name}: {answer}, {handed_out} events, {reports:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_reason_belongs_to_a_case_by_itself() {
    // Whatever is refused after verification would go unnoticed if the original were refused, too.
    let log = Log::default();
    let receiver = log.receiver(verifier());
    for Case(name, request, status, ..) in CASES {
        send(&receiver, signed(|_| {})).await;
        let answer = send(&receiver, request()).await;
        assert_eq!(answer, *status, "{name}, after a delivery that was fine");
    }
}

async fn answer(verifier: Verifier, request: Wire) -> (StatusCode, String) {
    let log = Log::default();
    let status = send(&log.receiver(verifier), request).await;
    (status, log.reports().join("\n"))
}

#[tokio::test]
async fn what_is_accepted_can_be_told() {
    let both = || verifier().versions([SignatureVersion::V6, SignatureVersion::V15]);
    assert_eq!(answer(both(), version_15()).await.0, 200);
    assert_eq!(answer(both(), signed(|_| {})).await.0, 200);
    let only_15 = verifier().versions([SignatureVersion::V15]);
    assert_eq!(answer(only_15, signed(|_| {})).await.0, 401);

    let der = || verifier().ecdsa_encoding(EcdsaEncoding::Der);
    let fixed = || verifier().ecdsa_encoding(EcdsaEncoding::FixedWidth);
    let in_fixed_width = || signed(|draft| draft.fixed_width = true);
    assert_eq!(answer(der(), signed(|_| {})).await.0, 200);
    assert_eq!(answer(der(), in_fixed_width()).await.0, 401);
    assert_eq!(answer(fixed(), signed(|_| {})).await.0, 401);
    assert_eq!(answer(fixed(), in_fixed_width()).await.0, 200);

    let (status, reason) = answer(
        verifier().required(["@method", "@authority"]),
        signed(|_| {}),
    )
    .await;
    assert_eq!(status, 401);
    assert!(reason.contains("`@authority`"), "{reason}");
    let (status, reason) = answer(
        verifier().required([] as [&str; 0]),
        signed(|draft| draft.uncover("digest")),
    )
    .await;
    assert_eq!(status, 401, "the digest is required whatever is");
    assert!(reason.contains("`digest`"), "{reason}");

    let without_expires = || with_params(&format!(";keyid=\"{KEY_ID}\";created={NOW}"));
    assert_eq!(
        answer(verifier().expires_required(), without_expires())
            .await
            .0,
        401
    );
    let strict = verifier().grace(std::time::Duration::ZERO);
    let late = || with_params(&params(NOW - 60, NOW - 31));
    assert_eq!(answer(strict, late()).await.0, 401);
    let patient = verifier().grace(std::time::Duration::MAX);
    assert_eq!(answer(patient, with_params(&params(1, 2))).await.0, 200);
}

#[tokio::test]
async fn the_path_may_be_that_which_a_proxy_was_asked_for() {
    let mut request = signed(|_| {});
    *request.uri_mut() = Uri::from_static("/internal?tenant=7");
    let told = || verifier().path("/hooks/upvest".parse().unwrap());
    assert_eq!(answer(told(), request.clone()).await.0, 200);
    assert_eq!(answer(verifier(), request.clone()).await.0, 401);
    *request.uri_mut() = Uri::from_static("/internal?tenant=8");
    assert_eq!(
        answer(told(), request).await.0,
        401,
        "the query is still its own"
    );
}

#[tokio::test]
async fn without_keys_nothing_can_be_told() {
    let keys = FetchedKeys::new(|| async { Err("no network".into()) });
    let verifier = Verifier::new(keys).clock(|| crate::support::at(NOW));
    let (status, reason) = answer(verifier.clone(), signed(|_| {})).await;
    assert_eq!(status, 503);
    assert!(reason.contains("cannot be fetched"), "{reason}");
    // What is wrong in any case is wrong nevertheless.
    let (status, _) = answer(verifier, signed(|draft| draft.uncover("digest"))).await;
    assert_eq!(status, 401);
}
