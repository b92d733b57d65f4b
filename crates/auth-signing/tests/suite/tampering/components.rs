//! What is covered cannot be changed.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use upvest_auth_signing::{SignatureVersion, VerifyError};

use super::{Case, set, value};
use crate::support::ed25519;

type Change = fn(&mut Request<Bytes>, &str);

/// What can be done to a component.
const CHANGES: [(&str, Change); 7] = [
    ("one byte changed", |request, name| match name {
        "@method" => *request.method_mut() = Method::PUT,
        "@path" => *request.uri_mut() = Uri::from_static("/endpoinT?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?a=c"),
        name => {
            let mut changed = value(request, name).into_bytes();
            changed[0] ^= 1;
            set(request, name, &changed);
        }
    }),
    ("one byte added", |request, name| match name {
        "@method" => *request.method_mut() = Method::from_bytes(b"POSTS").expect("a method"),
        "@path" => *request.uri_mut() = Uri::from_static("/endpoint/?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?a=b&"),
        name => {
            let changed = value(request, name) + "0";
            set(request, name, changed.as_bytes());
        }
    }),
    ("one byte dropped", |request, name| match name {
        "@method" => *request.method_mut() = Method::from_bytes(b"POS").expect("a method"),
        "@path" => *request.uri_mut() = Uri::from_static("/endpoin?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?a="),
        name => {
            let changed = value(request, name);
            set(request, name, &changed.as_bytes()[1..]);
        }
    }),
    ("case changed", |request, name| match name {
        "@method" => *request.method_mut() = Method::from_bytes(b"post").expect("a method"),
        "@path" => *request.uri_mut() = Uri::from_static("/Endpoint?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?A=b"),
        name => {
            let changed = value(request, name);
            let other = changed.to_ascii_uppercase();
            // Where there are no letters, leading zeros are as good.
            let other = if other == changed {
                format!("0{changed}")
            } else {
                other
            };
            set(request, name, other.as_bytes());
        }
    }),
    ("another line added", |request, name| match name {
        "@method" => *request.method_mut() = Method::GET,
        "@path" => *request.uri_mut() = Uri::from_static("//endpoint?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?a=b&a=b"),
        name => {
            let again = request.headers()[name].clone();
            let name = HeaderName::try_from(name).expect("a name");
            request.headers_mut().append(name, again);
        }
    }),
    ("made unreadable", |request, name| match name {
        "@method" => *request.method_mut() = Method::from_bytes(b"P~ST").expect("a method"),
        "@path" => *request.uri_mut() = Uri::from_static("/endpoin%74?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?a=%62"),
        name => {
            let changed = [value(request, name).as_bytes(), b"\xff"].concat();
            set(request, name, &changed);
        }
    }),
    ("dropped", |request, name| match name {
        "@method" => *request.method_mut() = Method::OPTIONS,
        "@path" => *request.uri_mut() = Uri::from_static("/?a=b"),
        "@query" => *request.uri_mut() = Uri::from_static("/endpoint?"),
        name => assert!(request.headers_mut().remove(name).is_some()),
    }),
];

#[test]
fn components() {
    for case in Case::all() {
        let signed = case.signed();
        let verified = case.verifier().verify(&signed).expect("unchanged");
        for component in case.components() {
            assert!(verified.covers(component), "{component}");
            for (name, change) in CHANGES {
                let mut request = signed.clone();
                change(&mut request, component);
                let error = case.refusal(&request);
                let is_field = !component.starts_with('@');
                let right = match (name, &error) {
                    ("made unreadable", VerifyError::MalformedComponent { name }) => {
                        is_field && name == component
                    }
                    ("dropped", VerifyError::AbsentComponent { name }) => {
                        !matches!(component, "@method" | "@path") && name == component
                    }
                    (_, VerifyError::SignatureMismatch) => {
                        !(is_field && matches!(name, "made unreadable" | "dropped"))
                            && (name, component) != ("dropped", "@query")
                    }
                    _ => false,
                };
                assert!(right, "{} {component} {name}: {error}", case.version);
            }
        }
    }
}

#[test]
fn every_byte_of_every_covered_header() {
    let case = Case {
        version: SignatureVersion::V15,
        key: ed25519(),
    };
    let signed = case.signed();
    for component in case
        .components()
        .into_iter()
        .filter(|name| !name.starts_with('@'))
    {
        let original = value(&signed, component);
        for position in 0..original.len() {
            let mut changed = original.clone().into_bytes();
            changed[position] ^= 1;
            // A byte that cannot be in a header was refused before.
            let Ok(changed) = HeaderValue::from_bytes(&changed) else {
                continue;
            };
            let mut request = signed.clone();
            let name = HeaderName::try_from(component).expect("a name");
            request.headers_mut().insert(name, changed);
            let error = case.refusal(&request);
            assert!(
                matches!(error, VerifyError::SignatureMismatch),
                "{component} {position}: {error}"
            );
        }
    }
}
