//! Keys that are elsewhere, and two keys while one takes the place of the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use upvest::{Builder, KeyAlgorithm, RemoteSigner, RequestSigner, SignerError, SigningKey, Switch};
use upvest_auth_signing::Signature;
use upvest_sandbox::Sandbox;

fn builder(sandbox: &Sandbox) -> Builder {
    upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
}

/// A signer that nobody reaches.
#[derive(Clone, Default)]
struct Down {
    asked: Arc<AtomicUsize>,
}

impl RequestSigner for Down {
    fn name(&self) -> &str {
        "an HSM"
    }

    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::Ed25519
    }

    fn sign<'a>(
        &'a self,
        _: &'a [u8],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Signature, SignerError>> + Send + 'a>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        // As the HTTP client of a signer fails: that is no failure of the connection to the API.
        let error = io::Error::from(io::ErrorKind::ConnectionRefused);
        Box::pin(async move { Err(SignerError::unavailable(error)) })
    }
}

#[tokio::test]
async fn a_call_that_is_signed_elsewhere() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let sandbox = Sandbox::builder().key_algorithm(algorithm).start().await;
        let sandbox = sandbox.expect("a sandbox");
        let signer = RemoteSigner::new(sandbox.signing_key().clone());
        let client = builder(&sandbox)
            .signer(signer, sandbox.key_id())
            .build()
            .expect("a client");
        let balances = client.list_cash_balances(sandbox.account_group_id());
        balances.await.expect("answered");
    }
}

#[tokio::test]
async fn a_signer_that_is_down_is_asked_once_and_nothing_is_sent() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let down = Down::default();
    let client = builder(&sandbox)
        .signer(RemoteSigner::new(down.clone()), sandbox.key_id())
        .build()
        .expect("a client");
    let call = client.list_cash_balances(sandbox.account_group_id());
    let error = call.await.expect_err("not signed");
    assert!(error.is_signer() && !error.is_connect() && !error.is_transient());
    assert_eq!(error.signer().and_then(SignerError::signer), Some("an HSM"));
    assert_eq!(down.asked.load(Ordering::SeqCst), 1, "no retry storm");
    assert_eq!(sandbox.requests() + sandbox.token_requests(), 0);
}

#[tokio::test]
async fn a_key_that_is_refused_is_replaced_by_the_next_one() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let old = SigningKey::generate(KeyAlgorithm::Ed25519).expect("a key");
    let new = RemoteSigner::new(sandbox.signing_key().clone());
    let client = builder(&sandbox)
        .signing_key(old, "a39ba5bb-7ee8-4dcd-98c4-3b2c5d9a3c0e")
        .next_signer(new, sandbox.key_id(), Switch::WhenRefused)
        .build()
        .expect("a client");
    for _ in 0..2 {
        let call = client.list_cash_balances(sandbox.account_group_id());
        call.await.expect("no request is lost");
    }
}
