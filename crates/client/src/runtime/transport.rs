//! The bottom of the stack: reqwest.

use std::time::Duration;

use bytes::Bytes;
use tower::util::BoxCloneSyncService;

use super::base_url::BaseUrl;
use super::{BoxError, Error};

/// The seam: what every layer is, from the outermost down to the transport.
pub type Service =
    BoxCloneSyncService<http::Request<Bytes>, http::Response<reqwest::Body>, BoxError>;

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
                Ok(http::Response::from(response))
            }
        },
    )))
}
