use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower::{BoxError, Layer, Service};

use super::{SignError, Signer};

/// Signs every request that passes: the last layer before the transport.
///
/// Placed inside a retrying layer, every attempt gets a signature of its own.
///
/// When a request is answered with 401 and the answer's `date` header shows that the local clock is
/// too far off for signatures to be valid, the answer gets a [`ClockSkew`](crate::ClockSkew) as an
/// extension.
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
#[derive(Clone, Debug)]
pub struct Sign<S> {
    signer: Arc<Signer>,
    inner: S,
}

impl<S, T> Service<Request<Bytes>> for Sign<S>
where
    S: Service<Request<Bytes>, Response = Response<T>>,
    S::Error: Into<BoxError>,
{
    type Response = Response<T>;
    type Error = BoxError;
    type Future = SignFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        SignFuture {
            state: match self.signer.sign(&mut request) {
                Ok(()) => State::Sent {
                    answer: self.inner.call(request),
                    signer: Arc::clone(&self.signer),
                },
                Err(error) => State::Refused { error: Some(error) },
            },
        }
    }
}

pin_project! {
    /// The future of [`Sign`]: the inner service's, or a failure to sign.
    #[derive(Debug)]
    pub struct SignFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F> {
        Sent { #[pin] answer: F, signer: Arc<Signer> },
        Refused { error: Option<SignError> },
    }
}

impl<F, T, E> Future for SignFuture<F>
where
    F: Future<Output = Result<Response<T>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<T>, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project().state.project() {
            StateProjection::Sent { answer, signer } => {
                let mut answer = ready!(answer.poll(context)).map_err(Into::into)?;
                if answer.status() == StatusCode::UNAUTHORIZED
                    && let Some(skew) = signer.skew(answer.headers())
                {
                    answer.extensions_mut().insert(skew);
                }
                Ok(answer)
            }
            StateProjection::Refused { error } => {
                Err(error.take().expect("not polled after it is done").into())
            }
        })
    }
}
