//! Whatever is changed about a signed request, it is refused, and for the right reason: every
//! component, parameter and header with every change, in both versions and with both algorithms.

use std::collections::HashMap;
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use upvest_auth_signing::{
    KeyAlgorithm, SignatureVersion, Signer, SigningKey, Verifier, VerifyError,
};

use crate::support::{ManualClock, counting_nonces, ed25519, p521};

const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
const VERSIONS: [SignatureVersion; 2] = [SignatureVersion::V15, SignatureVersion::V6];
const FIELDS: [&str; 8] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "idempotency-key",
    "upvest-client-id",
    "upvest-api-version",
    "date",
];

struct Case {
    version: SignatureVersion,
    key: SigningKey,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        VERSIONS
            .into_iter()
            .flat_map(|version| [p521(), ed25519()].map(|key| Self { version, key }))
    }

    fn signed(&self) -> Request<Bytes> {
        let mut request = Request::post("/endpoint?a=b")
            .header("accept", "application/json")
            .header("authorization", "Bearer access-token")
            .header("content-type", "application/json")
            .header("idempotency-key", "7e9ea4ad-cb2c-4c5e-9ad9-ad4bd2a5c2b8")
            .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
            .header("upvest-api-version", "1")
            .header("date", "Wed, 06 Oct 2021 14:14:19 GMT")
            .body(Bytes::from_static(br#"{"key": "value"}"#))
            .expect("a request");
        Signer::new(self.key.clone(), KEY_ID)
            .version(self.version)
            .clock(ManualClock::new())
            .nonces(counting_nonces())
            .sign(&mut request)
            .expect("signs");
        request
    }

    fn digest(&self) -> &'static str {
        match self.version {
            SignatureVersion::V6 => "digest",
            _ => "content-digest",
        }
    }

    fn components(&self) -> Vec<&'static str> {
        let mut components = vec!["@method", "@path", "@query"];
        components.extend(FIELDS);
        components.push(self.digest());
        components
    }

    fn verifier(&self) -> Verifier {
        verifier(&self.key, self.version)
    }

    /// Why this request is refused, with a word for its kind.
    #[track_caller]
    fn refusal(&self, request: &Request<Bytes>) -> VerifyError {
        self.verifier().verify(request).expect_err("changed")
    }
}

fn verifier(key: &SigningKey, version: SignatureVersion) -> Verifier {
    // Another key too, so that its id is known.
    Verifier::new(HashMap::from([
        (KEY_ID.to_owned(), key.verifying_key()),
        ("other-key".to_owned(), ed25519().verifying_key()),
    ]))
    .version(version)
    .clock(ManualClock::new())
}

fn set(request: &mut Request<Bytes>, name: &str, value: &[u8]) {
    let name = HeaderName::try_from(name).expect("a name");
    let value = HeaderValue::from_bytes(value).expect("a value");
    request.headers_mut().insert(name, value);
}

fn value(request: &Request<Bytes>, name: &str) -> String {
    request.headers()[name].to_str().expect("ASCII").to_owned()
}

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

/// The value of a parameter in `signature-input`, quotes included.
fn parameter(input: &str, name: &str) -> String {
    let (_, rest) = input.split_once(&format!(";{name}=")).expect("is there");
    rest.split(';').next().unwrap_or(rest).to_owned()
}

#[test]
fn parameters() {
    let mut tables = Vec::new();
    for case in Case::all() {
        let signed = case.signed();
        let input = value(&signed, "signature-input");
        let mut table = String::new();
        for name in ["keyid", "created", "expires", "nonce"] {
            let before = parameter(&input, name);
            let whole = format!(";{name}={before}");
            let changed = match name {
                "keyid" => "\"other-key\"".to_owned(),
                "nonce" => "\"nonce-2\"".to_owned(),
                _ => (before.parse::<u64>().expect("a number") + 1).to_string(),
            };
            for (change, with) in [
                ("changed", format!(";{name}={changed}")),
                ("dropped", String::new()),
                ("given twice", format!("{whole}{whole}")),
                ("given twice, changed", format!(";{name}={changed}{whole}")),
                ("emptied", format!(";{name}=\"\"")),
                ("without a value", format!(";{name}")),
                ("of another type", format!(";{name}=1.5")),
                ("a byte sequence", format!(";{name}=:AAAA:")),
                ("renamed", format!(";{name}2={before}")),
                ("moved to the end", String::new()),
            ] {
                let mut other = input.replacen(&whole, &with, 1);
                if change == "moved to the end" {
                    // The nonce is at the end already.
                    other.push_str(if name == "nonce" { ";x=1" } else { "" });
                    other.push_str(&whole);
                }
                let mut request = signed.clone();
                set(&mut request, "signature-input", other.as_bytes());
                let error = case.refusal(&request);
                writeln!(table, "{name} {change}: {error}").expect("writes");
            }
        }
        tables.push(table);
    }
    // Neither version nor algorithm make a difference.
    for table in &tables {
        assert_eq!(*table, tables[0]);
    }
    insta::assert_snapshot!(tables[0]);
}

#[test]
fn lists_of_components() {
    let mut tables = Vec::new();
    for case in Case::all() {
        let signed = case.signed();
        let input = value(&signed, "signature-input");
        let mut table = String::new();
        for component in case.components() {
            let quoted = format!("\"{component}\"");
            for (change, with) in [
                ("dropped", String::new()),
                ("given twice", format!("{quoted} {quoted}")),
                ("a token", component.replace('@', "t")),
                ("in upper case", quoted.to_ascii_uppercase()),
                ("with a parameter", format!("{quoted};req")),
                (
                    "replaced by a header that is not there",
                    "\"x-none\"".to_owned(),
                ),
                ("replaced by an unknown component", "\"@scheme\"".to_owned()),
            ] {
                let mut request = signed.clone();
                let other = input.replacen(&quoted, &with, 1);
                assert_ne!(other, input, "{component}");
                set(&mut request, "signature-input", other.as_bytes());
                let error = case.refusal(&request);
                writeln!(table, "{component} {change}: {error}").expect("writes");
            }
        }
        tables.push(table);
    }
    // The algorithm makes no difference.
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[2], tables[3]);
    insta::assert_snapshot!(format!(
        "--- version 15\n{}\n--- version 6\n{}",
        tables[0], tables[2]
    ));
}

#[test]
fn digests() {
    for case in Case::all() {
        // Signed over a digest that is not the body's: the signature is right, the digest is not.
        let mut request = case.signed();
        let original = value(&request, case.digest());
        let body = request.body().clone();
        for position in 0..original.len() {
            let mut changed = original.clone().into_bytes();
            changed[position] ^= 1;
            let Ok(changed) = HeaderValue::from_bytes(&changed) else {
                continue;
            };
            request.headers_mut().insert(case.digest(), changed);
            resign(&case, &mut request);
            let error = case.refusal(&request);
            assert!(
                matches!(
                    error,
                    VerifyError::Digest(_) | VerifyError::MalformedComponent { .. }
                ),
                "{position}: {error}"
            );
        }
        assert_eq!(*request.body(), body);
    }
}

/// Signs the request again as its headers are, whether they are right or not.
fn resign(case: &Case, request: &mut Request<Bytes>) {
    let input = value(request, "signature-input");
    let params = input.trim_start_matches("sig1=");
    let names = params[1..params.find(')').expect("a list")]
        .split(' ')
        .map(|name| name.trim_matches('"'));
    let Ok(base) = case.version.signature_base(request, names, params) else {
        return;
    };
    let signature = case.key.sign(base.as_bytes()).expect("signs");
    let signature = format!("sig1=:{}:", STANDARD.encode(signature));
    set(request, "signature", signature.as_bytes());
}

#[test]
fn bodies() {
    for case in Case::all() {
        let signed = case.signed();
        let refusal = |body: Vec<u8>| {
            let mut request = signed.clone();
            *request.body_mut() = body.into();
            case.refusal(&request)
        };
        let body = signed.body().to_vec();
        for position in 0..body.len() {
            let mut changed = body.clone();
            changed[position] ^= 1;
            let error = refusal(changed);
            assert!(matches!(error, VerifyError::Digest(_)), "{error}");
        }
        for other in [&body[1..], &body[..1], &[], &[&body[..], b" "].concat()] {
            let error = refusal(other.to_vec());
            assert!(
                matches!(error, VerifyError::ContentLengthMismatch { .. }),
                "{error}"
            );
        }
    }
}

#[test]
fn signatures() {
    for case in Case::all() {
        let signed = case.signed();
        let text = value(&signed, "signature");
        let base64 = text.trim_start_matches("sig1=").trim_matches(':');
        let bytes = STANDARD.decode(base64).expect("base64");
        let refusal = |value: String| {
            let mut request = signed.clone();
            set(&mut request, "signature", value.as_bytes());
            case.refusal(&request)
        };
        let encoded = |bytes: &[u8]| format!("sig1=:{}:", STANDARD.encode(bytes));
        let is_der = case.key.algorithm() == KeyAlgorithm::EcdsaP521Sha512;
        let mismatch = |error: VerifyError, first: bool| {
            let right = match error {
                VerifyError::SignatureEncoding { .. } => is_der && first,
                VerifyError::SignatureMismatch => !(is_der && first),
                _ => false,
            };
            assert!(right, "{error}");
        };
        for position in 0..bytes.len() {
            for bit in [1, 0x80] {
                let mut changed = bytes.clone();
                changed[position] ^= bit;
                mismatch(refusal(encoded(&changed)), position == 0);
            }
        }
        mismatch(refusal(encoded(&bytes[1..])), true);
        mismatch(refusal(encoded(&bytes[..bytes.len() - 1])), false);
        mismatch(refusal(encoded(&[&bytes[..], &[0]].concat())), false);
        mismatch(refusal(encoded(&[])), true);

        // Every character of the header counts, also those that decode to the same bytes.
        for position in 0..text.len() {
            for with in ["A", "!", "=", ":", ""] {
                let mut changed = text.clone();
                changed.replace_range(position..=position, with);
                if changed != text {
                    let _ = refusal(changed);
                }
            }
        }
        let malformed = |value: String| {
            let error = refusal(value);
            assert!(
                matches!(&error, VerifyError::MalformedHeader { name, .. } if name == "signature"),
                "{error}"
            );
        };
        if base64.ends_with('=') {
            malformed(format!("sig1=:{}:", base64.trim_end_matches('=')));
            let stray = base64.trim_end_matches('=').len() - 1;
            let mut other = base64.to_owned();
            let next = char::from(other.as_bytes()[stray] + 1).to_string();
            other.replace_range(stray..=stray, &next);
            malformed(format!("sig1=:{other}:"));
        }
        malformed(format!("sig1=(:{base64}:)"));
        malformed("sig1=\"\"".to_owned());
        malformed("sig1".to_owned());
        malformed(format!("{text},"));
    }
}

#[test]
fn keys() {
    for case in Case::all() {
        let signed = case.signed();
        let other = SigningKey::generate(case.key.algorithm()).expect("generates");
        let error = verifier(&other, case.version)
            .verify(&signed)
            .expect_err("another key");
        assert!(matches!(error, VerifyError::SignatureMismatch), "{error}");

        let of_other_algorithm = match case.key.algorithm() {
            KeyAlgorithm::Ed25519 => p521(),
            _ => ed25519(),
        };
        let error = verifier(&of_other_algorithm, case.version)
            .verify(&signed)
            .expect_err("another algorithm");
        assert!(
            matches!(
                error,
                VerifyError::SignatureMismatch | VerifyError::SignatureEncoding { .. }
            ),
            "{error}"
        );

        let unknown = Verifier::new(|_: &str| None)
            .version(case.version)
            .clock(ManualClock::new());
        let error = unknown.verify(&signed).expect_err("unknown");
        assert!(
            matches!(&error, VerifyError::UnknownKey { key_id } if key_id == KEY_ID),
            "{error}"
        );
    }
}

#[test]
fn headers_of_the_signature() {
    for case in Case::all() {
        let signed = case.signed();
        for name in ["signature-input", "signature"] {
            let mut without = signed.clone();
            without.headers_mut().remove(name);
            let error = case.refusal(&without);
            assert!(
                matches!(&error, VerifyError::MissingHeader { name: missing } if missing == name),
                "{error}"
            );

            let mut twice = signed.clone();
            let line = twice.headers()[name].clone();
            twice.headers_mut().append(name, line);
            let error = case.refusal(&twice);
            assert!(
                matches!(&error, VerifyError::DuplicateLabel { name: of, label } if of == name && label == "sig1"),
                "{error}"
            );

            let mut relabelled = signed.clone();
            let other = value(&signed, name).replace("sig1", "sig2");
            set(&mut relabelled, name, other.as_bytes());
            let error = case.refusal(&relabelled);
            assert!(
                matches!(&error, VerifyError::MissingLabel { name: of, .. } if of == name),
                "{error}"
            );
        }
    }
}
