//! What stands between a call and the connection: layers, and the transport below them.

use std::sync::Arc;

use bytes::Bytes;
use tower::Layer;
use tower::util::{BoxCloneSyncService, ServiceExt};

use super::{Body, BoxError};

/// The type of service that every layer wraps, from the outermost layer down to the transport.
pub type Service = BoxCloneSyncService<http::Request<Bytes>, http::Response<Body>, BoxError>;

/// A [tower] layer that fits between a client and its transport: it turns a [`Service`] into
/// another service with the same types of requests and responses. The trait is implemented for all
/// such layers.
///
/// ```
/// use http::{Request, Response};
/// use tower::layer::layer_fn;
/// use tower::util::ServiceExt;
/// use upvest_client::{Body, BoxError, Bytes, Client, Service};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), upvest_client::Error> {
/// let transport = tower::service_fn(|_: Request<Bytes>| async {
///     Ok::<_, BoxError>(Response::new(Body::from(r#"{"keys": []}"#)))
/// });
/// let client = Client::builder("https://api.example")
///     .layer(layer_fn(|inner: Service| {
///         inner.map_response(|response: Response<Body>| {
///             println!("{}", response.status());
///             response
///         })
///     }))
///     .transport(transport)
///     .build()?;
/// client.retrieve_webhook_keys().await?;
/// # Ok(())
/// # }
/// ```
///
/// [tower]: https://docs.rs/tower
pub trait ServiceLayer: sealed::Sealed + 'static {
    /// Wraps `inner` in this layer.
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
