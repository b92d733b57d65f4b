use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use futures_util::future::Shared;
use http::HeaderValue;
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, debug_span, warn};

use super::cached::Token;
use super::fetch::{Failure, Fetch, Fetched, Need};
use super::slot::{Slot, Tried};
use super::{Executor, TokenError};
use crate::{Clock, Scopes};

/// For how many sets of scopes tokens are kept: more than the API has operations.
const MAX_SETS: usize = 256;

/// Tokens by set of scopes, with at most one request in flight for each set.
///
/// A request is driven by the executor and by those who wait for it, so that it does not end with
/// any of them.
#[derive(Default)]
pub(super) struct TokenCache {
    /// Replaced as a whole, and only by those who hold the lock on `slots`, so that readers wait
    /// for nobody.
    tokens: ArcSwap<HashMap<Scopes, Arc<Token>>>,
    slots: Mutex<HashMap<Scopes, Slot>>,
}

/// What to do for a caller.
enum Next {
    Serve(Arc<Token>),
    Fail(TokenError),
    /// Serve this one while the request, just made, replaces it.
    Replace(Arc<Token>, Shared<Fetch>),
    /// Wait for the request, just made.
    Begin(Shared<Fetch>),
    /// Wait for the request of another caller.
    Join(Shared<Fetch>),
}

impl TokenCache {
    /// The cached token for these scopes, if it is not due for replacement.
    pub(super) fn fresh(&self, scopes: &Scopes, now: SystemTime) -> Option<HeaderValue> {
        let tokens = self.tokens.load();
        let token = tokens.get(scopes)?;
        (!token.is_due(now)).then(|| token.authorization())
    }

    /// A token for these scopes: the cached one, or else what `fetch` returns, which runs once
    /// for all who ask meanwhile.
    ///
    /// When a token is due for replacement but valid, one caller has the new one fetched, and the
    /// old one serves all.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        scopes: &Scopes,
        clock: &Arc<dyn Clock>,
        executor: &dyn Executor,
        fetch: impl Fn(Scopes, Need) -> F,
    ) -> Result<HeaderValue, TokenError>
    where
        F: Future<Output = Result<Token, TokenError>> + Send + 'static,
    {
        let execute = |fetch: Shared<Fetch>| executor.execute(fetch.map(drop).boxed());
        loop {
            let fetch = match self.next(scopes, clock, &fetch) {
                Next::Serve(token) => return Ok(token.authorization()),
                Next::Fail(error) => return Err(error),
                Next::Replace(token, fetch) => {
                    execute(fetch);
                    return Ok(token.authorization());
                }
                Next::Begin(fetch) => {
                    execute(fetch.clone());
                    fetch
                }
                Next::Join(fetch) => fetch,
            };
            match fetch.await {
                Ok(token) => return Ok(token.authorization()),
                Err(failure) if failure.need == Need::Now => return Err(failure.error),
                // The old token expired before the one attempt to replace it was over.
                Err(_) => {}
            }
        }
    }

    fn next<F>(
        self: &Arc<Self>,
        scopes: &Scopes,
        clock: &Arc<dyn Clock>,
        fetch: impl Fn(Scopes, Need) -> F,
    ) -> Next
    where
        F: Future<Output = Result<Token, TokenError>> + Send + 'static,
    {
        let now = clock.now();
        let mut slots = self.slots();
        let token = self.tokens.load().get(scopes).cloned();
        if let Some(token) = token.as_ref().filter(|token| !token.is_due(now)) {
            return Next::Serve(Arc::clone(token));
        }
        let valid = token.filter(|token| token.is_valid(now));
        if !slots.contains_key(scopes) {
            self.make_room(&mut slots, now);
        }
        let slot = slots.entry(scopes.clone()).or_default();
        if let Some(in_flight) = slot.in_flight() {
            // Dropping the last reference to a request may take long, so it is not done under the
            // lock.
            drop(slots);
            return match valid {
                Some(token) => Next::Serve(token),
                None => Next::Join(in_flight),
            };
        }
        let need = match valid {
            Some(_) => Need::Ahead,
            None => Need::Now,
        };
        let recent = slot.recently_tried(need, now).map(|t| t.error.clone());
        match (valid, recent) {
            (Some(token), Some(_)) => Next::Serve(token),
            (None, Some(Some(error))) => Next::Fail(error),
            (valid, _) => {
                let fetch = self.shared(scopes.clone(), Arc::clone(clock), need, fetch);
                slot.fetch = fetch.downgrade();
                slot.tried = Some(Tried {
                    need,
                    at: now,
                    error: None,
                });
                match valid {
                    Some(token) => Next::Replace(token, fetch),
                    None => Next::Begin(fetch),
                }
            }
        }
    }

    /// The fetch as a future that many can wait for. It puts its own result into the cache.
    fn shared<F>(
        self: &Arc<Self>,
        scopes: Scopes,
        clock: Arc<dyn Clock>,
        need: Need,
        fetch: impl Fn(Scopes, Need) -> F,
    ) -> Shared<Fetch>
    where
        F: Future<Output = Result<Token, TokenError>> + Send + 'static,
    {
        let cache = Arc::clone(self);
        // Not a child of the call that began it, since it may run longer than that call.
        let span = debug_span!(parent: None, "access_token", %scopes, "error.type" = Empty);
        span.follows_from(Span::current());
        let told = span.clone();
        // Without this, a panic of `fetch` would leave all other callers waiting forever.
        let fetch = AssertUnwindSafe(fetch(scopes.clone(), need)).catch_unwind();
        async move {
            let fetched = match fetch.await {
                Ok(fetched) => fetched,
                Err(panic) => Err(TokenError::no_response(panicked(&*panic).into()).of(&scopes, 1)),
            };
            if let Err(error) = &fetched {
                told.record("error.type", &*error.class());
            }
            cache.settle(scopes, need, fetched, clock.now())
        }
        .instrument(span)
        .boxed()
        .shared()
    }

    /// Records the result of a request.
    fn settle(
        &self,
        scopes: Scopes,
        need: Need,
        fetched: Result<Token, TokenError>,
        now: SystemTime,
    ) -> Fetched {
        let mut slots = self.slots();
        let slot = slots.entry(scopes.clone()).or_default();
        slot.fetch = None;
        match fetched {
            Ok(token) => {
                slot.tried = None;
                let token = Arc::new(token);
                self.change(|tokens| tokens.insert(scopes, Arc::clone(&token)));
                Ok(token)
            }
            Err(error) => {
                if need == Need::Ahead {
                    let error = error.logged();
                    warn!(%scopes, error, "cannot get a new access token; the old one is used until it expires");
                }
                slot.tried = Some(Tried {
                    need,
                    at: now,
                    error: Some(error.clone()),
                });
                Err(Failure { error, need })
            }
        }
    }

    /// Whether a call that was refused (401) with this token is to be sent again: with another
    /// token that is there or on its way, or with a new one, unless the last one was dropped too
    /// short a while ago.
    pub(super) fn may_replay(
        &self,
        scopes: &Scopes,
        refused: &HeaderValue,
        now: SystemTime,
    ) -> bool {
        let slots = self.slots();
        !self.holds(scopes, refused) || !slots.get(scopes).is_some_and(|s| s.recently_refused(now))
    }

    /// Removes this token after a 401. A token that has replaced it meanwhile stays.
    pub(super) fn discard(&self, scopes: &Scopes, refused: &HeaderValue, now: SystemTime) {
        let mut slots = self.slots();
        if self.holds(scopes, refused) {
            debug!(%scopes, "the access token was refused and is dropped");
            slots.entry(scopes.clone()).or_default().refused_at = Some(now);
            self.change(|tokens| tokens.remove(scopes));
        }
    }

    /// Whether this is the token in the cache.
    fn holds(&self, scopes: &Scopes, authorization: &HeaderValue) -> bool {
        let tokens = self.tokens.load();
        tokens.get(scopes).is_some_and(|t| t.is(authorization))
    }

    /// Makes room for one more set of scopes: forgets those that have nothing to remember, or else
    /// the one whose token expires first. What is under way stays.
    fn make_room(&self, slots: &mut HashMap<Scopes, Slot>, now: SystemTime) {
        if slots.len() < MAX_SETS {
            return;
        }
        let tokens = self.tokens.load();
        let is_valid = |scopes: &Scopes| tokens.get(scopes).is_some_and(|t| t.is_valid(now));
        slots.retain(|scopes, slot| slot.is_busy(now) || is_valid(scopes));
        if slots.len() >= MAX_SETS {
            let first = slots
                .iter()
                .filter(|(_, slot)| slot.in_flight().is_none())
                .min_by_key(|(scopes, _)| tokens.get(*scopes).map(|token| token.expires_at()));
            if let Some(first) = first.map(|(scopes, _)| scopes.clone()) {
                slots.remove(&first);
            }
        }
        self.change(|tokens| tokens.retain(|scopes, _| slots.contains_key(scopes)));
    }

    /// Changes the tokens. The caller holds the lock on `slots`.
    fn change<T>(&self, change: impl FnOnce(&mut HashMap<Scopes, Arc<Token>>) -> T) {
        let mut tokens = HashMap::clone(&self.tokens.load());
        change(&mut tokens);
        self.tokens.store(Arc::new(tokens));
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Scopes, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", message.unwrap_or("no message"))
}
