//! Whatever is changed about a signed request, it is refused, and for the right reason: every
//! component, parameter and header with every change, in both versions and with both algorithms.

mod components;
mod contents;
mod parameters;

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use upvest_auth_signing::{SignatureVersion, Signer, SigningKey, Verifier, VerifyError};

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
