//! What a call waits for its signature, by each signer that is named, beside keys in this process:
//!
//! ```sh
//! cargo run --release -p upvest-signers --all-features --example cost -- 'ssh-agent:upvest'
//! ```
//!
//! The arguments are what `UPVEST_SIGNER` may hold. Each signs a thousand requests, one after the
//! other; a signer elsewhere is limited, and its signatures are checked, as in a client.

use std::time::Instant;

use bytes::Bytes;
use http::Request;
use tower::BoxError;
use upvest_auth_signing::{KeyAlgorithm, Signer, SigningKey};

const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
const REQUESTS: usize = 1000;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let key = SigningKey::generate(algorithm)?;
        measure("in this process", algorithm, Signer::new(key, KEY_ID)).await?;
    }
    for description in std::env::args().skip(1) {
        let signer = upvest_signers::open(&description).await?;
        let (name, algorithm) = (signer.name().to_owned(), signer.algorithm());
        measure(&name, algorithm, Signer::new(signer, KEY_ID)).await?;
    }
    Ok(())
}

async fn measure(name: &str, algorithm: KeyAlgorithm, signer: Signer) -> Result<(), BoxError> {
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let mut request = request()?;
        let begun = Instant::now();
        signer.sign_async(&mut request).await?;
        times.push(begun.elapsed());
    }
    times.sort();
    let (fastest, median) = (times[0], times[REQUESTS / 2]);
    println!("{name}, {algorithm}: fastest {fastest:.1?}, median {median:.1?}");
    Ok(())
}

fn request() -> Result<Request<Bytes>, http::Error> {
    Request::get("https://sandbox.upvest.co/users?limit=100&offset=200")
        .header("accept", "application/json")
        .header("authorization", format!("Bearer ory_at_{}", "t".repeat(80)))
        .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
        .header("upvest-api-version", "1")
        .body(Bytes::new())
}
