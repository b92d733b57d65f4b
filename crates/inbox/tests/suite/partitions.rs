//! The table of events in partitions, as the guide advises for very many of them.

use std::time::Duration;

use upvest_inbox::sqlx::{self, Postgres};
use upvest_inbox::{Inbox, Replay};

use crate::database::{EFFECTS, clock};
use crate::events::{event, take_effect};
use crate::server::Server;

const GUIDE: &str = include_str!("../../../../docs/inbox.md");

/// The statements that the guide shows.
fn partitions() -> &'static str {
    let (_, rest) = GUIDE.split_once("```sql\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[tokio::test]
async fn an_inbox_in_partitions_works_like_any_other() {
    let Some(server) = Server::get() else {
        return;
    };
    let clock = clock();
    let now = clock.clone();
    let inbox = Inbox::new(server.schema().await).clock(now);
    inbox.migrate().await.unwrap();
    for sql in [partitions(), EFFECTS] {
        sqlx::raw_sql(sql).execute(inbox.pool()).await.unwrap();
    }
    inbox.migrate().await.unwrap();

    let events: Vec<_> = (0..100).map(|number| event(number, number)).collect();
    assert_eq!(inbox.store(&events[..60]).await.unwrap(), 60);
    assert_eq!(inbox.store(&events).await.unwrap(), 40, "60 are there");
    let worker = inbox.worker(take_effect::<Postgres>);
    assert_eq!(worker.drain().await.unwrap().done, 100);
    let replay = Replay::Event(event(7, 7).key());
    assert_eq!(inbox.replay(&replay, "ada").await.unwrap(), 1);
    assert_eq!(worker.drain().await.unwrap().done, 1);
    clock.advance(Duration::from_secs(60));
    assert_eq!(inbox.forget(Duration::from_secs(1)).await.unwrap(), 100);
}
