//! A whole call over loopback, by the client and by hand: `cargo bench -p upvest --bench call`.
//!
//! By hand means reqwest, the same signature code, a token that is there already, and the same type
//! to read the answer as. What the client takes longer is what its layers cost.

mod support;

use bytes::Bytes;
use divan::Bencher;
use upvest::KeyAlgorithm;
use upvest::models::{AccessTokenRequest, CashBalance, Uuid};
use upvest_auth_signing::Signer;
use upvest_sandbox::Sandbox;

const ALGORITHMS: [KeyAlgorithm; 2] = [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519];

fn main() {
    divan::main();
}

#[divan::bench(args = ALGORITHMS, sample_count = 2000, sample_size = 1)]
fn by_the_client(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
    let sandbox = support::sandbox(algorithm);
    let client = support::client(&sandbox);
    let runtime = support::runtime();
    let id = sandbox.account_group_id();
    let call = || {
        runtime.block_on(async {
            let call = client.retrieve_cash_balance_by_currency(id, "EUR");
            call.send().await.unwrap().into_inner()
        })
    };
    call();
    bencher.bench_local(call);
}

#[divan::bench(args = ALGORITHMS, sample_count = 2000, sample_size = 1)]
fn by_hand(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
    let sandbox = support::sandbox(algorithm);
    let runtime = support::runtime();
    let token = runtime.block_on(token(&sandbox));
    let signer = Signer::new(sandbox.signing_key().clone(), sandbox.key_id());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!(
        "{}/account_groups/{}/payments/cash_balances/EUR",
        sandbox.base_url(),
        sandbox.account_group_id()
    );
    let call = || {
        runtime.block_on(async {
            let mut request = http::Request::get(&url)
                .header("accept", "application/json")
                .header("authorization", format!("Bearer {token}"))
                .header("upvest-client-id", sandbox.client_id())
                .body(Bytes::new())
                .unwrap();
            signer.sign(&mut request).unwrap();
            let response = http.execute(request.try_into().unwrap()).await.unwrap();
            let body = response.error_for_status().unwrap().bytes().await.unwrap();
            serde_json::from_slice::<CashBalance>(&body).unwrap()
        })
    };
    call();
    bencher.bench_local(call);
}

async fn token(sandbox: &Sandbox) -> String {
    let request = AccessTokenRequest::new(
        sandbox.client_id().parse::<Uuid>().unwrap(),
        sandbox.client_secret(),
        "client_credentials",
        "positions:read",
    );
    let client = support::client(sandbox);
    let token = client.issue_token(request).send().await.unwrap();
    token.access_token.expose().to_owned()
}
