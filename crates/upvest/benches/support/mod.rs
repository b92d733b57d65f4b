//! A sandbox on a separate thread, so that what is measured is the client.

#[path = "../../tests/support/mod.rs"]
mod clients;

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
    clients::builder(sandbox).build().unwrap()
}
