//! What a client is built from, and what it says when something is missing.

use upvest::{Client, Environment, KeyAlgorithm, SigningKey};

fn key() -> SigningKey {
    SigningKey::generate(KeyAlgorithm::Ed25519).unwrap()
}

#[test]
fn a_client_is_built_for_either_environment_and_for_any_address() {
    let debug = |client: upvest::Builder| {
        let client = client
            .credentials("id", "hush")
            .signing_key(key(), "key id")
            .build()
            .unwrap();
        format!("{client:?}")
    };
    let sandbox = debug(upvest::builder().environment(Environment::Sandbox));
    let live = debug(upvest::builder().environment(Environment::Live));
    let other = debug(upvest::builder().base_url("https://proxy.example/upvest/"));
    assert!(
        sandbox.contains("\"https://sandbox.upvest.co\""),
        "{sandbox}"
    );
    assert!(live.contains("\"https://api.upvest.co\""), "{live}");
    assert!(
        other.contains("\"https://proxy.example/upvest\""),
        "{other}"
    );
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let nothing = upvest::builder().build().unwrap_err();
    let no_key = upvest::builder()
        .environment(Environment::Sandbox)
        .credentials("id", "secret")
        .build()
        .unwrap_err();
    let in_clear = upvest::builder()
        .base_url("http://sandbox.upvest.co")
        .credentials("id", "secret")
        .signing_key(key(), "key id")
        .build()
        .unwrap_err();
    let no_url = upvest::builder()
        .base_url("not a url")
        .credentials("id", "secret")
        .signing_key(key(), "key id")
        .build()
        .unwrap_err();
    assert!(
        [&nothing, &no_key, &in_clear, &no_url]
            .iter()
            .all(|error| error.is_configuration())
    );
    insta::assert_snapshot!(format!("{nothing}\n{no_key}\n{in_clear}\n{no_url}"));
}

#[test]
fn clients_are_cheap_to_share_between_threads() {
    fn shareable<T: Clone + Send + Sync + 'static>() {}
    shareable::<Client>();
}

#[test]
fn nothing_secret_is_shown() {
    let builder = upvest::builder()
        .environment(Environment::Live)
        .credentials("id", "hush")
        .signing_key(key(), "k");
    let shown = format!("{builder:?}");
    assert!(
        shown.contains("api.upvest.co") && !shown.contains("hush"),
        "{shown}"
    );
    assert!(!format!("{:?}", builder.build().unwrap()).contains("hush"));
}
