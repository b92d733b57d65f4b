//! What a whole call costs with a remote key, beside the same call with a key in this process.
//!
//! ```sh
//! cargo run --release -p upvest --example signer_cost -- 'ssh-agent:upvest'
//! ```
//!
//! The arguments are what `UPVEST_SIGNER` may hold, as many as you like. Each signs a thousand calls
//! to a sandbox in this process, which verifies them, in turns with a key in this process of the
//! same algorithm. A remote signer is limited, and its signatures are checked before they are sent.

use std::time::{Duration, Instant};

use upvest::{Client, KeyAlgorithm, RemoteSigner, RequestKey, SigningKey};
use upvest_sandbox::Sandbox;

type BoxError = Box<dyn std::error::Error>;

const CALLS: usize = 1000;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let sandbox = Sandbox::start().await?;
    println!(
        "{:<50} {:>10} {:>6} {:>10} {:>6}",
        "signer", "fastest", "ratio", "median", "ratio"
    );
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let key = SigningKey::generate(algorithm)?;
        compare(
            &sandbox,
            "a limited and checked key here",
            RemoteSigner::new(key),
        )
        .await?;
    }
    for description in std::env::args().skip(1) {
        let signer = upvest_signers::open(&description).await?;
        let name = signer.name().to_owned();
        compare(&sandbox, &name, signer).await?;
    }
    Ok(())
}

/// Makes calls by a signer in turns with calls by a local key of the same algorithm.
async fn compare(sandbox: &Sandbox, name: &str, signer: RemoteSigner) -> Result<(), BoxError> {
    let public = signer
        .verifying_key()
        .ok_or("the signer does not show its key")?;
    let elsewhere = client(sandbox, sandbox.add_key(public.clone()), signer.clone())?;
    let local = SigningKey::generate(signer.algorithm())?;
    let id = sandbox.add_key(local.verifying_key());
    let here = client(sandbox, id, local)?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..CALLS {
        times[0].push(time(sandbox, &here).await?);
        times[1].push(time(sandbox, &elsewhere).await?);
    }
    let [here, elsewhere] = times.map(|mut times| {
        times.sort();
        (times[0], times[CALLS / 2])
    });
    let row = |name: &str, (fastest, median): (Duration, Duration)| {
        println!(
            "{name:<50} {:>10} {:>6.2} {:>10} {:>6.2}",
            format!("{} µs", fastest.as_micros()),
            fastest.as_secs_f64() / here.0.as_secs_f64(),
            format!("{} µs", median.as_micros()),
            median.as_secs_f64() / here.1.as_secs_f64(),
        );
    };
    row(&format!("{} in this process", signer.algorithm()), here);
    row(name, elsewhere);
    Ok(())
}

fn client(
    sandbox: &Sandbox,
    key_id: String,
    key: impl Into<RequestKey>,
) -> Result<Client, upvest::Error> {
    upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signer(key, key_id)
        .build()
}

async fn time(sandbox: &Sandbox, client: &Client) -> Result<Duration, upvest::Error> {
    let begun = Instant::now();
    client
        .list_cash_balances(sandbox.account_group_id())
        .await?;
    Ok(begun.elapsed())
}
