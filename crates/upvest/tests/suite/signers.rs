//! Remote keys, and two keys while one takes the place of the other.

use std::future::{pending, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use upvest::{
    AccessToken, Builder, KeyAlgorithm, RemoteSigner, RequestSigner, SignerError, SigningKey,
    Switch,
};
use upvest_auth_signing::{Signature, VerifyingKey};
use upvest_sandbox::Sandbox;

fn builder(sandbox: &Sandbox) -> Builder {
    upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
}

/// What is wrong with a signer.
#[derive(Clone)]
enum Fault {
    /// Nobody reaches it.
    Down,
    /// It never answers.
    Slow,
    /// It answers something else than a signature.
    Garbage,
    /// It signs with a key that is not the one it shows.
    OtherKey(SigningKey),
}

/// A signer that is said to have this key.
#[derive(Clone)]
struct Hsm {
    key: SigningKey,
    fault: Fault,
    asked: Arc<AtomicUsize>,
}

impl Hsm {
    fn new(key: &SigningKey, fault: Fault) -> Self {
        let (key, asked) = (key.clone(), Arc::default());
        Self { key, fault, asked }
    }

    async fn answer(&self, base: &[u8]) -> Result<Signature, SignerError> {
        match &self.fault {
            // As the HTTP client of a signer fails: that is not a failure of the connection to the
            // API.
            Fault::Down => {
                let error = io::Error::from(io::ErrorKind::ConnectionRefused);
                Err(SignerError::unavailable(error))
            }
            Fault::Slow => pending().await,
            Fault::Garbage => Signature::ecdsa_der(b"garbage").map_err(SignerError::failed),
            Fault::OtherKey(key) => RequestSigner::sign(key, base).await,
        }
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

    fn sign<'a>(
        &'a self,
        base: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<Signature, SignerError>> + Send + 'a>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(self.answer(base))
    }
}

#[tokio::test]
async fn a_call_that_is_signed_remotely() {
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

/// Makes a call by this signer, for which nothing is sent and the signer is asked once.
async fn assert_not_sent(fault: Fault, is_unavailable: bool, expected: &str) {
    let sandbox = Sandbox::builder().key_algorithm(KeyAlgorithm::Ed25519);
    let sandbox = sandbox.start().await.expect("a sandbox");
    let hsm = Hsm::new(sandbox.signing_key(), fault);
    // The time of a slow signer is over at once: the timer is asked after the signer.
    let signer = RemoteSigner::new(hsm.clone()).timer(|_| ready(()));
    let client = builder(&sandbox)
        .signer(signer, sandbox.key_id())
        .build()
        .expect("a client");
    let call = client.list_cash_balances(sandbox.account_group_id());
    let error = call.await.expect_err("not signed");
    assert!(error.is_signer() && !error.is_connect() && !error.is_transient());
    let signer = error.signer().expect("the signer is at fault");
    assert_eq!(signer.signer(), Some("an HSM"));
    assert_eq!(signer.is_unavailable(), is_unavailable, "{signer}");
    assert!(signer.to_string().contains(expected), "{signer}");
    assert_eq!(hsm.asked.load(Ordering::SeqCst), 1, "no retry storm");
    assert_eq!(sandbox.requests() + sandbox.token_requests(), 0);
}

#[tokio::test]
async fn a_signer_that_is_down_is_asked_once_and_nothing_is_sent() {
    assert_not_sent(Fault::Down, true, "cannot be reached").await;
}

#[tokio::test]
async fn a_signer_that_is_slow_is_asked_once_and_nothing_is_sent() {
    assert_not_sent(Fault::Slow, true, "took longer than 5s").await;
}

#[tokio::test]
async fn a_signer_that_answers_garbage_is_asked_once_and_nothing_is_sent() {
    assert_not_sent(Fault::Garbage, false, "gave no signature").await;
}

#[tokio::test]
async fn a_signer_that_changed_its_key_is_asked_once_and_nothing_is_sent() {
    for (algorithm, expected) in [
        (KeyAlgorithm::Ed25519, "now use another key"),
        (KeyAlgorithm::EcdsaP521Sha512, "of another algorithm: "),
    ] {
        let key = SigningKey::generate(algorithm).expect("a key");
        assert_not_sent(Fault::OtherKey(key), false, expected).await;
    }
}

/// Three failures in a row, and calls fail without the signer: however many there are.
#[tokio::test]
async fn a_signer_that_stays_down_is_left_alone() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let hsm = Hsm::new(sandbox.signing_key(), Fault::Down);
    let signer = RemoteSigner::new(hsm.clone()).clock(|| SystemTime::UNIX_EPOCH);
    let client = upvest::builder()
        .base_url(sandbox.base_url())
        // There is a token, so that every call comes to its signature.
        .token_source(sandbox.client_id(), |_| {
            ready(AccessToken::bearer("token").map_err(Into::into))
        })
        .signer(signer, sandbox.key_id())
        .build()
        .expect("a client");
    for _ in 0..20 {
        let call = client.list_cash_balances(sandbox.account_group_id());
        assert!(call.await.expect_err("not signed").is_signer());
    }
    assert_eq!(hsm.asked.load(Ordering::SeqCst), 3);
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

#[tokio::test]
async fn a_remote_key_is_registered_with_the_sandbox_by_its_public_half() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).expect("a key");
    let id = sandbox.add_key(key.verifying_key());
    let other = SigningKey::generate(KeyAlgorithm::Ed25519).expect("a key");
    for (key, is_taken) in [(key, true), (other, false)] {
        let signer = RemoteSigner::new(key);
        let client = builder(&sandbox).signer(signer, &*id).build();
        let call = client
            .expect("a client")
            .list_cash_balances(sandbox.account_group_id());
        assert_eq!(call.await.is_ok(), is_taken);
    }
    let other = sandbox.add_client("positions:read").expect("a client");
    let stranger = upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(other.id(), other.secret())
        .signing_key(sandbox.signing_key().clone(), id)
        .build();
    let call = stranger
        .expect("a client")
        .list_cash_balances(sandbox.account_group_id());
    assert!(
        call.await
            .expect_err("it is not its key")
            .is_authentication()
    );
}
