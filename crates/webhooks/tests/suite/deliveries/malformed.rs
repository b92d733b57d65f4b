//! Digests, components and headers that are not what they should be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use upvest_webhooks::signing::{content_digest, digest};

use super::{Case, REFUSED, edited, signed, tampered};
use crate::support::set;

pub(super) const CASES: &[Case] = &[
    // Digests of other kinds.
    Case {
        name: "SHA-512",
        request: || {
            signed(|draft| {
                draft.set("digest", "SHA-512=WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==")
            })
        },
        reason: "no digest of the expected algorithm",
        ..REFUSED
    },
    Case {
        name: "the digest as version 15 writes it",
        request: || {
            signed(|draft| {
                let value = digest(&draft.body).replace("SHA-256=", "sha-256=:") + ":";
                draft.set("digest", &value);
            })
        },
        reason: "malformed",
        ..REFUSED
    },
    Case {
        name: "content-digest",
        request: || {
            signed(|draft| {
                draft.uncover("digest");
                let value = content_digest(&draft.body);
                draft.set("content-digest", &value);
                draft.cover("content-digest");
            })
        },
        reason: "does not cover the component `digest`",
        ..REFUSED
    },
    Case {
        name: "a digest of something else, signed",
        request: || signed(|draft| draft.set("digest", &digest(b"{}"))),
        reason: "digest does not match the body",
        ..REFUSED
    },
    Case {
        name: "two digests",
        request: || {
            signed(|draft| {
                let value = format!("{},{}", digest(&draft.body), digest(b"{}"));
                draft.set("digest", &value);
            })
        },
        reason: "digest",
        ..REFUSED
    },
    Case {
        name: "an empty digest",
        request: || signed(|draft| draft.set("digest", "SHA-256=")),
        reason: "digest",
        ..REFUSED
    },
    // Components of other kinds.
    Case {
        name: "a derived component that nobody knows",
        request: || signed(|draft| draft.cover("@target")),
        reason: "unknown component",
        ..REFUSED
    },
    Case {
        name: "signature-params as a component",
        request: || signed(|draft| draft.cover("@signature-params")),
        reason: "unknown component",
        ..REFUSED
    },
    Case {
        name: "a component with a parameter",
        request: || signed(|draft| draft.components.push("\"host\";sf".to_owned())),
        reason: "unknown component",
        ..REFUSED
    },
    Case {
        name: "a component in upper case",
        request: || signed(|draft| draft.cover("Host")),
        reason: "unknown component",
        ..REFUSED
    },
    Case {
        name: "a component twice",
        request: || signed(|draft| draft.cover("digest")),
        reason: "covered twice",
        ..REFUSED
    },
    Case {
        name: "a header that is not there",
        request: || {
            let mut request = signed(|draft| {
                draft.set("x-gone", "1");
                draft.cover("x-gone");
            });
            request.headers_mut().remove("x-gone");
            request
        },
        reason: "covers `x-gone`",
        ..REFUSED
    },
    Case {
        name: "a covered value beyond ASCII",
        request: || {
            signed(|draft| {
                draft.headers.insert(
                    "x-name",
                    http::HeaderValue::from_bytes(b"M\xfcller").unwrap(),
                );
                draft.cover("x-name");
            })
        },
        reason: "visible ASCII",
        ..REFUSED
    },
    Case {
        name: "a component that is not a string",
        request: || {
            edited("signature-input", |value| {
                value.replace("(\"@method\"", "(42")
            })
        },
        reason: "strings",
        ..REFUSED
    },
    Case {
        name: "65 components",
        request: || {
            edited("signature-input", |value| {
                let more: String = (0..65).map(|number| format!(" \"x-{number}\"")).collect();
                value.replace(")", &format!("{more})"))
            })
        },
        reason: "too many",
        ..REFUSED
    },
    Case {
        name: "10,000 components",
        request: || {
            edited("signature-input", |value| {
                value.replace(")", &format!("{})", " \"a\"".repeat(10_000)))
            })
        },
        reason: "at most 8192",
        ..REFUSED
    },
    Case {
        name: "17 parameters",
        request: || {
            edited("signature-input", |value| {
                let more: String = (0..17).map(|number| format!(";p{number}=1")).collect();
                value + &more
            })
        },
        reason: "too many",
        ..REFUSED
    },
    Case {
        name: "9 signatures",
        request: || {
            edited("signature-input", |value| {
                let more: String = (2..10).map(|number| format!(", sig{number}=()")).collect();
                value + &more
            })
        },
        reason: "too many",
        ..REFUSED
    },
    // Headers that are not what they should be.
    Case {
        name: "no signature-input",
        request: || {
            tampered(|r| {
                r.headers_mut().remove("signature-input");
            })
        },
        reason: "signature-input is missing",
        ..REFUSED
    },
    Case {
        name: "no signature",
        request: || {
            tampered(|r| {
                r.headers_mut().remove("signature");
            })
        },
        reason: "signature is missing",
        ..REFUSED
    },
    Case {
        name: "an empty signature-input",
        request: || edited("signature-input", |_| String::new()),
        reason: "signature-input",
        ..REFUSED
    },
    Case {
        name: "an unclosed list",
        request: || edited("signature-input", |value| value.replace(')', "")),
        reason: "malformed",
        ..REFUSED
    },
    Case {
        name: "no list",
        request: || edited("signature-input", |_| "sig1=\"@method\"".to_owned()),
        reason: "malformed",
        ..REFUSED
    },
    Case {
        name: "another label",
        request: || signed(|draft| draft.label = "sig2".to_owned()),
        reason: "labelled `sig1`",
        ..REFUSED
    },
    Case {
        name: "another label in signature alone",
        request: || edited("signature", |value| value.replace("sig1", "sig2")),
        reason: "labelled `sig1`",
        ..REFUSED
    },
    Case {
        name: "the label twice in signature-input",
        request: || edited("signature-input", |value| format!("sig1=(), {value}")),
        reason: "two signatures",
        ..REFUSED
    },
    Case {
        name: "the label twice in signature",
        request: || edited("signature", |value| format!("{value}, {value}")),
        reason: "two signatures",
        ..REFUSED
    },
    Case {
        name: "a signature that is a string",
        request: || edited("signature", |_| "sig1=\"AAAA\"".to_owned()),
        reason: "malformed",
        ..REFUSED
    },
    Case {
        name: "a signature that is not base64",
        request: || edited("signature", |_| "sig1=:*:".to_owned()),
        reason: "malformed",
        ..REFUSED
    },
    Case {
        name: "base64 without padding",
        request: || {
            let mut request = signed(|draft| draft.fixed_width = true);
            // 134 bytes need padding.
            set(
                &mut request,
                "signature",
                &format!("sig1=:{}:", STANDARD_NO_PAD.encode([0x30; 134])),
            );
            request
        },
        reason: "padding",
        ..REFUSED
    },
];
