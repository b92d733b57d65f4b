//! A remote signer that follows a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use upvest_auth_signing::{
    KeyAlgorithm, RequestSigner, Signature, SignerError, SigningKey, VerifyingKey,
};

/// What the signer does with the next base.
pub(super) enum Step {
    Unavailable,
    Failed,
    /// Answers something else than a signature.
    Garbage,
    /// Signs with another key.
    By(SigningKey),
    /// Signs when the sender fires.
    Hold(oneshot::Receiver<()>),
}

#[derive(Default)]
struct State {
    steps: VecDeque<Step>,
    asked: usize,
}

/// Signs with a key, unless the script says otherwise.
#[derive(Clone)]
pub(super) struct Hsm {
    key: SigningKey,
    state: Arc<Mutex<State>>,
}

impl Hsm {
    pub(super) fn new(key: SigningKey, steps: impl IntoIterator<Item = Step>) -> Self {
        let hsm = Self {
            key,
            state: Arc::default(),
        };
        hsm.script(steps);
        hsm
    }

    pub(super) fn script(&self, steps: impl IntoIterator<Item = Step>) {
        let mut state = self.state.lock().expect("not poisoned");
        state.steps.extend(steps);
    }

    pub(super) fn asked(&self) -> usize {
        self.state.lock().expect("not poisoned").asked
    }

    fn next(&self) -> Option<Step> {
        let mut state = self.state.lock().expect("not poisoned");
        state.asked += 1;
        state.steps.pop_front()
    }
}

impl RequestSigner for Hsm {
    fn name(&self) -> &str {
        "an HSM"
    }

    fn algorithm(&self) -> KeyAlgorithm {
        self.key.algorithm()
    }

    fn verifying_key(&self) -> Option<VerifyingKey> {
        Some(self.key.verifying_key())
    }

    fn sign<'a>(&'a self, base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
        async move {
            let key = match self.next() {
                Some(Step::Unavailable) => return Err(SignerError::unavailable("no route")),
                Some(Step::Failed) => return Err(SignerError::failed("not permitted")),
                Some(Step::Garbage) => {
                    return Signature::ecdsa_der(b"garbage").map_err(SignerError::failed);
                }
                Some(Step::Hold(held)) => {
                    held.await.map_err(SignerError::unavailable)?;
                    &self.key
                }
                Some(Step::By(other)) => return RequestSigner::sign(&other, base).await,
                None => &self.key,
            };
            RequestSigner::sign(key, base).await
        }
        .boxed()
    }
}
