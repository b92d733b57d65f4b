use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use upvest_auth_signing::{Clock, Scopes};
use uuid::Uuid;

/// The error text for a token that was never issued.
pub(crate) const TOKEN_UNKNOWN: &str = "The access token is unknown or was revoked";

/// The access tokens that were issued.
pub(crate) struct Tokens {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    lifetime: Duration,
    /// The only scopes that are granted; all scopes of the client if none is named.
    grantable: Option<Scopes>,
    issued: HashMap<String, Grant>,
}

struct Grant {
    client_id: String,
    scopes: Scopes,
    issued_at: SystemTime,
    lifetime: Duration,
}

/// The scopes of a token, and its client.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) client_id: String,
    pub(crate) scopes: Scopes,
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
            state: Mutex::new(State {
                lifetime,
                grantable: None,
                issued: HashMap::new(),
            }),
        }
    }

    pub(crate) fn set_lifetime(&self, lifetime: Duration) {
        self.state().lifetime = lifetime;
    }

    pub(crate) fn grant_only(&self, scopes: Scopes) {
        self.state().grantable = Some(scopes);
    }

    /// A new token for these scopes, as far as they are granted.
    pub(crate) fn issue(&self, client_id: &str, scopes: Scopes) -> Value {
        let mut state = self.state();
        let lifetime = state.lifetime;
        let scopes = match &state.grantable {
            Some(grantable) => Scopes::new(scopes.iter().filter(|scope| grantable.contains(scope))),
            None => scopes,
        };
        let token = format!(
            "sandbox_at_{}{}",
            Uuid::new_v4().simple(),
            Uuid::new_v4().simple()
        );
        let response = json!({
            "access_token": token,
            "expires_in": lifetime.as_secs(),
            "token_type": "bearer",
            "scope": scopes.to_string(),
        });
        let grant = Grant {
            client_id: client_id.to_owned(),
            scopes,
            issued_at: self.clock.now(),
            lifetime,
        };
        state.issued.insert(token, grant);
        response
    }

    /// The scopes and the client of a valid token.
    pub(crate) fn granted(&self, token: &str) -> Result<Granted, InvalidToken> {
        let state = self.state();
        let grant = state.issued.get(token).ok_or(InvalidToken::Unknown)?;
        // A clock that was set back does not make a token older.
        let age = self.clock.now().duration_since(grant.issued_at);
        if age.unwrap_or_default() < grant.lifetime {
            Ok(Granted {
                client_id: grant.client_id.clone(),
                scopes: grant.scopes.clone(),
            })
        } else {
            Err(InvalidToken::Expired)
        }
    }

    /// Forgets all tokens.
    pub(crate) fn revoke(&self) {
        self.state().issued.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
