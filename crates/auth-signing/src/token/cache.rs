use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use http::HeaderValue;
use tracing::{debug, warn};

use super::TokenError;
use super::cached::Token;
use crate::{Clock, Scopes};

/// How long a token that is still valid serves on after an attempt to replace it, before the
/// next attempt.
const PAUSE_WHILE_VALID: Duration = Duration::from_secs(5);

/// How long callers share a failure when there is no token, before the next attempt.
const PAUSE_WITHOUT_TOKEN: Duration = Duration::from_secs(1);

/// A server that asks for a longer pause does not get it.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long tokens are kept whatever is refused, after a new one was refused like the one before.
const PAUSE_AFTER_ACQUITTAL: Duration = Duration::from_secs(5);

type Fetched = Result<Arc<Token>, Failure>;
type Fetch = BoxFuture<'static, Fetched>;

/// What a token is fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// To replace one that is still valid.
    Ahead,
    /// Because there is none.
    Now,
}

#[derive(Clone)]
struct Failure {
    error: TokenError,
    need: Need,
}

/// Tokens by set of scopes, with at most one request in flight for each set.
///
/// A request is driven by those who wait for it: there is no task in the background. It goes on
/// for as long as anybody waits, and is given up with the last of them.
#[derive(Default)]
pub(super) struct TokenCache {
    /// Replaced as a whole, and only by those who hold the lock on `slots`, so that readers wait
    /// for nobody.
    tokens: ArcSwap<HashMap<Scopes, Arc<Token>>>,
    slots: Mutex<HashMap<Scopes, Slot>>,
}

/// What goes on about the token for one set of scopes.
#[derive(Default)]
struct Slot {
    fetch: Option<WeakShared<Fetch>>,
    tried: Option<Tried>,
    /// When a call was last refused (401) with a new token as with the one before.
    acquitted_at: Option<SystemTime>,
}

/// The last attempt to fetch a token, as long as it was not successful.
struct Tried {
    need: Need,
    /// When it failed, or else when it began.
    at: SystemTime,
    error: Option<TokenError>,
}

impl Tried {
    /// Whether it is too early for another attempt.
    fn is_recent(&self, need: Need, now: SystemTime) -> bool {
        let pause = match (need, self.need, &self.error) {
            (Need::Ahead, ..) => PAUSE_WHILE_VALID,
            (Need::Now, Need::Now, Some(_)) => PAUSE_WITHOUT_TOKEN,
            // It was given up, or it was a single attempt where there was no hurry yet.
            (Need::Now, ..) => Duration::ZERO,
        };
        let asked = self.error.as_ref().and_then(TokenError::retry_after);
        is_within(
            pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)),
            self.at,
            now,
        )
    }
}

/// Whether it is less than `pause` since `since`. A clock that was set back has no say in this.
fn is_within(pause: Duration, since: SystemTime, now: SystemTime) -> bool {
    now.duration_since(since)
        .is_ok_and(|elapsed| elapsed < pause)
}

/// What to do for a caller.
enum Next {
    Serve(Arc<Token>),
    Fail(TokenError),
    /// Wait for a request, and be content with the old token if it fails.
    Wait(Shared<Fetch>, Option<Arc<Token>>),
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
    /// When a token is due for replacement but valid, one caller fetches the new one, and the
    /// old one serves all others, and that caller too should it fail.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        scopes: &Scopes,
        clock: &Arc<dyn Clock>,
        fetch: impl Fn(Scopes, Need) -> F,
    ) -> Result<HeaderValue, TokenError>
    where
        F: Future<Output = Result<Token, TokenError>> + Send + 'static,
    {
        loop {
            let (fetch, valid) = match self.next(scopes, clock, &fetch) {
                Next::Serve(token) => return Ok(token.authorization()),
                Next::Fail(error) => return Err(error),
                Next::Wait(fetch, valid) => (fetch, valid),
            };
            let failure = match fetch.await {
                Ok(token) => return Ok(token.authorization()),
                Err(failure) => failure,
            };
            if let Some(token) = valid.filter(|token| token.is_valid(clock.now())) {
                let error = failure.error.logged();
                warn!(%scopes, error, "no new access token; the old one serves until it expires");
                return Ok(token.authorization());
            }
            if failure.need == Need::Now {
                return Err(failure.error);
            }
            // The old token expired before the one attempt to replace it was over.
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
        let slot = slots.entry(scopes.clone()).or_default();
        let in_flight = slot.fetch.as_ref().and_then(WeakShared::upgrade);
        match (valid, in_flight) {
            (Some(token), Some(in_flight)) => {
                // To give up what nobody else waits for may take long, so not under the lock.
                drop(slots);
                drop(in_flight);
                Next::Serve(token)
            }
            (None, Some(in_flight)) => Next::Wait(in_flight, None),
            (valid, None) => {
                let need = match valid {
                    Some(_) => Need::Ahead,
                    None => Need::Now,
                };
                let recent = slot.tried.as_ref().filter(|t| t.is_recent(need, now));
                match (valid, recent.map(|tried| tried.error.clone())) {
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
                        Next::Wait(fetch, valid)
                    }
                }
            }
        }
    }

    /// The fetch in the form that many can wait for. It puts its own result into the cache.
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
        // A panic of what is called would leave all others waiting forever.
        let fetch = AssertUnwindSafe(fetch(scopes.clone(), need)).catch_unwind();
        async move {
            let fetched = match fetch.await {
                Ok(fetched) => fetched,
                Err(panic) => Err(TokenError::no_response(panicked(&*panic).into()).of(&scopes, 1)),
            };
            let mut slots = cache.slots();
            let slot = slots.entry(scopes.clone()).or_default();
            slot.fetch = None;
            match fetched {
                Ok(token) => {
                    slot.tried = None;
                    let token = Arc::new(token);
                    cache.change(|tokens| tokens.insert(scopes, Arc::clone(&token)));
                    Ok(token)
                }
                Err(error) => {
                    slot.tried = Some(Tried {
                        need,
                        at: clock.now(),
                        error: Some(error.clone()),
                    });
                    Err(Failure { error, need })
                }
            }
        }
        .boxed()
        .shared()
    }

    /// Forgets this very token. One that has taken its place meanwhile stays.
    pub(super) fn discard(&self, scopes: &Scopes, refused: &HeaderValue) {
        let _slots = self.slots();
        let token = self.tokens.load().get(scopes).cloned();
        if token.is_some_and(|token| token.is(refused)) {
            debug!(%scopes, "the access token was refused and is dropped");
            self.change(|tokens| tokens.remove(scopes));
        }
    }

    /// A call was refused in spite of a new token: it is not the token that is at fault.
    pub(super) fn acquit(&self, scopes: &Scopes, now: SystemTime) {
        self.slots().entry(scopes.clone()).or_default().acquitted_at = Some(now);
    }

    /// Whether it was found a short while ago that the token is not at fault.
    pub(super) fn is_acquitted(&self, scopes: &Scopes, now: SystemTime) -> bool {
        let acquitted_at = self.slots().get(scopes).and_then(|slot| slot.acquitted_at);
        acquitted_at.is_some_and(|at| is_within(PAUSE_AFTER_ACQUITTAL, at, now))
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
