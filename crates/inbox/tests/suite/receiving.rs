//! From a delivery to the tables.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use tower::ServiceExt;
use upvest_inbox::{Backend, Receiver};

use crate::database::{Database, Fixture, on_each_database};
use crate::events::json;
use crate::signed::{delivery, verifier};

on_each_database!(
    a_delivery_is_stored_whole_before_it_is_acknowledged,
    what_upvest_has_not_signed_is_refused_and_nothing_stored,
    what_is_no_delivery_is_refused,
    a_delivery_that_cannot_be_stored_comes_again,
    a_delivery_whose_sender_hangs_up_is_stored,
    a_thousand_events_are_one_statement,
);

async fn send<DB: Backend>(receiver: &Receiver<DB>, request: Request<Bytes>) -> StatusCode {
    let request = request.map(Full::new);
    receiver.clone().oneshot(request).await.unwrap().status()
}

async fn a_delivery_is_stored_whole_before_it_is_acknowledged<DB: Database>(fixture: Fixture<DB>) {
    let receiver = fixture.inbox.receiver(verifier());
    let events = [json(1, 1), "{\"no\":\"event\"}".to_owned(), "7".to_owned()];
    assert_eq!(send(&receiver, delivery(&events)).await, 200);
    assert_eq!(fixture.inbox.stats().await.unwrap().depth, 3);
    assert_eq!(
        send(&receiver, delivery(&events)).await,
        200,
        "it came twice"
    );
    assert_eq!(fixture.inbox.stats().await.unwrap().depth, 3);
    let new = receiver
        .receive(&delivery(&[json(1, 1), json(2, 1)]))
        .await
        .unwrap();
    assert_eq!(new, 1);
}

async fn what_upvest_has_not_signed_is_refused_and_nothing_stored<DB: Database>(
    fixture: Fixture<DB>,
) {
    let receiver = fixture.inbox.receiver(verifier());
    let mut changed = delivery(&[json(1, 1)]);
    *changed.body_mut() = Bytes::from(format!("{{\"payload\":[{}]}}", json(2, 1)));
    assert_eq!(send(&receiver, changed).await, 401);
    let mut unsigned = delivery(&[json(1, 1)]);
    unsigned.headers_mut().remove("signature");
    assert_eq!(send(&receiver, unsigned).await, 401);
    assert_eq!(fixture.inbox.stats().await.unwrap().depth, 0);
}

async fn what_is_no_delivery_is_refused<DB: Database>(fixture: Fixture<DB>) {
    let receiver = fixture.inbox.receiver(verifier()).max_body(1000);
    let get = Request::get("/hooks/upvest")
        .body(Full::<Bytes>::default())
        .unwrap();
    let answer = receiver.clone().oneshot(get).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["allow"]),
        (405, &"POST".parse().unwrap())
    );
    let events: Vec<String> = (0..10).map(|number| json(number, 1)).collect();
    assert_eq!(send(&receiver, delivery(&events)).await, 413);
    let refusal = receiver.receive(&delivery(&events)).await.unwrap_err();
    assert_eq!(refusal.status(), 413);
}

async fn a_delivery_that_cannot_be_stored_comes_again<DB: Database>(fixture: Fixture<DB>) {
    let receiver = fixture.inbox.receiver(verifier());
    fixture
        .execute("ALTER TABLE upvest_inbox_work RENAME TO away")
        .await;
    assert_eq!(
        send(&receiver, delivery(&[json(1, 1), json(2, 1)])).await,
        503
    );
    fixture
        .execute("ALTER TABLE away RENAME TO upvest_inbox_work")
        .await;
    let stored = "SELECT count(*) FROM upvest_inbox_events";
    assert_eq!(fixture.numbers(stored).await, [0], "all of it or nothing");
    assert_eq!(
        send(&receiver, delivery(&[json(1, 1), json(2, 1)])).await,
        200
    );
}

async fn a_delivery_whose_sender_hangs_up_is_stored<DB: Database>(fixture: Fixture<DB>) {
    let receiver = fixture.inbox.receiver(verifier());
    let mut answer = Box::pin(
        receiver
            .clone()
            .oneshot(delivery(&[json(1, 1)]).map(Full::new)),
    );
    // The body is read, and the rest has begun.
    let is_pending = std::future::poll_fn(|context| {
        std::task::Poll::Ready(answer.as_mut().poll(context).is_pending())
    });
    assert!(is_pending.await);
    drop(answer);
    // It notices what is stored, whoever it is that waits for it.
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let worker = fixture.inbox.worker(move |event, _| {
        sender.send(event.key).unwrap();
        Box::pin(async { Ok(()) })
    });
    let worker = worker.poll(Duration::from_millis(20));
    let stop = async {
        receiver.recv().await;
    };
    assert_eq!(worker.run(stop).await.done, 1);
}

async fn a_thousand_events_are_one_statement<DB: Database>(fixture: Fixture<DB>) {
    let receiver = fixture.inbox.receiver(verifier());
    let events: Vec<String> = (0..1000).map(|number| json(number, number % 50)).collect();
    let delivery = delivery(&events);
    let begin = Instant::now();
    assert_eq!(send(&receiver, delivery).await, 200);
    println!("a thousand events were stored in {:?}", begin.elapsed());
    assert_eq!(fixture.inbox.stats().await.unwrap().depth, 1000);
}
