//! What a signature has to cover, and of which request.

use http::HeaderMap;
use http::header::CONTENT_LENGTH;

use super::VerifyError;
use super::base::field_value;

/// Whether the head of a request says that a body follows.
pub(super) fn declares_body(headers: &HeaderMap) -> bool {
    field_value(headers, &CONTENT_LENGTH).is_some_and(|length| length != b"0")
}

/// Whether only requests with a body have this component.
pub(super) fn is_about_body(component: &str) -> bool {
    matches!(component, "content-length" | "content-type") || is_digest(component)
}

pub(super) fn is_digest(component: &str) -> bool {
    matches!(component, "content-digest" | "digest")
}

pub(super) fn expect_covered<'n>(
    mut required: impl Iterator<Item = &'n str>,
    covers: impl Fn(&str) -> bool,
) -> Result<(), VerifyError> {
    match required.find(|name| !covers(name)) {
        Some(name) => Err(VerifyError::MissingComponent {
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}
