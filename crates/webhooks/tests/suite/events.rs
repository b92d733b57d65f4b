//! What an event says, and what is kept of one that says nothing.

use proptest::prelude::*;
use upvest_webhooks::Event;
use upvest_webhooks::models::{Decimal, Uuid, WebhookEvent};

use crate::support::{Draft, Log, balance_event, payload, send, verifier};

/// The events of a delivery, as they are handed out.
async fn events(body: String) -> Vec<Event> {
    let log = Log::default();
    assert_eq!(
        send(&log.receiver(verifier()), Draft::new(body).sign()).await,
        200
    );
    std::mem::take(&mut log.events.lock().unwrap())
}

#[tokio::test]
async fn a_cash_balance_is_typed_and_no_digit_is_lost() {
    let amount = "1234567890123456789012345.678";
    let json = balance_event(1, amount);
    let [event] = &events(payload(std::slice::from_ref(&json))).await[..] else {
        panic!("one event was sent");
    };
    assert_eq!(event.raw(), json);
    assert_eq!(event.event_type(), Some("CASH_BALANCE.UPDATED"));
    assert_eq!(event.id(), Some(event.key()));
    assert_eq!(
        event.created_at().unwrap().to_string(),
        "2023-11-14 22:13:01 UTC"
    );
    assert_eq!(
        event.webhook_id().unwrap().to_string(),
        "9df39835-be87-4243-9018-f2500b39cee6"
    );
    let Ok(WebhookEvent::CashBalance(balance)) = event.content() else {
        panic!("{:?}", event.content());
    };
    assert_eq!(balance.object.balance, amount.parse::<Decimal>().unwrap());
    assert_eq!(balance.object.balance.to_string(), amount);
}

#[tokio::test]
async fn an_amount_that_cannot_be_kept_costs_its_event_alone_and_is_still_there_to_the_letter() {
    let amount = format!("{}.{}", "9".repeat(63), "9".repeat(27));
    let events = events(payload(&[
        balance_event(1, "1"),
        balance_event(2, &amount),
        balance_event(3, "3"),
    ]))
    .await;
    let readable: Vec<bool> = events.iter().map(|event| event.content().is_ok()).collect();
    assert_eq!(readable, [true, false, true]);
    let malformed = events[1].content().unwrap_err();
    assert!(!malformed.to_string().contains("999"), "{malformed}");
    assert!(
        malformed
            .json_error()
            .unwrap()
            .to_string()
            .contains(&amount)
    );
    assert!(events[1].raw().contains(&amount));
    assert_eq!(malformed.id, events[1].id());
    assert_eq!(events[1].event_type(), Some("CASH_BALANCE.UPDATED"));
    assert!(events[1].created_at().is_some() && events[1].webhook_id().is_some());
}

#[tokio::test]
async fn an_event_of_tomorrow_is_kept_with_every_digit() {
    let json = r#"{ "id": "00000000-0000-4000-8000-000000000009", "created_at": "2030-01-01T00:00:00+02:00",
        "type": "MOON.FULL", "object": { "amount": 0.10000000000000000000000000001, "n": 18446744073709551617 } }"#;
    let [event] = &events(payload(&[json.to_owned()])).await[..] else {
        panic!("one event was sent");
    };
    assert_eq!(event.raw(), json);
    assert_eq!(event.webhook_id(), None);
    let Ok(WebhookEvent::Unknown(unknown)) = event.content() else {
        panic!("{:?}", event.content());
    };
    assert_eq!(unknown.type_, "MOON.FULL");
    assert_eq!(unknown.raw.get(), json);
    assert_eq!(unknown.created_at.to_string(), "2029-12-31 22:00:00 UTC");
}

#[test]
fn what_can_be_read_of_a_malformed_event_is() {
    let told = |json: &str| {
        let event = Event::from_json(json);
        let malformed = event.content().unwrap_err();
        assert!(malformed.json_error().is_some());
        malformed.to_string()
    };
    insta::assert_snapshot!(
        [
            r#"{"id":"00000000-0000-4000-8000-000000000009","type":"CASH_BALANCE.UPDATED"}"#,
            r#"{"id":"00000000-0000-4000-8000-000000000009","type":"A\nB"}"#,
            r#"{"id":7,"type":"CASH_BALANCE.UPDATED","created_at":"yesterday"}"#,
            r#"{"id":"00000000-0000-4000-8000-000000000009"}"#,
            r#"{"type":"A","type":"B"}"#,
            "{",
            "",
        ]
        .map(told)
        .join("\n")
    );
}

#[test]
fn what_shows_of_an_event_has_no_personal_data() {
    let json = balance_event(1, "Max Mustermann\u{1b}[2J DE89370400440532013000");
    let event = Event::from_json(&json);
    let malformed = event.content().unwrap_err();
    let good = Event::from_json(&balance_event(1, "73.25"));
    for shown in [
        malformed.to_string(),
        format!("{:?}", event),
        format!("{good:?}"),
    ] {
        for secret in ["Max", "DE89", "\u{1b}", "73.25"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let odd = r#"{"id":7,"type":"CASH\u001b\u202e\n"}"#;
    let shown = Event::from_json(odd).content().unwrap_err().to_string();
    assert!(shown.contains(r"`CASH\u{1b}\u{202e}\n`"), "{shown}");
}

#[test]
fn an_event_without_an_id_has_its_own_key() {
    let key = |json: &str| Event::from_json(json).key();
    assert_eq!(key("{}"), key("{}"));
    assert_ne!(key("{}"), key("{ }"));
    assert_eq!(key("{}").get_version_num(), 8);
    // The SHA-256 of `{}` begins with 44136fa355b3678a1146ad16f7e8649e.
    assert_eq!(
        key("{}").to_string(),
        "44136fa3-55b3-878a-9146-ad16f7e8649e"
    );
    let json = r#"{"id":"00000000-0000-4000-8000-000000000009"}"#;
    assert_eq!(key(json), Uuid::from_u128(0x4000_8000_0000_0000_0009));
}

/// Texts that are nearly events.
fn nearly_an_event() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        Just(r#""id":"00000000-0000-4000-8000-000000000009""#.to_owned()),
        Just(r#""created_at":"2023-11-14T22:13:20Z""#.to_owned()),
        Just(r#""type":"CASH_BALANCE.UPDATED""#.to_owned()),
        Just(r#""object":{}"#.to_owned()),
        "[a-z\"{}\\[\\]:,0-9]{0,12}",
        "\"(id|type|object|created_at|webhook_id)\":(null|1|\"x\"|\\[\\]|-|1e5)",
    ];
    prop_oneof![
        ".*",
        prop::collection::vec(member, 0..6)
            .prop_map(|members| format!("{{{}}}", members.join(","))),
        (0usize..400).prop_map(|end| {
            let mut json = balance_event(1, "1");
            json.truncate(end);
            json
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn no_text_is_too_much(json in nearly_an_event()) {
        let event = Event::from_json(&json);
        prop_assert_eq!(event.raw(), &json);
        let _ = (event.key(), event.created_at(), event.webhook_id());
        match event.content() {
            Ok(content) => {
                prop_assert_eq!(Some(content.id()), event.id());
                prop_assert_eq!(Some(content.event_type()), event.event_type());
            }
            Err(malformed) => prop_assert!(malformed.to_string().starts_with("the event ")),
        }
    }

    #[test]
    fn bad_neighbours_cost_nothing(
        before in prop::collection::vec("(null|\\{\\}|\\[[0-9]?\\]|\"[a-z]{0,9}\"|[1-9][0-9]{0,3})", 0..4),
        after in prop::collection::vec("(null|\\{\\}|\\[[0-9]?\\]|\"[a-z]{0,9}\"|[1-9][0-9]{0,3})", 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let all = [&before[..], &[balance_event(1, "1")], &after[..]].concat();
        let log = Log::default();
        let status = runtime.block_on(send(&log.receiver(verifier()), Draft::new(payload(&all)).sign()));
        prop_assert_eq!(status.as_u16(), 200);
        let good = log.events.lock().unwrap().iter().filter(|event| event.content().is_ok()).count();
        prop_assert_eq!(good, 1);
    }

    #[test]
    fn no_header_and_no_body_is_too_much(
        input in prop_oneof!["\\PC*", "sig1=\\(.{0,60}\\)(;[a-z]{1,7}=[\"0-9a-z]{0,12}){0,6}"],
        signature in prop_oneof!["\\PC*", "sig1=:[A-Za-z0-9+/=]{0,200}:"],
        digest in "\\PC*",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut request = http::Request::post("/hooks/upvest").body(body).unwrap();
        for (name, value) in [("signature-input", input), ("signature", signature), ("digest", digest)] {
            if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
                request.headers_mut().insert(name, value);
            }
        }
        let log = Log::default();
        let status = runtime.block_on(send(&log.receiver(verifier()), request));
        prop_assert_eq!(status.as_u16(), 401);
    }
}
