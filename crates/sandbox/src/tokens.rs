use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use upvest_auth_signing::{Clock, Scopes};
use upvest_models::AccessToken;
use uuid::Uuid;

/// The access tokens in circulation.
pub(crate) struct Tokens {
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    issued: Mutex<HashMap<String, Grant>>,
}

struct Grant {
    scopes: Scopes,
    issued_at: SystemTime,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InvalidToken {
    Unknown,
    Expired,
}

impl Tokens {
    pub(crate) fn new(clock: Arc<dyn Clock>, lifetime: Duration) -> Self {
        Self {
            clock,
            lifetime,
            issued: Mutex::default(),
        }
    }

    /// A new token, good for these scopes.
    pub(crate) fn issue(&self, scopes: Scopes) -> AccessToken {
        let token = format!(
            "sandbox_at_{}{}",
            Uuid::new_v4().simple(),
            Uuid::new_v4().simple()
        );
        let response = AccessToken {
            access_token: token.as_str().into(),
            expires_in: self.lifetime.as_secs().try_into().unwrap_or(i64::MAX),
            token_type: "bearer".to_owned(),
            scope: scopes.to_string(),
        };
        let issued_at = self.clock.now();
        self.issued().insert(token, Grant { scopes, issued_at });
        response
    }

    /// What a token is good for.
    pub(crate) fn scopes(&self, token: &str) -> Result<Scopes, InvalidToken> {
        let issued = self.issued();
        let grant = issued.get(token).ok_or(InvalidToken::Unknown)?;
        // A clock that was set back makes no token older.
        let age = self.clock.now().duration_since(grant.issued_at);
        if age.unwrap_or_default() < self.lifetime {
            Ok(grant.scopes.clone())
        } else {
            Err(InvalidToken::Expired)
        }
    }

    /// Forgets all tokens.
    pub(crate) fn revoke(&self) {
        self.issued().clear();
    }

    fn issued(&self) -> MutexGuard<'_, HashMap<String, Grant>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
