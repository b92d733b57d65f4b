use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use tower::{BoxError, Layer, Service, ServiceExt};

use super::{SignError, Signer};
use crate::{ExtraRequest, RequestBudget, unauthorized};

/// Signs every request. It must be the last layer before the transport.
///
/// Placed inside a retrying layer, every attempt gets its own signature.
///
/// With one [`SigningKey`](crate::SigningKey), it signs at once and allocates nothing for its
/// future. It waits for a remote key. [`Signer::next_key`](Signer::next_key) says what it does with
/// two keys.
///
/// When a request is answered with 401 and the answer's `date` header shows that the local clock is
/// too far off for signatures to be valid, the answer gets a [`ClockSkew`](crate::ClockSkew) as an
/// extension.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::{Layer, ServiceExt, service_fn};
/// use upvest_auth_signing::{KeyAlgorithm, SignLayer, Signer, SigningKey};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tower::BoxError> {
/// let transport = service_fn(|request: Request<Bytes>| async move {
///     assert!(request.headers().contains_key("signature"));
///     Ok::<_, tower::BoxError>(Response::new(Full::<Bytes>::default()))
/// });
/// let key = SigningKey::generate(KeyAlgorithm::Ed25519)?;
/// let service = SignLayer::new(Signer::new(key, "the id of the key")).layer(transport);
///
/// let request = Request::get("https://sandbox.upvest.co/webhooks").body(Bytes::new())?;
/// service.oneshot(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SignLayer {
    signer: Arc<Signer>,
}

impl SignLayer {
    /// A layer that signs with this signer.
    pub fn new(signer: Signer) -> Self {
        Self {
            signer: Arc::new(signer),
        }
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign {
            signer: Arc::clone(&self.signer),
            inner,
        }
    }
}

/// The service that [`SignLayer`] makes.
///
/// Its error is what the inner service fails with, or a [`SignError`] when a request cannot be
/// signed, which is then not sent.
///
/// The body type of responses must be one that can be made of [`Bytes`]: when there are two keys,
/// the body of a 401 is read here and handed on.
#[derive(Clone, Debug)]
pub struct Sign<S> {
    signer: Arc<Signer>,
    inner: S,
}

impl<S, T> Service<Request<Bytes>> for Sign<S>
where
    S: Service<Request<Bytes>, Response = Response<T>, Future: Send> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    T: Body<Data: Send, Error: Into<BoxError>> + From<Bytes> + Send + 'static,
{
    type Response = Response<T>;
    type Error = BoxError;
    type Future = SignFuture<S::Future, T>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let signer = Arc::clone(&self.signer);
        let state = if !signer.is_simple() {
            // The service that is ready is used; its clone takes its place.
            let next = self.inner.clone();
            let ready = mem::replace(&mut self.inner, next);
            State::Boxed {
                answer: send(signer, ready, request).boxed(),
            }
        } else {
            match signer.sign(&mut request) {
                Ok(()) => State::Sent {
                    answer: self.inner.call(request),
                    signer,
                },
                Err(error) => State::Refused { error: Some(error) },
            }
        };
        SignFuture { state }
    }
}

/// Signs with a key that may be remote, and sends. If there is another key and the first one is
/// refused, it sends again, signed with the other one. `ready` is ready for one call.
async fn send<S, T>(
    signer: Arc<Signer>,
    mut ready: S,
    mut request: Request<Bytes>,
) -> Result<Response<T>, BoxError>
where
    S: Service<Request<Bytes>, Response = Response<T>, Error: Into<BoxError>> + Clone,
    T: Body<Error: Into<BoxError>> + From<Bytes>,
{
    let keys = signer.keys();
    let key = keys.current(signer.now());
    let again = keys.has_second().then(|| request.clone());
    signer.sign_by(key, &mut request).await?;
    let other = ready.clone();
    let answer = ready.call(request).await.map_err(Into::into)?;
    let Some(mut again) = again.filter(|_| answer.status() == StatusCode::UNAUTHORIZED) else {
        return Ok(with_skew(&signer, answer));
    };

    let skew = signer.skew(answer.headers());
    let (mut answer, blames_signature) = unauthorized::read(answer).await;
    if let Some(skew) = skew {
        // Another key would not help.
        answer.extensions_mut().insert(skew);
        return Ok(answer);
    }
    let key = keys.other(key, signer.now());
    let budget = again.extensions().get();
    let Some(key) =
        key.filter(|_| blames_signature && RequestBudget::of(budget, ExtraRequest::Replay))
    else {
        return Ok(answer);
    };
    signer.sign_by(key, &mut again).await?;
    let answer = other.oneshot(again).await.map_err(Into::into)?;
    let was_taken = answer.status() != StatusCode::UNAUTHORIZED;
    keys.settle(key, was_taken, signer.now());
    Ok(with_skew(&signer, answer))
}

/// The answer, and on a 401 what it says about the clock.
fn with_skew<T>(signer: &Signer, mut answer: Response<T>) -> Response<T> {
    if answer.status() == StatusCode::UNAUTHORIZED
        && let Some(skew) = signer.skew(answer.headers())
    {
        answer.extensions_mut().insert(skew);
    }
    answer
}

pin_project! {
    /// The future of [`Sign`]: the inner service's, or a failure to sign.
    pub struct SignFuture<F, T> {
        #[pin]
        state: State<F, T>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, T> {
        /// Signed at once, with the one key in this process.
        Sent { #[pin] answer: F, signer: Arc<Signer> },
        /// With a remote key, or two keys.
        Boxed { answer: BoxFuture<'static, Result<Response<T>, BoxError>> },
        Refused { error: Option<SignError> },
    }
}

impl<F, T> fmt::Debug for SignFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignFuture").finish_non_exhaustive()
    }
}

impl<F, T, E> Future for SignFuture<F, T>
where
    F: Future<Output = Result<Response<T>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<T>, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project().state.project() {
            StateProjection::Sent { answer, signer } => {
                let answer = ready!(answer.poll(context)).map_err(Into::into)?;
                Ok(with_skew(signer, answer))
            }
            StateProjection::Boxed { answer } => ready!(answer.as_mut().poll(context)),
            StateProjection::Refused { error } => {
                Err(error.take().expect("not polled after it is done").into())
            }
        })
    }
}
