use std::sync::Arc;

use tokio::sync::oneshot;

use crate::api::Api;

/// Keeps the server and the deliveries going until it is dropped.
pub(crate) struct Running {
    api: Arc<Api>,
    /// Closing this channel is what stops the server.
    _stop: oneshot::Sender<()>,
}

impl Running {
    pub(crate) fn new(api: Arc<Api>, stop: oneshot::Sender<()>) -> Self {
        Self { api, _stop: stop }
    }

    pub(crate) fn api(&self) -> Arc<Api> {
        Arc::clone(&self.api)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.api.webhooks.clear();
    }
}
