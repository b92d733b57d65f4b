//! What can be seen of calls from outside.
//!
//! A separate program: a span that is first met where nobody listens may never be heard of.

mod recorder;
#[allow(dead_code)] // The other tests use the rest.
#[path = "suite/support.rs"]
mod support;

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use upvest_client::models::{AccessTokenRequest, Uuid};
use upvest_client::{Client, Hint};

use recorder::Recorder;
use support::{ACCOUNT_GROUP, BALANCE, Sent, client, hanging, one_by_one, response, transport};

#[tokio::test(start_paused = true)]
async fn a_call_and_each_of_its_requests_have_spans() {
    let (recorder, _guard) = Recorder::start();
    let statuses = one_by_one([503, 200]);
    let (client, _) = client(move || Ok(response(statuses(), BALANCE)));
    let _ = client
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .send()
        .await
        .unwrap();

    let calls = recorder.spans("upvest.call");
    let requests = recorder.spans("upvest.request");
    assert_eq!((calls.len(), requests.len()), (1, 2));
    let mut told = String::new();
    for span in [&calls[0], &requests[0], &requests[1]] {
        writeln!(told, "{}", span.name).unwrap();
        for (name, value) in &span.fields {
            writeln!(told, "  {name} = {value}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/observability.md");
    let book = std::fs::read_to_string(book).unwrap();
    for name in [&calls[0], &requests[0], &requests[1]]
        .iter()
        .flat_map(|span| span.fields.keys())
    {
        assert!(
            book.contains(&format!("`{name}`")),
            "{name} is not described"
        );
    }

    let all = recorder.all();
    for seen in all.iter().filter(|seen| seen.target.starts_with("upvest")) {
        assert_eq!(seen.target, "upvest_client");
        let around = seen.parent.map(|parent| all[parent].name);
        let expected = (seen.name != "upvest.call").then_some("upvest.call");
        assert_eq!(around, expected, "{seen:?}");
    }
    let events: Vec<_> = all.iter().filter(|seen| seen.name.is_empty()).collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].fields["message"], "the call is sent again");
    assert_eq!(events[0].fields["upvest.attempts"], "1");
    assert!(
        events[0].fields["upvest.retry.delay_ms"]
            .parse::<u64>()
            .unwrap()
            <= 200
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_has_a_type_of_few_words() {
    for (answer, of_call, of_request) in [
        ((404, "{}"), "404", Some("404")),
        ((503, ""), "503", Some("503")),
        ((200, "<html>"), "decode", None),
    ] {
        let (recorder, _guard) = Recorder::start();
        let (client, _) = client(move || Ok(response(answer.0, answer.1)));
        let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
        let error = call.send().await.unwrap_err();
        let call = &recorder.spans("upvest.call")[0].fields;
        assert_eq!(call["error.type"], of_call);
        assert_eq!(call["otel.status_code"], "ERROR");
        assert_eq!(call["upvest.attempts"], error.attempts().to_string());
        let request = &recorder.spans("upvest.request")[0].fields;
        assert_eq!(request.get("error.type").map(String::as_str), of_request);
    }
    for (kind, expected) in [
        (std::io::ErrorKind::ConnectionRefused, "connect"),
        (std::io::ErrorKind::ConnectionReset, "transport"),
        (std::io::ErrorKind::TimedOut, "timeout"),
        (std::io::ErrorKind::Other, "middleware"),
    ] {
        let (recorder, _guard) = Recorder::start();
        let (client, _) = client(move || Err(std::io::Error::from(kind).into()));
        let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
        let _ = call.send().await.unwrap_err();
        for span in ["upvest.call", "upvest.request"] {
            let fields = &recorder.spans(span)[0].fields;
            assert_eq!(fields["error.type"], expected, "{span}");
            assert!(!fields.contains_key("http.response.status_code"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_seen_as_that() {
    let (recorder, _guard) = Recorder::start();
    let hangs = hanging();
    let client = Client::builder("http://[::1]:8080")
        .timeout(Duration::from_secs(1))
        .attempt_timeout(Duration::MAX)
        .transport(hangs)
        .build()
        .unwrap();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    let _ = call.send().await.unwrap_err();
    let fields = &recorder.spans("upvest.call")[0].fields;
    assert_eq!(fields["error.type"], "timeout");
    assert_eq!(fields["server.address"], "::1");
    assert_eq!(fields["server.port"], "8080");
}

#[tokio::test]
async fn a_call_that_is_dropped_is_not_a_success() {
    let (recorder, _guard) = Recorder::start();
    let client = Client::builder("https://api.example")
        .transport(hanging())
        .build()
        .unwrap();
    let mut call = Box::pin(client.retrieve_webhook_keys().send());
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    for span in ["upvest.call", "upvest.request"] {
        let fields = &recorder.spans(span)[0].fields;
        assert_eq!(fields["error.type"], "cancelled", "{span}");
        assert_eq!(fields["otel.status_code"], "ERROR", "{span}");
    }
}

#[tokio::test(start_paused = true)]
async fn neither_arguments_nor_answers_nor_secrets_are_traced() {
    let (recorder, _guard) = Recorder::start();
    let sent = Sent::default();
    let token = r#"{"access_token":"token of mine","expires_in":1799,"token_type":"bearer","scope":"positions:read"}"#;
    let problem = r#"{"type":"t","status":503,"detail":"of account 4711"}"#;
    let answers = one_by_one([
        (200, BALANCE),
        (200, token),
        (503, problem),
        (503, problem),
        (503, problem),
        (200, r#"{"balance":"0.1234567890123456789012345678901"}"#),
    ]);
    let service = transport(sent.clone(), move || {
        let (status, body) = answers();
        let mut response = response(status, body);
        response.extensions_mut().insert(Hint::new("a hint"));
        Ok(response)
    });
    let client = Client::builder("https://api.example/base")
        .transport(service)
        .build()
        .unwrap();
    let balance = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "XAU");
    assert!(balance.clone().send().await.is_ok());
    let body = AccessTokenRequest::new(
        "5ec16164-6173-461d-b90d-116d68f55b40"
            .parse::<Uuid>()
            .unwrap(),
        "hush",
        "client_credentials",
        "positions:read",
    );
    assert!(client.issue_token(body).send().await.is_ok());
    let failed = balance.clone().send().await.unwrap_err();
    assert!(failed.to_string().contains("4711"), "that is for the error");
    assert!(balance.send().await.unwrap_err().is_decode());
    assert_eq!(sent.all().len(), 6);

    let seen = format!("{:?}", recorder.all());
    for secret in [
        ACCOUNT_GROUP,
        "5ec16164",
        "XAU",
        "hush",
        "token of mine",
        "100.250",
        "0.12345",
        "4711",
    ] {
        assert!(!seen.contains(secret), "{secret} is in {seen}");
    }
}
