//! Answers that a test sets.

use serde_json::{Value, json};
use upvest_sandbox::Answer;

use crate::support::{Fixture, refused};

#[tokio::test]
async fn one_answer_stays_and_several_are_used_up() {
    let fixture = Fixture::start().await;
    let path = format!("/users/{}", fixture.sandbox.demo_id("user_id").unwrap());
    let usual: Value = fixture.get(&path).await;

    fixture.sandbox.answer(
        "retrieve_user",
        Answer::json(json!({ "first_name": "Ada" })),
    );
    for _ in 0..2 {
        assert_eq!(fixture.get(&path).await, json!({ "first_name": "Ada" }));
    }
    let answers = [Answer::status(409), Answer::json(json!(1)).with_status(203)];
    fixture.sandbox.answer("retrieve_user", answers);
    let response = fixture.call("GET", &path, "").await;
    refused(
        &response,
        409,
        "conflict",
        "The sandbox was instructed to answer this",
    );
    assert_eq!(fixture.call("GET", &path, "").await.status(), 203);
    assert_eq!(fixture.get(&path).await, usual);

    fixture.sandbox.answer("retrieve_user", Answer::status(404));
    fixture.sandbox.clear_answers();
    assert_eq!(fixture.get(&path).await, usual);
}

#[tokio::test]
async fn a_request_is_checked_before_it_is_answered_so() {
    let fixture = Fixture::start().await;
    fixture
        .sandbox
        .answer("create_user", Answer::json(json!({})));
    let response = fixture.post("/users", &json!({ "first_name": 7 })).await;
    refused(
        &response,
        400,
        "bad_request",
        "The body is not as described: ",
    );
}

#[tokio::test]
#[should_panic(expected = "the sandbox serves no operation \"place_bet\"")]
async fn operations_are_named_as_described() {
    Fixture::start()
        .await
        .sandbox
        .answer("place_bet", Answer::status(404));
}
