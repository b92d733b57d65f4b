use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{NaiveDate, TimeZone, Utc};
use tower::util::BoxCloneSyncService;
use upvest_models::Uuid;

use super::super::Body;
use super::*;
use upvest_models::Maybe;
use upvest_models::limits::Rule;

static OPERATION: OperationInfo = OperationInfo {
    id: "create_thing",
    method: http::Method::POST,
    path: "/things/{thing_id}/parts/{part}",
    tag: "Things",
    scopes: &[],
    takes_idempotency_key: true,
    deprecated: false,
    limits: &[],
};

fn call(client: &Client) -> Call {
    let mut call = Call::new(client, &OPERATION);
    call.path::<i32, Given>("thing_id", 1);
    call.path::<String, Given>("part", "p");
    call
}

/// A client that keeps what it sends, and is answered with a status.
fn recording(status: u16) -> (Client, Arc<Mutex<Vec<http::Request<Bytes>>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sent);
    let transport = BoxCloneSyncService::new(tower::service_fn(move |request| {
        seen.lock().unwrap().push(request);
        let response = http::Response::builder().status(status);
        std::future::ready(response.body(Body::from("file")))
    }));
    let made = Mutex::new(0);
    let client = Client::builder("https://api.example")
        .idempotency_keys(move || {
            let mut made = made.lock().unwrap();
            *made += 1;
            Uuid::from_u128(*made)
        })
        .transport(transport)
        .build()
        .unwrap();
    (client, sent)
}

/// What a call sends; `make` gives it its arguments.
fn request(make: impl FnOnce(&mut Call)) -> Result<http::Request<Bytes>, Error> {
    let (client, _) = recording(200);
    let mut call = call(&client);
    make(&mut call);
    call.into_request("application/json")
}

#[test]
fn what_is_put_into_path_and_query_is_escaped() {
    let request = request(|call| {
        *call = Call::new(&call.client, &OPERATION);
        call.path::<String, Given>("thing_id", "a/b?c#d%e f.\u{e9}");
        call.path::<String, Given>("part", "x-y_z~1");
        call.query::<String, Given>("text", "1 & 2=3+4");
        call.query::<Vec<String>, Given>("list", vec!["a".to_owned(), "b,c".to_owned()]);
        call.query_joined::<Vec<i32>, Given>("joined", vec![1, 2]);
        call.query_joined::<Vec<String>, Given>("escaped", vec!["b,c".to_owned(), "d".to_owned()]);
        call.query::<i32, Given>("number", 7);
        call.query::<bool, Given>("flag", true);
        call.query::<i32, Maybe>("absent", None);
    })
    .unwrap();
    assert_eq!(
        request.uri(),
        "https://api.example/things/a%2Fb%3Fc%23d%25e%20f.%C3%A9/parts/x-y_z~1\
             ?text=1%20%26%202%3D3%2B4&list=a&list=b%2Cc&joined=1,2&escaped=b%2Cc,d\
             &number=7&flag=true"
    );
    // The transport sends the target that was signed.
    let target = url::Url::parse(&request.uri().to_string()).unwrap();
    assert_eq!(target.as_str(), request.uri().to_string());
}

#[test]
fn dates_and_moments_are_written_alike_wherever_they_are() {
    let date = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let moment = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
    let request = request(|call| {
        *call = Call::new(&call.client, &OPERATION);
        call.path::<NaiveDate, Given>("thing_id", date);
        call.path::<chrono::DateTime<Utc>, Given>("part", moment);
        call.query::<NaiveDate, Given>("date", date);
        call.query::<chrono::DateTime<Utc>, Given>("moment", moment);
        call.header::<NaiveDate, Given>("x-date", date);
        call.header::<chrono::DateTime<Utc>, Given>("x-moment", moment);
    })
    .unwrap();
    assert_eq!(
        request.uri(),
        "https://api.example/things/2026-01-02/parts/2026-01-02T03%3A04%3A05Z\
             ?date=2026-01-02&moment=2026-01-02T03%3A04%3A05Z"
    );
    assert_eq!(request.headers()["x-date"], "2026-01-02");
    assert_eq!(request.headers()["x-moment"], "2026-01-02T03:04:05Z");
}

#[test]
fn what_would_make_it_another_path_is_refused() {
    for part in ["", ".", ".."] {
        let error = request(|call| {
            *call = Call::new(&call.client, &OPERATION);
            call.path::<String, Given>("part", part);
        });
        assert!(error.unwrap_err().is_invalid_request(), "{part:?}");
    }
}

#[test]
fn all_faults_are_reported_at_once() {
    let error = request(|call| {
        call.query::<i32, Given>("q", 1_i64 << 40);
        call.query::<Vec<Vec<i32>>, Given>("deep", vec![vec![1]]);
        call.header::<String, Given>("h", "line\nbreak");
        call.form::<Vec<i32>>([1]);
    });
    insta::assert_snapshot!(error.unwrap_err(), @"`q` is not a valid `i32`: out of range integral type conversion attempted; `deep` is nested too deeply to be an argument; `h` cannot be sent: failed to parse header value; `body` cannot be written: unsupported pair");
}

static LIMITED: OperationInfo = OperationInfo {
    id: "list_things",
    method: http::Method::GET,
    path: "/things",
    tag: "Things",
    scopes: &[],
    takes_idempotency_key: false,
    deprecated: false,
    limits: &[
        ("limit", &[Rule::Minimum(1), Rule::Maximum(1000)]),
        (
            "codes",
            &[Rule::MaxItems(2), Rule::Each(&[Rule::MaxLength(3)])],
        ),
    ],
};

#[test]
fn what_breaks_limits_of_the_description_is_reported_all_at_once_and_not_sent() {
    let beyond = |call: &mut Call| {
        *call = Call::new(&call.client, &LIMITED);
        call.query::<i32, Given>("limit", 1001);
        let codes = ["DE", "EURO", "AT"].map(str::to_owned).to_vec();
        call.query_joined::<Vec<String>, Given>("codes", codes);
    };
    let error = request(beyond).unwrap_err();
    assert!(error.is_invalid_request());
    insta::assert_snapshot!(error, @"`limit` is 1001: 1000 is the most; `codes` has 3 entries: 2 are the most; `codes[1]` has 4 characters: 3 are the most");
    let sent = request(|call| {
        beyond(call);
        call.options.beyond_limits = true;
    });
    let query = sent.unwrap().uri().query().unwrap().to_owned();
    assert_eq!(query, "limit=1001&codes=DE,EURO,AT");
    let mended = request(|call| {
        beyond(call);
        call.query::<i32, Given>("limit", 1000);
        call.query_joined::<Vec<String>, Maybe>("codes", None);
    });
    assert_eq!(mended.unwrap().uri().query(), Some("limit=1000"));
}

#[test]
fn a_call_without_an_idempotency_key_gets_one() {
    let key = |request: http::Request<Bytes>| request.headers()[IDEMPOTENCY_KEY].clone();
    let made = request(|_| {}).unwrap();
    assert_eq!(key(made), Uuid::from_u128(1).to_string());
    let given = Uuid::from_u128(7);
    let request = request(|call| call.header::<Uuid, Given>(IDEMPOTENCY_KEY, given)).unwrap();
    assert_eq!(key(request), given.to_string());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_sent_again_keeps_its_idempotency_key() {
    let (client, sent) = recording(503);
    let error = call(&client).empty_answer().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    let sent = sent.lock().unwrap();
    let keys: Vec<_> = sent
        .iter()
        .map(|sent| &sent.headers()[IDEMPOTENCY_KEY])
        .collect();
    let key = Uuid::from_u128(1).to_string();
    assert_eq!(keys, [&key, &key, &key]);
}

#[test]
fn bodies_are_written_once_with_their_type() {
    let json = request(|call| call.json::<Vec<i32>>([1, 2])).unwrap();
    assert_eq!(json.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(&json.body()[..], b"[1,2]");
    let form =
        request(|call| call.form::<BTreeMap<String, String>>([("a".to_owned(), "1 2".to_owned())]))
            .unwrap();
    assert_eq!(
        form.headers()[CONTENT_TYPE],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(&form.body()[..], b"a=1+2");
}

#[tokio::test]
async fn a_file_is_handed_on_as_it_comes() {
    let (client, sent) = recording(200);
    let file = call(&client).file_answer("application/pdf").await.unwrap();
    assert_eq!(sent.lock().unwrap()[0].headers()[ACCEPT], "application/pdf");
    assert_eq!(file.into_inner().bytes().await.unwrap(), "file");
}
