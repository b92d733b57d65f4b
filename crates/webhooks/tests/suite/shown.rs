//! What `Debug` shows.

use std::io;
use std::time::Duration;

use upvest_webhooks::{Event, FetchedKeys, HandlerError, Receiver};

use crate::support::verifier;

fn assert_shown(shown: &str, expected: &[&str]) {
    for part in expected {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn an_error_of_a_handler_shows_its_class_and_source() {
    let source = || io::Error::other("the disk is full");
    for (error, class) in [
        (HandlerError::retryable(source()), "Retryable"),
        (HandlerError::permanent(source()), "Permanent"),
        (HandlerError::from(source()), "Unclassified"),
    ] {
        let shown = format!("{error:?}");
        assert_shown(&shown, &["HandlerError", class, "the disk is full"]);
        assert_eq!(error.to_string(), "the disk is full");
    }
}

#[test]
fn keys_and_receivers_show_their_settings() {
    let keys = FetchedKeys::new(std::future::pending)
        .interval(Duration::from_secs(7))
        .max_age(Duration::from_secs(11));
    let shown = format!("{keys:?}");
    assert_shown(&shown, &["FetchedKeys", "interval: 7s", "max_age: 11s"]);

    let receiver = Receiver::new(verifier(), |_: Event| std::future::ready(Ok(())))
        .max_body(13)
        .timeout(Duration::from_secs(17));
    let shown = format!("{receiver:?}");
    assert_shown(&shown, &["Receiver", "max_body: 13", "timeout: 17s"]);
    // Keys come from anywhere: nothing of their source is shown.
    assert_shown(&shown, &["DeliveryVerifier", "keys: KeySource"]);
}
