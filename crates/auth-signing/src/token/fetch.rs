//! A token on its way, for all who wait for it.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::TokenError;
use super::cached::Token;

pub(super) type Fetched = Result<Arc<Token>, Failure>;
pub(super) type Fetch = BoxFuture<'static, Fetched>;

/// What a token is fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// To replace a token that is still valid.
    Ahead,
    /// Because there is no valid token.
    Now,
}

/// Why a token could not be fetched, and what it was needed for.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) error: TokenError,
    pub(super) need: Need,
}
