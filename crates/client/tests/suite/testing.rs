//! What tests of users' code are made with.

use std::io::{self, ErrorKind};

use upvest_client::models::{CashBalance, Uuid};
use upvest_client::operations::{
    DELETE_WEBHOOK, RETRIEVE_CASH_BALANCE_BY_CURRENCY, RETRIEVE_WEBHOOK,
};
use upvest_client::testing::{Answers, empty, json, problem};
use upvest_client::{Error, Response};

use crate::support::{ACCOUNT_GROUP, BALANCE};

#[tokio::test]
async fn a_404_is_mocked_in_two_lines() {
    let client = Answers::new()
        .on(&RETRIEVE_WEBHOOK, problem(404, "not_found"))
        .client();
    let error = client.retrieve_webhook(Uuid::nil()).await.unwrap_err();
    assert_eq!(
        error.problem().unwrap().type_,
        "https://docs.upvest.co/errors/not_found"
    );
    assert_eq!(
        (error.status().unwrap().as_u16(), error.attempts()),
        (404, 1)
    );
}

#[tokio::test]
async fn each_operation_has_its_answers_in_order_and_what_was_sent_is_kept() {
    let balance: CashBalance = serde_json::from_str(BALANCE).unwrap();
    let answers = Answers::new()
        .on(
            &RETRIEVE_CASH_BALANCE_BY_CURRENCY,
            problem(503, "unavailable"),
        )
        .on(&RETRIEVE_CASH_BALANCE_BY_CURRENCY, json(&balance))
        .on(&DELETE_WEBHOOK, empty());
    let client = answers.client();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    assert!(call.clone().await.unwrap_err().is_transient());
    for _ in 0..2 {
        assert_eq!(*call.clone().await.unwrap(), balance);
    }
    assert_eq!(
        client.delete_webhook(Uuid::nil()).await.unwrap().status(),
        204
    );
    assert_eq!(answers.requests().len(), 4);
    let error = client
        .retrieve_webhook_keys()
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("there is no answer to `get_jwks`"),
        "{error}"
    );
}

#[test]
fn responses_and_errors_can_be_made() {
    let mut response = Response::new(7);
    response
        .headers_mut()
        .insert("upvest-request-id", "r".parse().unwrap());
    assert_eq!(
        (*response, response.status().as_u16(), response.request_id()),
        (7, 200, Some("r"))
    );

    let mut answer = problem(429, "too_many_requests");
    answer
        .headers_mut()
        .insert("retry-after", "7".parse().unwrap());
    let error = Error::of_response(&answer);
    assert!(error.is_rate_limited() && error.is_transient() && error.problem().is_some());
    assert_eq!(error.retry_after().unwrap().as_secs(), 7);

    assert!(Error::of_transport(io::Error::from(ErrorKind::ConnectionRefused)).is_connect());
    assert!(Error::of_transport(io::Error::from(ErrorKind::TimedOut)).is_timeout());
}
