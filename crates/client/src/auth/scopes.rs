//! Which scopes to ask for.

use upvest_auth_signing::Scopes;

use crate::OperationInfo;

/// The least that an operation can do with: of the scopes that it names, any one of which
/// suffices, one for reading if there is one, or else the first.
pub(super) fn least(operation: &OperationInfo) -> Scopes {
    let reading = operation
        .scopes
        .iter()
        .find(|scope| scope.ends_with(":read"));
    Scopes::new(reading.or(operation.scopes.first()))
}

#[cfg(test)]
mod tests {
    use crate::operations::{ISSUE_TOKEN, RETRIEVE_CASH_BALANCE, RETRIEVE_WEBHOOK_KEYS};

    use super::*;

    #[test]
    fn a_token_is_good_for_as_little_as_possible() {
        assert_eq!(least(&RETRIEVE_CASH_BALANCE).as_str(), "positions:read");
        assert_eq!(
            RETRIEVE_WEBHOOK_KEYS.scopes,
            ["webhooks:read", "webhooks:admin"]
        );
        assert_eq!(least(&RETRIEVE_WEBHOOK_KEYS).as_str(), "webhooks:read");
        assert!(least(&ISSUE_TOKEN).is_empty());
    }
}
