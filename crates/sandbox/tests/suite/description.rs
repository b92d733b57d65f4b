//! Whether the sandbox demands the scopes that the description of the API lists.

use std::path::Path;

use serde_json::Value;

use upvest_models::Webhook;

use crate::support::{BALANCE, BALANCE_IN_EUROS, BALANCES, Fixture, created, refused, set};

fn description() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/upvest.yaml");
    let text = std::fs::read_to_string(path).expect("the description is there");
    serde_saphyr::from_str(&text).expect("the description is YAML")
}

/// All scopes there are.
fn all_scopes(description: &Value) -> Vec<String> {
    let pointer =
        "/components/securitySchemes/oauth-client-credentials/flows/clientCredentials/scopes";
    let scopes = description.pointer(pointer).and_then(Value::as_object);
    scopes
        .expect("the scopes are listed")
        .keys()
        .cloned()
        .collect()
}

/// The scopes of an operation, of which one suffices.
fn scopes(description: &Value, method: &str, path: &str) -> Vec<String> {
    let security = &description["paths"][path][method]["security"];
    let scopes = security[0]["oauth-client-credentials"].as_array();
    scopes
        .expect("the operation has scopes")
        .iter()
        .map(|scope| scope.as_str().expect("a scope is text").to_owned())
        .collect()
}

#[tokio::test]
async fn a_client_may_have_every_scope_of_the_description_and_no_other() {
    let fixture = Fixture::start().await;
    let all = all_scopes(&description());
    assert_eq!(all.len(), 30);
    fixture.token(&all.join(" ")).await;
    let response = fixture.request_token("prices:read").await;
    refused(&response, 401, "unauthorised", "The client does not have");
}

#[tokio::test]
async fn one_of_the_scopes_of_an_operation_suffices_and_others_do_not() {
    let fixture = Fixture::start().await;
    let description = description();
    let webhook = r#"{ "title": "", "url": "http://127.0.0.1" }"#;
    let created: Webhook = created(fixture.call("POST", "/webhooks", webhook).await);
    let one = format!("/webhooks/{}", created.id);
    let test = format!("{one}/test");
    for (method, template, path, body) in [
        ("get", "/auth/verify_keys", "/auth/verify_keys", ""),
        (
            "get",
            "/account_groups/{account_group_id}/payments/cash_balance",
            BALANCE,
            "",
        ),
        (
            "get",
            "/account_groups/{account_group_id}/payments/cash_balances",
            BALANCES,
            "",
        ),
        (
            "get",
            "/account_groups/{account_group_id}/payments/cash_balances/{currency}",
            BALANCE_IN_EUROS,
            "",
        ),
        ("post", "/webhooks", "/webhooks", webhook),
        ("get", "/webhooks", "/webhooks", ""),
        ("get", "/webhooks/{webhook_id}", &one, ""),
        ("patch", "/webhooks/{webhook_id}", &one, "{}"),
        ("post", "/webhooks/{webhook_id}/test", &test, ""),
        ("delete", "/webhooks/{webhook_id}", &one, ""),
    ] {
        let accepted = scopes(&description, method, template);
        let mut others = all_scopes(&description);
        others.retain(|scope| !accepted.contains(scope));
        let call = async |scopes: &str| {
            let mut request = fixture.request(&method.to_uppercase(), path);
            let token = fixture.token(scopes).await;
            set(&mut request, "authorization", &format!("Bearer {token}"));
            if !body.is_empty() {
                set(&mut request, "content-type", "application/json");
            }
            *request.body_mut() = body.to_owned().into();
            fixture.sign_and_send(request).await
        };

        let response = call(&others.join(" ")).await;
        let detail = format!(
            "The access token has none of the scopes that this operation takes: {}",
            accepted.join(", ")
        );
        refused(&response, 403, "forbidden", &detail);

        for scope in &accepted {
            let response = call(scope).await;
            assert!(
                response.status().is_success(),
                "{method} {path}: {response:?}"
            );
        }
    }
}
