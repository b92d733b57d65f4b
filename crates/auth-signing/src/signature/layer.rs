use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{Either, MapErr, TryFutureExt};
use http::Request;
use tower::{BoxError, Layer, Service};

use super::Signer;

/// Signs every request that passes: the last layer before the transport.
///
/// Placed inside a retrying layer, every attempt gets a signature of its own.
#[derive(Clone, Debug)]
pub struct SignLayer {
    signer: Signer,
}

impl SignLayer {
    /// A layer that signs with this signer.
    pub fn new(signer: Signer) -> Self {
        Self { signer }
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign {
            signer: self.signer.clone(),
            inner,
        }
    }
}

/// The service that [`SignLayer`] makes.
///
/// Its error is what the inner service fails with, or a [`SignError`](crate::SignError) when a
/// request cannot be signed, which is then not sent.
#[derive(Clone, Debug)]
pub struct Sign<S> {
    signer: Signer,
    inner: S,
}

/// The future of [`Sign`]: the inner service's, or a failure to sign.
pub type SignFuture<F, T, E> = Either<MapErr<F, fn(E) -> BoxError>, Ready<Result<T, BoxError>>>;

impl<S> Service<Request<Bytes>> for Sign<S>
where
    S: Service<Request<Bytes>>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = SignFuture<S::Future, S::Response, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        match self.signer.sign(&mut request) {
            Ok(()) => Either::Left(
                self.inner
                    .call(request)
                    .map_err(Into::into as fn(S::Error) -> BoxError),
            ),
            Err(error) => Either::Right(ready(Err(error.into()))),
        }
    }
}
