//! What is sent.

use http_body_util::Full;
use tower::util::MapRequestLayer;
use upvest_client::models::{AccessTokenRequest, Currency, Uuid};
use upvest_client::operations::RETRIEVE_CASH_BALANCE_BY_CURRENCY;
use upvest_client::{Bytes, CallOptions, Client, OperationInfo, RetryPolicy};

use crate::support::{ACCOUNT_GROUP, BALANCE, Sent, client, response, transport};

#[tokio::test]
async fn a_call_becomes_a_request() {
    let (client, sent) = client(|| Ok(response(200, BALANCE)));
    let answer = client
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.balance.to_string(), "100.250");
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.request_id(),
        Some("169ae4c7-ebd7-4041-94da-25369653eba7")
    );

    let request = sent.one();
    assert_eq!(request.method(), "GET");
    assert_eq!(
        request.uri().to_string(),
        format!(
            "https://api.example/base/account_groups/{ACCOUNT_GROUP}/payments/cash_balances/EUR"
        )
    );
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(request.headers()["upvest-api-version"], "1");
    assert_eq!(request.headers().len(), 2, "nothing undocumented is sent");
    assert!(request.body().is_empty());
    assert_eq!(
        OperationInfo::of(&request),
        Some(&RETRIEVE_CASH_BALANCE_BY_CURRENCY)
    );
}

#[tokio::test]
async fn a_transport_may_answer_with_any_body_of_bytes() {
    let transport = tower::service_fn(|_: http::Request<Bytes>| async {
        let body = Full::new(Bytes::from_static(BALANCE.as_bytes()));
        Ok::<_, std::io::Error>(http::Response::new(body))
    });
    let builder = Client::builder("https://api.example").transport(transport);
    let client = builder.build().unwrap();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    assert_eq!(call.await.unwrap().balance.to_string(), "100.250");
}

/// What both forms of a report are asked for with.
#[tokio::test]
async fn a_report_comes_as_data_or_as_a_file() {
    let data = r#"{"id":"b96b1ee7-d491-43eb-b5e4-4833af9c9c2f"}"#;
    let (client, sent) = client(move || Ok(response(200, data)));
    let call = client.retrieve_report(ACCOUNT_GROUP);
    let report = call.clone().await.unwrap();
    assert_eq!(
        serde_json::to_string(&*report).unwrap(),
        data,
        "read as a report, and nothing of it lost"
    );
    let retries = RetryPolicy::none();
    let file = call.file().retries(retries).await.unwrap().into_inner();
    assert_eq!(file.bytes().await.unwrap(), data);
    let accepted = sent.all().into_iter();
    let accepted: Vec<_> = accepted
        .map(|one| one.headers()["accept"].clone())
        .collect();
    assert_eq!(accepted, ["application/json", "application/pdf"]);
}

#[tokio::test]
async fn a_form_is_escaped() {
    let token = r#"{"access_token":"t","expires_in":1799,"token_type":"bearer","scope":"a b"}"#;
    let (client, sent) = client(move || Ok(response(200, token)));
    let body = AccessTokenRequest::new(
        ACCOUNT_GROUP.parse::<Uuid>().unwrap(),
        "a&b=c d+é",
        "client_credentials",
        "positions:read",
    );
    let answer = client.issue_token(body).send().await.unwrap();
    assert_eq!(answer.access_token.expose(), "t");

    let request = sent.one();
    assert_eq!(request.method(), "POST");
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    let body = std::str::from_utf8(request.body()).unwrap();
    assert!(
        body.contains("client_secret=a%26b%3Dc+d%2B%C3%A9&"),
        "{body}"
    );
}

#[tokio::test]
async fn nothing_is_sent_while_an_argument_is_wrong_and_all_that_are_wrong_are_reported() {
    let (client, sent) = client(|| Ok(response(200, BALANCE)));
    let error = client
        .retrieve_cash_balance_by_currency("d0fc0305", "")
        .send()
        .await
        .unwrap_err();
    assert!(error.is_invalid_request());
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: `account_group_id` is not a valid `AccountGroupId`: invalid length: found 8; `currency` must not be \"\"");
    let list = client.list_webhooks().limit(3).offset(u64::MAX);
    let error = list.clone().await.unwrap_err();
    insta::assert_snapshot!(error, @"list_webhooks: `offset` is not a valid `i32`: out of range integral type conversion attempted");
    assert!(sent.all().is_empty());

    // What is given last counts, and what was wrong before is forgotten.
    let _ = list.offset(2).limit(None).order("ASC").await;
    let target = sent.one().uri().path_and_query().unwrap().to_string();
    assert_eq!(target, "/base/webhooks?offset=2&order=ASC");
}

#[tokio::test]
async fn a_call_holds_its_client_and_is_sent_by_awaiting_it() {
    fn owned<T: Clone + Send + Sync + 'static>(call: T) -> T {
        call
    }
    let call = {
        let (client, _) = client(|| Ok(response(200, BALANCE)));
        owned(client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, Currency::Eur))
    };
    let sent = tokio::spawn(call.clone().send());
    assert_eq!(sent.await.unwrap().unwrap().currency, Currency::Eur);
    assert_eq!(call.await.unwrap().currency, Currency::Eur);
}

#[tokio::test]
async fn requests_pass_through_layers_in_the_order_of_adding() {
    let append = |text: &'static str| {
        MapRequestLayer::new(move |mut request: http::Request<Bytes>| {
            request
                .headers_mut()
                .append("x-passed", text.parse().unwrap());
            request
        })
    };
    let sent = Sent::default();
    let client = Client::builder("https://api.example")
        .layer(append("first"))
        .layer(append("second"))
        .transport(transport(sent.clone(), || Ok(response(200, BALANCE))))
        .build()
        .unwrap();
    let _ = client
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .send()
        .await
        .unwrap();
    let request = sent.one();
    let passed: Vec<_> = request.headers().get_all("x-passed").iter().collect();
    assert_eq!(passed, ["first", "second"]);
}

#[test]
fn a_client_is_cheap_to_share_and_shows_no_more_than_its_address() {
    fn shareable<T: Clone + Send + Sync + 'static>(_: &T) {}
    let (client, _) = client(|| Ok(response(200, BALANCE)));
    shareable(&client);
    assert!(format!("{client:?}").contains("https://api.example/base"));
}

#[tokio::test]
async fn an_operation_may_be_chosen_at_run_time() {
    let (client, sent) = client(|| Ok(response(200, BALANCE)));
    let operation = &RETRIEVE_CASH_BALANCE_BY_CURRENCY;
    let call = client
        .call_operation(operation)
        .path("account_group_id", ACCOUNT_GROUP)
        .path("currency", "E/R")
        .query("a", vec!["1 2".to_owned(), "3".to_owned()])
        .query_joined("b", vec!["x,y".to_owned(), "z".to_owned()])
        .header("idempotency-key", "key")
        .json(serde_json::json!({ "n": 1 }));
    let answer = call.clone().send().await.unwrap();
    assert_eq!(&answer[..], BALANCE.as_bytes());
    let request = sent.one();
    let target = request.uri().path_and_query().unwrap().as_str();
    assert!(
        target.ends_with("/cash_balances/E%2FR?a=1%202&a=3&b=x%2Cy,z"),
        "{target}"
    );
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.headers()["idempotency-key"], "key");
    assert_eq!(&request.body()[..], br#"{"n":1}"#);
    assert_eq!(OperationInfo::of(&request), Some(operation));
}

#[tokio::test]
async fn an_argument_of_the_path_that_is_missing_is_reported() {
    let (client, _) = client(|| Ok(response(200, BALANCE)));
    let call = client.call_operation(&RETRIEVE_CASH_BALANCE_BY_CURRENCY);
    let error = call.path("currency", "EUR").send().await.unwrap_err();
    assert!(error.is_invalid_request());
    assert!(error.to_string().contains("`account_group_id`"), "{error}");
}

#[tokio::test]
async fn a_form_is_sent_and_a_kind_of_file_asked_for() {
    let (client, sent) = client(|| Ok(response(200, BALANCE)));
    let call = client.call_operation(&upvest_client::operations::ISSUE_TOKEN);
    let call = call.form(serde_json::json!({ "scope": "a b" }));
    let file = call.send_for_file("application/pdf").await.unwrap();
    assert_eq!(
        &file.into_inner().bytes().await.unwrap()[..],
        BALANCE.as_bytes()
    );
    let request = sent.one();
    assert_eq!(request.headers()["accept"], "application/pdf");
    assert_eq!(&request.body()[..], b"scope=a+b");
}

#[tokio::test]
async fn requests_of_ones_own_go_through_the_layers() {
    use tower::ServiceExt;

    let (client, sent) = client(|| Ok(response(500, BALANCE)));
    let request = http::Request::get("https://api.example/base/x")
        .body(Bytes::new())
        .unwrap();
    let answer = client.service().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 500, "it is handed on as it is");
    assert_eq!(sent.one().uri().path(), "/base/x");
}
