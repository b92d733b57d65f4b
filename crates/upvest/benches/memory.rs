//! The memory of calls in flight: `cargo bench -p upvest --bench memory`.
//!
//! `max alloc` is what a hundred calls hold together when all are in flight, counted by the
//! allocator on the client's side alone. The client itself was there before.

mod support;

use divan::{AllocProfiler, Bencher};
use tokio::task::JoinSet;
use upvest::KeyAlgorithm;
use upvest_sandbox::{Fault, Latch};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const CALLS: usize = 100;

fn main() {
    divan::main();
}

/// Sent and not answered yet, each on a separate connection.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn waiting_for_the_answer(bencher: Bencher<'_, '_>) {
    measure(bencher, CALLS, |latch| {
        Fault::held(latch).on_calls().times(CALLS as u64)
    });
}

/// Not sent yet: they wait for one token.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn waiting_for_the_token(bencher: Bencher<'_, '_>) {
    measure(bencher, 1, |latch| {
        Fault::held(latch).on_operation("issue_token")
    });
}

/// A hundred calls of a new client, until so many requests are held.
fn measure(bencher: Bencher<'_, '_>, held: usize, fault: impl Fn(&Latch) -> Fault) {
    let sandbox = support::sandbox(KeyAlgorithm::Ed25519);
    let id = sandbox.account_group_id();
    bencher
        .with_inputs(|| {
            let latch = Latch::new();
            sandbox.fail(fault(&latch));
            (support::runtime(), support::client(&sandbox), latch)
        })
        .bench_local_values(|(runtime, client, latch)| {
            let mut calls = JoinSet::new();
            for _ in 0..CALLS {
                let client = client.clone();
                let call = async move {
                    let call = client.retrieve_cash_balance_by_currency(id, "EUR");
                    call.send().await.unwrap().into_inner()
                };
                calls.spawn_on(call, runtime.handle());
            }
            runtime.block_on(latch.arrived(held));
            // The rest ends when these are dropped, which is not measured.
            (calls, runtime, client, latch)
        });
}
