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

/// The least scope that is enough for the operation, of those that the client was granted. If the client
/// was granted no such scope, the least that is enough: the API then says what is missing.
pub(super) fn least_of(granted: &[String], operation: &OperationInfo) -> Scopes {
    let mut usable = operation
        .scopes
        .iter()
        .filter(|scope| granted.iter().any(|granted| granted == *scope));
    let first = usable.clone().next();
    match usable.find(|scope| scope.ends_with(":read")).or(first) {
        Some(scope) => Scopes::new([scope]),
        None => least(operation),
    }
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

    #[test]
    fn of_what_was_granted_the_least_is_asked_for() {
        let least_of = |granted: &[&str], operation| {
            let granted: Vec<String> = granted.iter().map(ToString::to_string).collect();
            least_of(&granted, operation).as_str().to_owned()
        };
        let (read, admin) = ("webhooks:read", "webhooks:admin");
        for (granted, expected) in [
            (&[admin][..], admin),
            (&[admin, read], read),
            (&["users:read"], read),
            (&[], read),
        ] {
            assert_eq!(least_of(granted, &RETRIEVE_WEBHOOK_KEYS), expected);
        }
        assert_eq!(least_of(&[read], &ISSUE_TOKEN), "");
    }
}
