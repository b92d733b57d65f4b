//! Calls that are signed by a signer and verified strictly.
#![allow(dead_code, reason = "which signers there are is up to the features")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use upvest_auth_signing::{RemoteSigner, RequestSigner, SignLayer, Signer, Verifier};

pub(crate) const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";

/// An API that takes what the signer's own public key verifies, and what signs calls to it.
#[derive(Clone)]
pub(crate) struct Calls {
    service: BoxCloneSyncService<Request<Bytes>, Response<Full<Bytes>>, BoxError>,
    taken: Arc<AtomicUsize>,
}

impl Calls {
    pub(crate) fn new(signer: impl RequestSigner + 'static) -> Self {
        let public = signer.verifying_key().expect("the public half is known");
        let keys = HashMap::from([(KEY_ID.to_owned(), public)]);
        let verifier = Arc::new(Verifier::new(keys).require(["upvest-client-id", "accept"]));
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let api = service_fn(move |request: Request<Bytes>| {
            let required = ["authorization", "content-digest", "idempotency-key"];
            let verified = verifier.verify_requiring(&request, &required);
            verified.expect("the request is signed");
            count.fetch_add(1, Ordering::SeqCst);
            ready(Ok::<_, Infallible>(Response::new(Full::default())))
        });
        let signer = Signer::new(RemoteSigner::new(signer), KEY_ID);
        let service = BoxCloneSyncService::new(SignLayer::new(signer).layer(api));
        Self { service, taken }
    }

    /// How many requests arrived, all of them well signed.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    pub(crate) async fn call(&self) -> Result<(), BoxError> {
        let request = Request::post("https://host/orders?dry=1")
            .header("accept", "application/json")
            .header("authorization", "Bearer token")
            .header("content-type", "application/json")
            .header("idempotency-key", "7e9ea4ad-cb2c-4c5e-9ad9-ad4bd2a5c2b8")
            .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
            .body(Bytes::from_static(b"{}"))?;
        self.service.clone().oneshot(request).await.map(drop)
    }

    /// Makes ten thousand calls one after the other, as many as have short numbers and leading zeros by
    /// the dozen: with P-521, one integer in 256 is a byte or more shorter than the others.
    pub(crate) async fn ten_thousand(&self) {
        for number in 0..10_000 {
            let called = self.call().await;
            called.unwrap_or_else(|error| panic!("call {number}: {}", chain(&*error)));
        }
        assert_eq!(self.taken(), 10_000);
    }

    /// The error of a call that is not sent.
    pub(crate) async fn failure(&self) -> String {
        let before = self.taken();
        let error = self.call().await.expect_err("not signed");
        assert_eq!(self.taken(), before, "nothing is sent");
        chain(&*error)
    }
}

/// The messages of an error and all its sources, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}
