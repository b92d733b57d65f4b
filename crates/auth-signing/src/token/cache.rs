use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::TokenError;
use super::request::Token;
use crate::{Clock, Scopes};

/// How long a token that is still valid serves on after a failed attempt to replace it, before
/// the next attempt.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

type Fetched = Result<Arc<Token>, TokenError>;
type Fetch = BoxFuture<'static, Fetched>;

/// Tokens by set of scopes, with at most one request in flight for each set.
///
/// A request is driven by those who wait for it: there is no task in the background. It goes on
/// for as long as anybody waits, and is given up with the last of them.
#[derive(Default)]
pub(super) struct TokenCache {
    slots: Mutex<HashMap<Scopes, Slot>>,
}

#[derive(Default)]
struct Slot {
    token: Option<Arc<Token>>,
    /// No new attempt to replace a valid token before this time.
    paused_until: Option<SystemTime>,
    fetch: Option<WeakShared<Fetch>>,
}

impl Slot {
    /// The token, unless it has expired.
    fn valid(&self, now: SystemTime) -> Option<Arc<Token>> {
        self.token
            .as_ref()
            .filter(|token| now < token.expires_at)
            .cloned()
    }

    fn is_due(&self, token: &Token, now: SystemTime) -> bool {
        now >= token.refresh_at && self.paused_until.is_none_or(|until| now >= until)
    }
}

impl TokenCache {
    /// A token for these scopes: the cached one, or else what `fetch` returns, which runs once
    /// for all who ask meanwhile.
    ///
    /// When a token is due for replacement but valid, one caller fetches the new one, and the
    /// old one serves all others, and that caller too should it fail.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        scopes: &Scopes,
        clock: &Arc<dyn Clock>,
        fetch: impl FnOnce() -> F,
    ) -> Fetched
    where
        F: Future<Output = Result<Token, TokenError>> + Send + 'static,
    {
        let now = clock.now();
        let (valid, fetch) = {
            let mut slots = self.slots();
            let slot = slots.entry(scopes.clone()).or_default();
            let valid = slot.valid(now);
            if let Some(token) = &valid
                && !slot.is_due(token, now)
            {
                return Ok(Arc::clone(token));
            }
            match (valid, slot.fetch.as_ref().and_then(WeakShared::upgrade)) {
                (Some(token), Some(_)) => return Ok(token),
                (None, Some(fetch)) => (None, fetch),
                (valid, None) => {
                    let fetch = self.shared(scopes.clone(), Arc::clone(clock), fetch());
                    slot.fetch = fetch.downgrade();
                    (valid, fetch)
                }
            }
        };
        match (fetch.await, valid) {
            (Err(_), Some(token)) if clock.now() < token.expires_at => Ok(token),
            (fetched, _) => fetched,
        }
    }

    /// Forgets this very token. One that has taken its place meanwhile stays.
    pub(super) fn discard(&self, scopes: &Scopes, token: &Arc<Token>) {
        if let Some(slot) = self.slots().get_mut(scopes)
            && slot
                .token
                .as_ref()
                .is_some_and(|held| Arc::ptr_eq(held, token))
        {
            slot.token = None;
        }
    }

    /// The fetch in the form that many can wait for. It puts its own result into the slot.
    fn shared(
        self: &Arc<Self>,
        scopes: Scopes,
        clock: Arc<dyn Clock>,
        fetch: impl Future<Output = Result<Token, TokenError>> + Send + 'static,
    ) -> Shared<Fetch> {
        let cache = Arc::clone(self);
        async move {
            let fetched = fetch.await.map(Arc::new);
            let mut slots = cache.slots();
            let slot = slots.entry(scopes).or_default();
            slot.fetch = None;
            match &fetched {
                Ok(token) => slot.token = Some(Arc::clone(token)),
                Err(_) => slot.paused_until = Some(clock.now() + PAUSE_AFTER_FAILURE),
            }
            drop(slots);
            fetched
        }
        .boxed()
        .shared()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Scopes, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
