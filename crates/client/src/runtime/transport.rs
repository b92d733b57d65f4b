//! The bottom of the stack: reqwest.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tower::Layer;
use tower::util::{BoxCloneSyncService, ServiceExt};

use super::base_url::BaseUrl;
use super::{Body, BoxError, Error};

/// The seam: what every layer is, from the outermost down to the transport.
pub type Service = BoxCloneSyncService<http::Request<Bytes>, http::Response<Body>, BoxError>;

/// A [tower] layer that fits between a client and its transport: whatever makes of a [`Service`]
/// another service of the same kind. All such layers are, nothing has to be implemented.
///
/// [tower]: https://docs.rs/tower
pub trait ServiceLayer: sealed::Sealed + 'static {
    /// The layer around `inner`.
    fn around(self, inner: Service) -> Service;
}

impl<L> ServiceLayer for L
where
    L: Layer<Service> + 'static,
    L::Service: tower::Service<http::Request<Bytes>, Response = http::Response<Body>>
        + Clone
        + Send
        + Sync
        + 'static,
    <L::Service as tower::Service<http::Request<Bytes>>>::Error: Into<BoxError>,
    <L::Service as tower::Service<http::Request<Bytes>>>::Future: Send,
{
    fn around(self, inner: Service) -> Service {
        shared(self.layer(inner).map_err(Into::into))
    }
}

/// A service in a box that is cheap to clone, however many layers there are below it: each of them
/// is cloned only when a request reaches it.
pub(super) fn shared<S>(service: S) -> Service
where
    S: tower::Service<
            http::Request<Bytes>,
            Response = http::Response<Body>,
            Error = BoxError,
            Future: Send,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    let service = Arc::new(service);
    BoxCloneSyncService::new(tower::service_fn(move |request| {
        S::clone(&service).oneshot(request)
    }))
}

mod sealed {
    pub trait Sealed {}

    impl<L: tower::Layer<super::Service>> Sealed for L {}
}

/// A transport that speaks to the API and nobody else: rustls, no redirects, nothing sent twice.
pub(super) fn reqwest(
    base_url: &BaseUrl,
    connect_timeout: Duration,
    user_agent: &str,
) -> Result<Service, Error> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(connect_timeout)
        .https_only(!base_url.is_loopback())
        .redirect(reqwest::redirect::Policy::none())
        // A request sent again would carry a nonce that is spent.
        .retry(reqwest::retry::never())
        .user_agent(user_agent);
    if base_url.is_loopback() {
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|error| {
        Error::configuration("the HTTP client cannot be built".to_owned()).with_source(error)
    })?;
    Ok(BoxCloneSyncService::new(tower::service_fn(
        move |request| {
            let client = client.clone();
            async move {
                let request = reqwest::Request::try_from(request)?;
                let response = client.execute(request).await?;
                Ok(http::Response::from(response).map(Body::wrap))
            }
        },
    )))
}
