//! Deliveries that were changed on the way, or that the signature does not cover.

use http::{Method, Uri};
use upvest_webhooks::signing::digest;

use super::{Case, OTHER, REFUSED, edited, signed, tampered};
use crate::support::set;

pub(super) const CASES: &[Case] = &[
    // Changed on the way.
    Case {
        name: "the method",
        request: || tampered(|r| *r.method_mut() = Method::PUT),
        status: 405,
        reason: "the method is PUT",
        ..REFUSED
    },
    Case {
        name: "the path",
        request: || tampered(|r| *r.uri_mut() = Uri::from_static("/hooks/other?tenant=7")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the case of the path",
        request: || tampered(|r| *r.uri_mut() = Uri::from_static("/Hooks/upvest?tenant=7")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the query",
        request: || tampered(|r| *r.uri_mut() = Uri::from_static("/hooks/upvest?tenant=8")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the query is removed",
        request: || tampered(|r| *r.uri_mut() = Uri::from_static("/hooks/upvest")),
        reason: "covers `@query`, which the request does not have",
        ..REFUSED
    },
    Case {
        name: "a query is added",
        request: || {
            let mut request = signed(|draft| {
                draft.uri = Uri::from_static("/hooks/upvest");
                draft.uncover("@query");
            });
            *request.uri_mut() = Uri::from_static("/hooks/upvest?tenant=7");
            request
        },
        reason: "does not cover the component `@query`",
        ..REFUSED
    },
    Case {
        name: "accept",
        request: || tampered(|r| set(r, "accept", "text/html")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "accept is removed",
        request: || {
            tampered(|r| {
                r.headers_mut().remove("accept");
            })
        },
        reason: "covers `accept`, which the request does not have",
        ..REFUSED
    },
    Case {
        name: "accept is repeated",
        request: || {
            tampered(|r| {
                r.headers_mut().append("accept", "*/*".parse().unwrap());
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the type",
        request: || tampered(|r| set(r, "content-type", "text/plain")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the type is removed",
        request: || {
            tampered(|r| {
                r.headers_mut().remove("content-type");
            })
        },
        reason: "covers `content-type`",
        ..REFUSED
    },
    Case {
        name: "the length",
        request: || tampered(|r| set(r, "content-length", "1")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the length is removed",
        request: || {
            tampered(|r| {
                r.headers_mut().remove("content-length");
            })
        },
        reason: "covers `content-length`",
        ..REFUSED
    },
    Case {
        name: "the digest",
        request: || tampered(|r| set(r, "digest", &digest(b"{}"))),
        reason: "does not match the request",
        ..REFUSED
    },
    Case {
        name: "the digest is removed",
        request: || {
            tampered(|r| {
                r.headers_mut().remove("digest");
            })
        },
        reason: "covers `digest`",
        ..REFUSED
    },
    Case {
        name: "a digit of the body",
        request: || {
            tampered(|r| {
                let text = String::from_utf8(r.body().clone())
                    .unwrap()
                    .replace("100.25", "900.25");
                *r.body_mut() = text.into();
            })
        },
        reason: "digest does not match the body",
        ..REFUSED
    },
    Case {
        name: "a blank in the body",
        request: || {
            tampered(|r| {
                let text = String::from_utf8(r.body().clone())
                    .unwrap()
                    .replace("00,\"", "00, \"");
                *r.body_mut() = text.into();
                r.body_mut().push(b' ');
            })
        },
        reason: "content-length is",
        ..REFUSED
    },
    Case {
        name: "the body of another delivery",
        request: || tampered(|r| *r.body_mut() = OTHER.into()),
        reason: "content-length is",
        ..REFUSED
    },
    Case {
        name: "the body and the digest of another delivery",
        request: || {
            tampered(|r| {
                *r.body_mut() = OTHER.into();
                set(r, "digest", &digest(OTHER.as_bytes()));
                set(r, "content-length", &OTHER.len().to_string());
            })
        },
        reason: "does not match the request",
        ..REFUSED
    },
    Case {
        name: "the body is cut",
        request: || tampered(|r| r.body_mut().truncate(50)),
        reason: "content-length is",
        ..REFUSED
    },
    Case {
        name: "the body is removed",
        request: || tampered(|r| r.body_mut().clear()),
        reason: "content-length is",
        ..REFUSED
    },
    Case {
        name: "a covered host",
        request: || {
            let mut request = signed(|draft| draft.cover("@authority"));
            set(&mut request, "host", "evil.example.com");
            request
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the lifetime",
        request: || {
            edited("signature-input", |value| {
                value.replace(";expires=", ";expires=1")
            })
        },
        reason: "valid for",
        ..REFUSED
    },
    Case {
        name: "created",
        request: || {
            edited("signature-input", |value| {
                value.replace("created=1699999999", "created=1699999998")
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the nonce",
        request: || {
            edited("signature-input", |value| {
                value.replace("o085M4c", "o085M4d")
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the order of the components",
        request: || {
            edited("signature-input", |value| {
                value.replace("\"@method\" \"@path\"", "\"@path\" \"@method\"")
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a component less",
        request: || edited("signature-input", |value| value.replace("\"accept\" ", "")),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a component more",
        request: || {
            edited("signature-input", |value| {
                value.replace("\"accept\" ", "\"accept\" \"host\" ")
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a parameter more",
        request: || edited("signature-input", |value| format!("{value};tag=\"a\"")),
        reason: "does not match",
        ..REFUSED
    },
    // What the signature does not cover.
    Case {
        name: "not the method",
        request: || signed(|draft| draft.uncover("@method")),
        reason: "does not cover the component `@method`",
        ..REFUSED
    },
    Case {
        name: "not the path",
        request: || signed(|draft| draft.uncover("@path")),
        reason: "does not cover the component `@path`",
        ..REFUSED
    },
    Case {
        name: "not the query",
        request: || signed(|draft| draft.uncover("@query")),
        reason: "does not cover the component `@query`",
        ..REFUSED
    },
    Case {
        name: "not the digest",
        request: || signed(|draft| draft.uncover("digest")),
        reason: "does not cover the component `digest`",
        ..REFUSED
    },
    Case {
        name: "nothing",
        request: || signed(|draft| draft.components.clear()),
        reason: "does not cover",
        ..REFUSED
    },
];
