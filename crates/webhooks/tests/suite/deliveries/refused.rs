//! Parameters, keys, signatures, versions and methods.

use http::{Method, Request};

use super::{
    Case, OTHER, REFUSED, TAKEN, resigned, signed, tampered, version_15, with_body, with_params,
};
use crate::support::{KEY_ID, NOW, STRANGER, fixed_width, header, params, set};

pub(super) const CASES: &[Case] = &[
    // Parameters.
    Case {
        name: "no keyid",
        request: || with_params(&format!(";created={NOW};expires={}", NOW + 5)),
        reason: "no parameter `keyid`",
        ..REFUSED
    },
    Case {
        name: "no created",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";expires={}", NOW + 5)),
        reason: "no parameter `created`",
        ..REFUSED
    },
    Case {
        name: "keyid as a token",
        request: || with_params(&format!(";keyid=key;created={NOW}")),
        reason: "`keyid`",
        ..REFUSED
    },
    Case {
        name: "created as text",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created=\"{NOW}\"")),
        reason: "`created`",
        ..REFUSED
    },
    Case {
        name: "created with a fraction",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created={NOW}.5")),
        reason: "`created`",
        ..REFUSED
    },
    Case {
        name: "created before 1970",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created=-1")),
        reason: "`created`",
        ..REFUSED
    },
    Case {
        name: "created at the end of numbers",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created=999999999999999")),
        reason: "in the future",
        ..REFUSED
    },
    Case {
        name: "created beyond the end of numbers",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created=1000000000000000")),
        reason: "malformed",
        ..REFUSED
    },
    Case {
        name: "created twice",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created=1;created={NOW}")),
        reason: "twice",
        ..REFUSED
    },
    Case {
        name: "expired at once",
        request: || with_params(&params(NOW, NOW)),
        reason: "never valid",
        ..REFUSED
    },
    Case {
        name: "expired before it was created",
        request: || with_params(&params(NOW, NOW - 1)),
        reason: "never valid",
        ..REFUSED
    },
    Case {
        name: "valid for too long",
        request: || with_params(&params(NOW, NOW + 3601)),
        reason: "valid for 3601 s",
        ..REFUSED
    },
    Case {
        name: "expired too long ago",
        request: || with_params(&params(NOW - 1000, NOW - 931)),
        reason: "expired 931 s ago",
        ..REFUSED
    },
    Case {
        name: "no expires, and too old",
        request: || with_params(&format!(";keyid=\"{KEY_ID}\";created={}", NOW - 331)),
        reason: "expired 31 s ago",
        ..REFUSED
    },
    Case {
        name: "created too far ahead",
        request: || with_params(&params(NOW + 31, NOW + 36)),
        reason: "31 s in the future",
        ..REFUSED
    },
    Case {
        name: "alg",
        request: || {
            with_params(&format!(
                "{};alg=\"ecdsa-p256-sha256\"",
                params(NOW, NOW + 5)
            ))
        },
        reason: "`alg`",
        ..REFUSED
    },
    // Keys and signatures.
    Case {
        name: "a key that nobody knows",
        request: || with_params(&format!(";keyid=\"nobody\";created={NOW}")),
        reason: "no key is known with the keyid `nobody`",
        ..REFUSED
    },
    Case {
        name: "an empty keyid",
        request: || with_params(&format!(";keyid=\"\";created={NOW}")),
        reason: "no key is known",
        ..REFUSED
    },
    Case {
        name: "the key of somebody else",
        request: || signed(|draft| draft.key = STRANGER.clone()),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "the signature of another delivery",
        request: || {
            let other = with_body(OTHER);
            let mut request = signed(|_| {});
            set(&mut request, "signature", &header(&other, "signature"));
            request
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "an empty signature",
        request: || resigned(|_| Vec::new()),
        reason: "not encoded as",
        ..REFUSED
    },
    Case {
        name: "a bit of the signature",
        request: || {
            resigned(|mut bytes| {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                bytes
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a byte more behind DER",
        request: || {
            resigned(|mut bytes| {
                bytes.push(0);
                bytes
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a byte less of DER",
        request: || {
            resigned(|mut bytes| {
                bytes.pop();
                bytes
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a bit of fixed width",
        request: || {
            resigned(|bytes| {
                let mut fixed = fixed_width(&bytes);
                fixed[131] ^= 1;
                fixed
            })
        },
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "a byte less of fixed width",
        request: || resigned(|bytes| fixed_width(&bytes)[1..].to_vec()),
        reason: "not encoded as",
        ..REFUSED
    },
    Case {
        name: "zeros in fixed width",
        request: || resigned(|_| vec![0; 132]),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "zeros in DER",
        request: || resigned(|_| vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
        reason: "does not match",
        ..REFUSED
    },
    // Versions.
    Case {
        name: "version 15",
        request: version_15,
        reason: "upvest-signature-version is 15; expected missing",
        ..REFUSED
    },
    Case {
        name: "version 15 without its header",
        request: || signed(|draft| draft.quote = "\""),
        reason: "does not match",
        ..REFUSED
    },
    Case {
        name: "version 6 in the header",
        request: || tampered(|r| set(r, "upvest-signature-version", "6")),
        ..TAKEN
    },
    Case {
        name: "another version in the header",
        request: || tampered(|r| set(r, "upvest-signature-version", "7")),
        reason: "upvest-signature-version is 7",
        ..REFUSED
    },
    Case {
        name: "version 15 in the header alone",
        request: || tampered(|r| set(r, "upvest-signature-version", "15")),
        reason: "upvest-signature-version is 15",
        ..REFUSED
    },
    // Requests that are not deliveries.
    Case {
        name: "GET",
        request: || signed(|draft| draft.method = Method::GET),
        status: 405,
        reason: "deliveries are POST",
        ..REFUSED
    },
    Case {
        name: "post in lower case",
        request: || signed(|draft| draft.method = Method::from_bytes(b"post").unwrap()),
        status: 405,
        reason: "deliveries are POST",
        ..REFUSED
    },
    Case {
        name: "too long",
        request: || with_body(vec![b' '; 2 * 1024 * 1024 + 1]),
        status: 413,
        reason: "longer than 2097152 bytes",
        ..REFUSED
    },
    Case {
        name: "too long, as it says",
        request: || tampered(|r| set(r, "content-length", "2097153")),
        status: 413,
        reason: "longer than",
        ..REFUSED
    },
    Case {
        name: "nothing at all",
        request: || Request::post("/").body(Vec::new()).unwrap(),
        reason: "missing",
        ..REFUSED
    },
];
