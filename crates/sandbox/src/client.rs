use subtle::ConstantTimeEq;
use upvest_auth_signing::{Scopes, SigningKey};
use upvest_models::Secret;

/// Every scope of the API's description.
pub(crate) const ALL_SCOPES: [&str; 30] = [
    "accounts:admin",
    "accounts:read",
    "checks:admin",
    "checks:read",
    "credit_fundings:read",
    "fees:admin",
    "fees:read",
    "instruments:read",
    "mandates:admin",
    "mandates:read",
    "orders:admin",
    "orders:read",
    "payments:admin",
    "payments:read",
    "portfolios:admin",
    "portfolios:read",
    "positions:read",
    "reference_accounts:admin",
    "reference_accounts:read",
    "reports:read",
    "taxes:admin",
    "taxes:read",
    "topups:admin",
    "topups:read",
    "transactions:read",
    "users:admin",
    "users:read",
    "valuations:read",
    "webhooks:admin",
    "webhooks:read",
];

/// The one client that is registered.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) key_id: String,
    pub(crate) signing_key: SigningKey,
    /// What its tokens may be good for.
    pub(crate) scopes: Scopes,
}

impl Client {
    /// Whether both are the client's, in a time that does not depend on how much of the secret
    /// is right.
    pub(crate) fn has_credentials(&self, id: &str, secret: &Secret) -> bool {
        let is_secret = self
            .secret
            .expose()
            .as_bytes()
            .ct_eq(secret.expose().as_bytes());
        self.id == id && bool::from(is_secret)
    }

    /// The first of `scopes` that the client lacks.
    pub(crate) fn lacks<'a>(&self, scopes: &'a Scopes) -> Option<&'a str> {
        scopes.iter().find(|scope| !self.scopes.contains(scope))
    }
}
