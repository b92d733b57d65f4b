//! Where tokens come from, and what a call does with them.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, ready, select};
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use tower::{BoxError, Service, ServiceExt};
use tracing::debug;

use super::cache::TokenCache;
use super::cached::Token;
use super::fetch::Need;
use super::jitter::share;
use super::request::{build, send};
use super::{
    ClientCredentials, Executor, ExtraRequest, Jitter, RequestBudget, Timer, TokenError,
    TokenSource, backoff,
};
use crate::header::UPVEST_CLIENT_ID;
use crate::metrics::{Measured, Metrics};
use crate::{Clock, Scopes, unauthorized};

/// The service below, which every request of this layer goes through, those for tokens included.
pub(super) trait RequestService<B>:
    Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S, B> RequestService<B> for S where
    S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Where tokens come from and where they are kept.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) origin: Origin,
    pub(super) client_id: Result<HeaderValue, TokenError>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timer: Arc<dyn Timer>,
    pub(super) executor: Arc<dyn Executor>,
    pub(super) jitter: Arc<dyn Jitter>,
    pub(super) refresh_ahead: Duration,
    pub(super) timeout: Duration,
    pub(super) attempts: u32,
    pub(super) cache: Arc<TokenCache>,
    pub(super) metrics: Metrics,
}

#[derive(Clone)]
pub(super) enum Origin {
    Credentials(ClientCredentials, Uri),
    Source(Arc<dyn TokenSource>),
}

impl Origin {
    pub(super) fn debug<'a, 'b, 'c>(
        &self,
        debug: &'c mut fmt::DebugStruct<'a, 'b>,
    ) -> &'c mut fmt::DebugStruct<'a, 'b> {
        match self {
            Self::Credentials(credentials, token_url) => debug
                .field("credentials", credentials)
                .field("token_url", token_url),
            Self::Source(_) => debug,
        }
    }
}

impl Tokens {
    pub(super) async fn call<S, B>(
        self: Arc<Self>,
        inner: S,
        mut request: Request<Bytes>,
    ) -> Result<Response<B>, BoxError>
    where
        S: RequestService<B>,
        B: Body<Data: Send, Error: Into<BoxError>> + From<Bytes> + Send + 'static,
    {
        let client_id = self.client_id.clone()?;
        request.headers_mut().insert(UPVEST_CLIENT_ID, client_id);
        let scopes = request.extensions().get::<Scopes>().cloned();
        let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) else {
            return inner.oneshot(request).await.map_err(Into::into);
        };

        let budget = request.extensions().get::<RequestBudget>().cloned();
        let mut again = request.clone();
        let authorization = self.authorization(&inner, &scopes, budget.as_ref());
        let authorization = authorization.await?;
        authorize(&mut request, authorization.clone());
        let response = inner.clone().oneshot(request).await.map_err(Into::into)?;
        if response.status() != StatusCode::UNAUTHORIZED
            || !self
                .cache
                .may_replay(&scopes, &authorization, self.clock.now())
            || !RequestBudget::of(budget.as_ref(), ExtraRequest::Replay)
        {
            return Ok(response);
        }
        let (response, blames_signature) = unauthorized::read(response).await;
        if blames_signature {
            return Ok(response);
        }

        self.cache
            .discard(&scopes, &authorization, self.clock.now());
        let authorization = self.authorization(&inner, &scopes, budget.as_ref());
        authorize(&mut again, authorization.await?);
        inner.oneshot(again).await.map_err(Into::into)
    }

    /// The fresh token of the cache, or the result of fetching one.
    pub(super) fn authorization<S, B>(
        self: &Arc<Self>,
        inner: &S,
        scopes: &Scopes,
        budget: Option<&RequestBudget>,
    ) -> impl Future<Output = Result<HeaderValue, TokenError>> + Send + use<S, B>
    where
        S: RequestService<B>,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        if let Some(authorization) = self.cache.fresh(scopes, self.clock.now()) {
            return Either::Left(ready(Ok(authorization)));
        }
        let (inner, scopes, budget) = (inner.clone(), scopes.clone(), budget.cloned());
        Either::Right(Arc::clone(self).fetched(inner, scopes, budget))
    }

    /// The cached token, or the result of fetching one, when the cache has no fresh token.
    async fn fetched<S, B>(
        self: Arc<Self>,
        inner: S,
        scopes: Scopes,
        budget: Option<RequestBudget>,
    ) -> Result<HeaderValue, TokenError>
    where
        S: RequestService<B>,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let tokens = Arc::clone(&self);
        let fetch = move |scopes, need| {
            Arc::clone(&tokens).fetch(inner.clone(), scopes, need, budget.clone())
        };
        self.cache
            .get(&scopes, &self.clock, &*self.executor, fetch)
            .await
    }

    /// A new token, with as many attempts as necessary.
    async fn fetch<S, B>(
        self: Arc<Self>,
        inner: S,
        scopes: Scopes,
        need: Need,
        budget: Option<RequestBudget>,
    ) -> Result<Token, TokenError>
    where
        S: RequestService<B>,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let attempts = match need {
            Need::Ahead => 1,
            Need::Now => self.attempts,
        };
        let mut attempt = 1;
        loop {
            let measured = Measured::begin(&self.metrics, &self.clock, Metrics::token);
            let issued = self.attempt(inner.clone(), &scopes).await;
            measured.end(issued.as_ref().err().map(TokenError::class).as_deref());
            let error = match issued {
                Ok(token) => {
                    let lifetime = token.lifetime();
                    debug!(%scopes, attempt = i64::from(attempt), ?lifetime, "got an access token");
                    return Ok(token);
                }
                Err(error) => error.of(&scopes, attempt),
            };
            let wait = backoff::wait(attempt, error.retry_after(), share(&*self.jitter));
            let Some(wait) = wait.filter(|_| error.is_transient() && attempt < attempts) else {
                return Err(error);
            };
            // Last, since asking uses up the budget.
            if !RequestBudget::of(budget.as_ref(), ExtraRequest::TokenRetry) {
                return Err(error);
            }
            debug!(
                %scopes,
                attempt = i64::from(attempt),
                ?wait,
                error = error.logged(),
                "cannot get an access token yet, and will try again"
            );
            self.timer.sleep(wait).await;
            attempt += 1;
        }
    }

    async fn attempt<S, B>(&self, inner: S, scopes: &Scopes) -> Result<Token, TokenError>
    where
        S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Send,
        B: Body<Data: Send, Error: Into<BoxError>> + Send,
    {
        let issued = async {
            match &self.origin {
                Origin::Credentials(credentials, token_url) => {
                    let client_id = self.client_id.clone()?;
                    let request = build(credentials, client_id, token_url, scopes);
                    send(inner, request, scopes, &*self.clock).await
                }
                Origin::Source(source) => source
                    .token(scopes.clone())
                    .await
                    .map_err(TokenError::from_source),
            }
        };
        let requested_at = self.clock.now();
        let issued = match select(pin!(issued), self.timer.sleep(self.timeout)).await {
            Either::Left((issued, _)) => issued?,
            Either::Right(((), _)) => return Err(TokenError::timeout(self.timeout)),
        };
        Ok(Token::new(
            &issued,
            requested_at,
            self.clock.now(),
            self.refresh_ahead,
            share(&*self.jitter),
        ))
    }
}

fn authorize(request: &mut Request<Bytes>, authorization: HeaderValue) {
    request.headers_mut().insert(AUTHORIZATION, authorization);
}
