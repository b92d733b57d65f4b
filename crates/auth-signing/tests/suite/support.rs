//! Nonces to predict, and fixtures.

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use upvest_auth_signing::SigningKey;
pub(crate) use upvest_auth_signing::testing::ManualClock;

/// The passphrase of all encrypted fixtures.
pub(crate) const PASSPHRASE: &str = "correct-horse";

/// The time at which [`ManualClock`] starts.
pub(crate) const START: u64 = ManualClock::START;

/// `nonce-1`, `nonce-2` and so on.
pub(crate) fn counting_nonces() -> impl Fn() -> String + Send + Sync {
    let count = AtomicU64::new(0);
    move || format!("nonce-{}", count.fetch_add(1, Ordering::SeqCst) + 1)
}

pub(crate) fn fixture_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

pub(crate) fn fixture(name: &str) -> String {
    std::fs::read_to_string(fixture_path(name)).expect("fixture is readable text")
}

/// A P-521 key, always the same one.
pub(crate) fn p521() -> SigningKey {
    SigningKey::from_pem(&fixture("p521-sec1.pem"), None).expect("fixture is a key")
}

/// An Ed25519 key, always the same one.
pub(crate) fn ed25519() -> SigningKey {
    SigningKey::from_pem(&fixture("ed25519-pkcs8.pem"), None).expect("fixture is a key")
}

/// The messages of an error and all its sources.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!("\n  caused by: {error}"));
        source = error.source();
    }
    text
}
