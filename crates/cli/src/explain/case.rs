//! The request to explain.

use upvest_auth_signing::{Explanation, SignatureVersion, VerifyingKey};

use super::capture::Capture;
use super::signed::Signed;

/// What is known about the request to explain.
pub(super) struct Case<'a> {
    pub(super) capture: &'a Capture,
    pub(super) explanation: &'a Explanation,
    pub(super) version: SignatureVersion,
    pub(super) signed: Option<Signed>,
    pub(super) key: Option<&'a VerifyingKey>,
}
