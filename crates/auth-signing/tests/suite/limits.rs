//! How much of the headers is looked at, before anything is known of who sent them.

use bytes::Bytes;
use http::{HeaderValue, Request};
use upvest_auth_signing::{Limits, Signer, Verifier, VerifyError};

use crate::support::{ManualClock, counting_nonces, ed25519};

fn signed() -> Request<Bytes> {
    let mut request = Request::get("/users?a=b")
        .header("accept", "application/json")
        .body(Bytes::new())
        .expect("a request");
    Signer::new(ed25519(), "key-id")
        .clock(ManualClock::new())
        .nonces(counting_nonces())
        .sign(&mut request)
        .expect("signs");
    request
}

fn verifier(limits: Limits) -> Verifier {
    Verifier::new(|_: &str| Some(ed25519().verifying_key()))
        .clock(ManualClock::new())
        .limits(limits)
}

fn length(request: &Request<Bytes>, name: &str) -> usize {
    request
        .headers()
        .get_all(name)
        .iter()
        .map(HeaderValue::len)
        .sum()
}

#[test]
fn a_signature_that_just_fits() {
    // Four components, four parameters, one label.
    let request = signed();
    let mut limits = Limits::default();
    limits.header_bytes = length(&request, "signature-input").max(length(&request, "signature"));
    limits.signatures = 1;
    limits.components = 4;
    limits.parameters = 4;
    verifier(limits).verify(&request).expect("fits");

    let refusal = |edit: fn(&mut Limits)| {
        let mut less = limits;
        edit(&mut less);
        verifier(less)
            .verify(&request)
            .expect_err("does not fit")
            .to_string()
    };
    let report = [
        refusal(|limits| limits.header_bytes -= 1),
        refusal(|limits| limits.signatures = 0),
        refusal(|limits| limits.components = 3),
        refusal(|limits| limits.parameters = 3),
    ];
    insta::assert_snapshot!(report.join("\n"), @r"
    the header signature-input has 111 bytes; at most 110 are accepted
    the header signature-input has too many signatures; at most 0 are accepted
    the header signature-input has too many components; at most 3 are accepted
    the header signature-input has too many parameters; at most 3 are accepted
    ");
}

/// What becomes of a request with this in front of a header.
#[track_caller]
fn with(name: &'static str, prefix: &str) -> Option<VerifyError> {
    let mut request = signed();
    let value = request.headers()[name].to_str().expect("ASCII");
    let value = HeaderValue::from_str(&format!("{prefix}{value}")).expect("ASCII");
    request.headers_mut().insert(name, value);
    verifier(Limits::default()).verify(&request).err()
}

#[test]
fn the_limits_hold_for_what_is_not_looked_for_too() {
    let labels = |count: usize, value: &str| -> String {
        (0..count).map(|n| format!("l{n}={value}, ")).collect()
    };
    for (name, value) in [("signature-input", "()"), ("signature", "::")] {
        assert!(with(name, &labels(7, value)).is_none(), "eight with sig1");
        assert!(matches!(
            with(name, &labels(8, value)),
            Some(VerifyError::TooMany { what: "signatures", limit: 8, name: of }) if of == name
        ));
        assert!(matches!(
            with(name, &format!("l={value}, l={value}, ")),
            Some(VerifyError::DuplicateLabel { label, .. }) if label == "l"
        ));

        let parameters = |count: usize| -> String {
            let list: String = (0..count).map(|n| format!(";p{n}")).collect();
            format!("l={value}{list}, ")
        };
        assert!(with(name, &parameters(16)).is_none());
        assert!(matches!(
            with(name, &parameters(17)),
            Some(VerifyError::TooMany {
                what: "parameters",
                limit: 16,
                ..
            })
        ));
        assert!(matches!(
            with(name, &format!("l={value};p;q;p, ")),
            Some(VerifyError::DuplicateParameter { name }) if name == "p"
        ));
        assert!(matches!(
            with(name, &format!("{}, ", "l".repeat(8192))),
            Some(VerifyError::HeaderTooLong { limit: 8192, .. })
        ));
    }
}

#[test]
fn the_limits_hold_for_lists_of_components_too() {
    let components = |count: usize| format!("l=({}), ", "\"a\" ".repeat(count));
    assert!(with("signature-input", &components(64)).is_none());
    assert!(matches!(
        with("signature-input", &components(65)),
        Some(VerifyError::TooMany {
            what: "components",
            limit: 64,
            ..
        })
    ));
    let component = |count: usize| -> String {
        let list: String = (0..count).map(|n| format!(";p{n}")).collect();
        format!("l=(\"a\"{list}), ")
    };
    assert!(with("signature-input", &component(16)).is_none());
    assert!(matches!(
        with("signature-input", &component(17)),
        Some(VerifyError::TooMany {
            what: "parameters",
            ..
        })
    ));
    assert!(matches!(
        with("signature-input", "l=(\"a\";p;p), "),
        Some(VerifyError::DuplicateParameter { .. })
    ));
}

#[test]
fn all_lines_of_a_header_count() {
    let mut request = signed();
    for n in 0..3 {
        let line = HeaderValue::from_str(&format!("l{n}=\"{}\"", "x".repeat(3000)));
        request
            .headers_mut()
            .append("signature", line.expect("ASCII"));
    }
    assert!(matches!(
        verifier(Limits::default()).verify(&request),
        Err(VerifyError::HeaderTooLong { length, .. }) if length > 9000
    ));
}
