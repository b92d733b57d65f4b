//! What the description says of an operation beyond its types.

use upvest_models::limits::Rule;

/// What the description says about an operation of the API. Layers find it in the extensions of a
/// request.
///
/// Each request carries a reference to it among its extensions:
///
/// ```
/// # use upvest_client::OperationInfo;
/// fn needs_token(request: &http::Request<upvest_client::Bytes>) -> bool {
///     OperationInfo::of(request).is_some_and(|operation| !operation.scopes.is_empty())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The `operationId`, such as `retrieve_cash_balance`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: http::Method,
    /// The path template, such as `/account_groups/{account_group_id}/payments/cash_balance`.
    pub path: &'static str,
    /// The tag under which it is published.
    pub tag: &'static str,
    /// The OAuth2 scopes of its token: any one of them is enough. Empty if it needs no token.
    ///
    /// The description lists them all; [Upvest's guides](https://docs.upvest.co) say that one is
    /// enough.
    pub scopes: &'static [&'static str],
    /// Whether it takes an `idempotency-key`, and so may be repeated although it changes something.
    pub takes_idempotency_key: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The limits of its arguments beyond their types, by their names on the wire.
    pub limits: &'static [(&'static str, &'static [Rule])],
}

impl OperationInfo {
    /// The operation that a request calls, if a [`Client`](crate::Client) made it.
    pub fn of<B>(request: &http::Request<B>) -> Option<&'static Self> {
        request.extensions().get::<&'static Self>().copied()
    }

    /// The limits of an argument.
    pub(super) fn limits_of(&self, argument: &str) -> &'static [Rule] {
        let limits = self.limits.iter();
        let found = limits.copied().find(|(name, _)| *name == argument);
        found.map_or(&[], |(_, rules)| rules)
    }
}
