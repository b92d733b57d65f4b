//! Whether the sandbox demands the scopes that the description of the API lists.

use std::path::Path;

use serde_json::Value;

use crate::support::{BALANCE, BALANCE_IN_EUROS, BALANCES, Fixture, refused, set, success};

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
fn scopes(description: &Value, path: &str) -> Vec<String> {
    let security = &description["paths"][path]["get"]["security"];
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
    for (template, path) in [
        ("/auth/verify_keys", "/auth/verify_keys"),
        (
            "/account_groups/{account_group_id}/payments/cash_balance",
            BALANCE,
        ),
        (
            "/account_groups/{account_group_id}/payments/cash_balances",
            BALANCES,
        ),
        (
            "/account_groups/{account_group_id}/payments/cash_balances/{currency}",
            BALANCE_IN_EUROS,
        ),
    ] {
        let accepted = scopes(&description, template);
        let mut others = all_scopes(&description);
        others.retain(|scope| !accepted.contains(scope));

        for scope in &accepted {
            let mut request = fixture.request("GET", path);
            let token = fixture.token(scope).await;
            set(&mut request, "authorization", &format!("Bearer {token}"));
            success::<Value>(fixture.sign_and_send(request).await);
        }

        let mut request = fixture.request("GET", path);
        let token = fixture.token(&others.join(" ")).await;
        set(&mut request, "authorization", &format!("Bearer {token}"));
        let response = fixture.sign_and_send(request).await;
        let detail = format!(
            "The access token has none of the scopes that this operation takes: {}",
            accepted.join(", ")
        );
        refused(&response, 403, "forbidden", &detail);
    }
}
