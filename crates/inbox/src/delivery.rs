//! From a request to the events in it: the one place that knows how a delivery is verified.

use http::Method;
use upvest_webhooks::signing::Message;
use upvest_webhooks::{DeliveryVerifier, Event};

use crate::refusal::Refusal;

/// Verifies a request, hands its events to `store`, and notes that they were taken.
pub(crate) async fn take<T>(
    verifier: &DeliveryVerifier,
    message: Message<'_>,
    store: impl AsyncFnOnce(&[Event]) -> Result<T, crate::Error>,
) -> Result<T, Refusal> {
    if message.method != Method::POST {
        return Err(Refusal::Method(message.method.clone()));
    }
    let delivery = verifier.verify(message).await.map_err(Refusal::Verify)?;
    let stored = store(&delivery.events).await.map_err(Refusal::Store)?;
    verifier.taken(&delivery);
    Ok(stored)
}
