//! A sandbox on a thread of its own, so that what is measured is the client.

use std::thread;

use tokio::runtime::{Builder, Runtime};
use upvest::{Client, KeyAlgorithm};
use upvest_sandbox::Sandbox;

/// A runtime for the calls, on the thread that measures.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A sandbox that runs until the process ends.
pub(crate) fn sandbox(algorithm: KeyAlgorithm) -> Sandbox {
    let (sender, sandbox) = std::sync::mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let sandbox = Sandbox::builder().key_algorithm(algorithm).start();
            sender.send(sandbox.await.unwrap()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    sandbox.recv().unwrap()
}

pub(crate) fn client(sandbox: &Sandbox) -> Client {
    upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .build()
        .unwrap()
}
