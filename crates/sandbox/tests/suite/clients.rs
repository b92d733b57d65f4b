//! Several clients of one sandbox.

use upvest_auth_signing::Signer;
use upvest_sandbox::Client;

use crate::support::{BALANCE, Fixture, refused, set, signature_refused, success};

async fn token_of(fixture: &Fixture, client: &Client) -> String {
    let form = format!(
        "client_id={}&client_secret={}&grant_type=client_credentials&scope=positions%3Aread",
        client.id(),
        client.secret(),
    );
    let mut request = fixture.form_request(form);
    set(&mut request, "upvest-client-id", client.id());
    signer(fixture, client).sign(&mut request).unwrap();
    let token: serde_json::Value = success(fixture.send(request).await);
    token["access_token"].as_str().unwrap().to_owned()
}

fn signer(fixture: &Fixture, client: &Client) -> Signer {
    Signer::new(client.signing_key().clone(), client.key_id()).clock(fixture.clock.clone())
}

#[tokio::test]
async fn a_client_is_known_by_its_own_key_secret_and_token_alone() {
    let fixture = Fixture::start().await;
    let other = fixture.sandbox.add_client("positions:read").unwrap();
    let token = token_of(&fixture, &other).await;
    let mut request = fixture.request("GET", BALANCE);
    set(&mut request, "upvest-client-id", other.id());
    set(&mut request, "authorization", &format!("Bearer {token}"));

    // Signed by the first client.
    let response = fixture.sign_and_send(request.clone()).await;
    signature_refused(&response, "the key belongs to another client");

    // With the token of the first client.
    let mut foreign = request.clone();
    let its_token = fixture.token("positions:read").await;
    set(
        &mut foreign,
        "authorization",
        &format!("Bearer {its_token}"),
    );
    signer(&fixture, &other).sign(&mut foreign).unwrap();
    let response = fixture.send(foreign).await;
    let detail = "The access token belongs to another client";
    refused(&response, 401, "unauthorised", detail);

    // With the secret of the first client.
    let mut form = fixture.form_request(fixture.form("positions:read"));
    set(&mut form, "upvest-client-id", other.id());
    signer(&fixture, &other).sign(&mut form).unwrap();
    let response = fixture.send(form).await;
    let detail = "The client id or the client secret is wrong";
    refused(&response, 401, "unauthorised", detail);

    signer(&fixture, &other).sign(&mut request).unwrap();
    assert_eq!(fixture.send(request).await.status(), 200);
    let text = format!("{other:?}");
    assert!(!text.contains(other.secret()), "{text}");
}
