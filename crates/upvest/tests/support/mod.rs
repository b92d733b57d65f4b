//! Clients of a sandbox.

use upvest::Builder;
use upvest_sandbox::Sandbox;

/// A client that knows the sandbox's address, its own credentials and its key.
pub(crate) fn builder(sandbox: &Sandbox) -> Builder {
    upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
}
