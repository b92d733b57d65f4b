//! What two processes do to one inbox in PostgreSQL at a time. The guide has a table of it.

use upvest_inbox::Inbox;
use upvest_inbox::sqlx::{self, PgPool, Postgres};

use crate::actor::{Actor, PLACES};
use crate::database::EFFECTS;
use crate::server::Server;

/// Two processes, and the inbox that they share.
pub(crate) struct Two {
    pub(crate) one: Actor,
    pub(crate) other: Actor,
    pub(crate) inbox: Inbox<Postgres>,
}

impl Two {
    /// On the server of all tests; nothing where it is not installed.
    async fn start() -> Option<Self> {
        Some(Self::start_on(Server::get()?, "read-committed").await)
    }

    /// With transactions of this isolation.
    pub(crate) async fn start_on(server: &Server, isolation: &str) -> Self {
        let (pool, schema) = server.named_schema().await;
        let inbox = Inbox::new(pool);
        inbox.migrate().await.unwrap();
        for sql in [EFFECTS, PLACES] {
            sqlx::raw_sql(sql).execute(inbox.pool()).await.unwrap();
        }
        let actor = || Actor::start(isolation, server.port, &schema);
        let (one, other) = (actor(), actor());
        Self { one, other, inbox }
    }

    /// Has both store at the very same time.
    async fn store_at_once(&mut self, commands: [&str; 2]) -> [String; 2] {
        let pool = self.inbox.pool();
        let mut blocker = pool.begin().await.unwrap();
        let lock = "LOCK TABLE upvest_inbox_events IN SHARE MODE";
        sqlx::query(lock).execute(&mut *blocker).await.unwrap();
        self.one.tell(commands[0]).await;
        self.other.tell(commands[1]).await;
        let relation = "NOT granted AND relation = 'upvest_inbox_events'::regclass";
        until_waiting(pool, relation, 2).await;
        blocker.commit().await.unwrap();
        [self.one.hear().await, self.other.hear().await]
    }

    /// Has both work until nothing is left, and returns how many events were done, how many attempts
    /// failed, and how many events were parked.
    pub(crate) async fn drain(&mut self, batch: u32) -> [u64; 3] {
        let command = format!("drain {batch}");
        let mut sum = [0; 3];
        loop {
            self.one.tell(&command).await;
            self.other.tell(&command).await;
            add(&mut sum, &self.one.hear().await);
            add(&mut sum, &self.other.hear().await);
            if self.inbox.stats().await.unwrap().depth == 0 {
                return sum;
            }
        }
    }

    pub(crate) async fn numbers(&self, sql: &str) -> Vec<i64> {
        let numbers = sqlx::query_scalar(sql).fetch_all(self.inbox.pool()).await;
        numbers.unwrap()
    }

    pub(crate) async fn effects(&self) -> Vec<i64> {
        let sql = "SELECT number FROM effects ORDER BY number";
        self.numbers(sql).await
    }
}

/// Adds what an actor says that it has worked.
fn add(sum: &mut [u64; 3], worked: &str) {
    let counts = worked.strip_prefix("worked ").expect("it has worked");
    for (sum, count) in sum.iter_mut().zip(counts.split(' ')) {
        *sum += count.parse::<u64>().unwrap();
    }
}

/// Waits until this many wait for a lock of this kind.
pub(crate) async fn until_waiting(pool: &PgPool, which: &str, count: i64) {
    let sql = format!("SELECT count(*) FROM pg_locks WHERE {which}");
    loop {
        let waiting: i64 = sqlx::query_scalar(&sql).fetch_one(pool).await.unwrap();
        if waiting == count {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_same_event_at_once_is_stored_and_worked_once() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let mut answers = two.store_at_once(["store 1/1/write"; 2]).await;
    answers.sort();
    assert_eq!(answers, ["stored 0", "stored 1"]);
    assert_eq!(two.drain(50).await, [1, 0, 0]);
    assert_eq!(two.effects().await, [1]);
}

#[tokio::test]
async fn deliveries_that_overlap_store_each_event_once() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let store = |numbers: Vec<u64>| {
        let event = |number: u64| format!(" {number}/{number}/write");
        let events: String = numbers.into_iter().map(event).collect();
        format!("store{events}")
    };
    // In opposite orders, which would be a deadlock if they were inserted like that.
    let (one, other) = (store((0..20).collect()), store((10..30).rev().collect()));
    let answers = two.store_at_once([&one, &other]).await;
    let new = answers.map(|answer| {
        answer
            .strip_prefix("stored ")
            .unwrap()
            .parse::<u64>()
            .unwrap()
    });
    assert_eq!(new.iter().sum::<u64>(), 30, "{new:?}");
    assert_eq!(two.drain(4).await, [30, 0, 0]);
    assert_eq!(two.effects().await, Vec::from_iter(0..30));
}

#[tokio::test]
async fn whoever_finds_an_event_half_stored_waits_for_what_becomes_of_it() {
    for (end, new) in [("ROLLBACK", "stored 1"), ("COMMIT", "stored 0")] {
        let Some(mut two) = Two::start().await else {
            return;
        };
        let event = upvest_inbox::webhooks::Event::from_json(&crate::events::json(1, 1));
        let mut half = two.inbox.pool().acquire().await.unwrap();
        let insert = "WITH e AS (INSERT INTO upvest_inbox_events VALUES ($1, '', 'group-1', 1, NULL, '{}', 1))
                      INSERT INTO upvest_inbox_work VALUES ('group-1', 1, $1)";
        sqlx::query("BEGIN").execute(&mut *half).await.unwrap();
        let insert = sqlx::query(insert).bind(event.key());
        insert.execute(&mut *half).await.unwrap();
        two.one.tell("store 1/1/write").await;
        // It has looked, and found nothing; now it inserts, and waits.
        let transaction = "NOT granted AND locktype = 'transactionid'
            AND pid IN (SELECT l.pid FROM pg_locks l WHERE l.relation = 'upvest_inbox_events'::regclass)";
        until_waiting(two.inbox.pool(), transaction, 1).await;
        sqlx::query(end).execute(&mut *half).await.unwrap();
        assert_eq!(two.one.hear().await, new, "{end}");
        assert_eq!(two.inbox.stats().await.unwrap().depth, 1, "{end}");
        assert_eq!(two.drain(50).await, [1, 0, 0], "{end}");
    }
}

#[tokio::test]
async fn retryable_and_permanent_errors_do_not_touch_what_is_beside_them() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let event = |number: u64| {
        let steps = ["write", "write,retryable", "write,permanent"][number as usize % 3];
        format!(" {number}/{number}/{steps}")
    };
    let events: String = (0..42).map(event).collect();
    assert_eq!(two.one.ask(&format!("store{events}")).await, "stored 42");
    assert_eq!(two.drain(5).await, [28, 14, 14]);
    let expected = (0..42).filter(|number| number % 3 != 2);
    assert_eq!(two.effects().await, Vec::from_iter(expected));
}

#[tokio::test]
async fn the_victim_of_a_deadlock_comes_again() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let events = "store 1/1/visit1,wait,visit2,write 2/2/visit2,wait,visit1,write";
    assert_eq!(two.one.ask(events).await, "stored 2");
    two.one.tell("drain 1").await;
    assert_eq!(two.one.hear().await, "waits 1");
    two.other.tell("drain 1").await;
    assert_eq!(two.other.hear().await, "waits 2");
    two.one.tell("go").await;
    two.other.tell("go").await;
    let mut sum = [0; 3];
    add(&mut sum, &two.one.hear().await);
    add(&mut sum, &two.other.hear().await);
    let rest = two.drain(1).await;
    assert_eq!((sum[0] + rest[0], sum[1] + rest[1]), (2, 1));
    assert_eq!(two.effects().await, [1, 2]);
    assert_eq!(two.numbers("SELECT visits FROM places").await, [2, 2]);
}

#[tokio::test]
async fn what_cannot_be_serialised_comes_again() {
    let Some(server) = Server::get() else {
        return;
    };
    let mut two = Two::start_on(server, "serializable").await;
    let events = "store 1/1/wait,visit1,write 2/2/visit1,write";
    assert_eq!(two.one.ask(events).await, "stored 2");
    two.one.tell("drain 1").await;
    assert_eq!(two.one.hear().await, "waits 1");
    assert_eq!(two.other.ask("drain 1").await, "worked 1 0 0");
    two.one.tell("go").await;
    let worked = two.one.hear().await;
    assert_eq!(worked, "worked 1 1 0", "it failed once");
    assert_eq!(two.effects().await, [1, 2]);
    let visits = "SELECT visits FROM places WHERE id = 1";
    assert_eq!(two.numbers(visits).await, [2]);
}

/// Takes back the first transaction that writes an effect, when it is committed.
const CONFLICT: &str = "CREATE SEQUENCE commits;
    CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('commits') = 1 THEN RAISE SQLSTATE '40001'; END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER conflict AFTER INSERT ON effects
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION conflict()";

#[tokio::test]
async fn what_cannot_be_committed_comes_again_at_once_each_by_itself() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let conflict = sqlx::raw_sql(CONFLICT).execute(two.inbox.pool()).await;
    conflict.unwrap();
    let stored = two.one.ask("store 1/1/write 2/2/write").await;
    assert_eq!(stored, "stored 2");
    assert_eq!(two.one.ask("drain 50").await, "worked 2 2 0");
    assert_eq!(two.effects().await, [1, 2]);
}

#[tokio::test]
async fn a_clock_that_is_put_back_delays_no_new_event_and_takes_no_claim() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let events = "store 1/1/write,wait 2/1/write";
    assert_eq!(two.one.ask(events).await, "stored 2");
    two.one.tell("drain 1").await;
    assert_eq!(two.one.hear().await, "waits 1");
    // A year, which is longer than any lease.
    two.other.tell("back 31536000").await;
    assert_eq!(two.other.ask("store 2/1/write 3/3/write").await, "stored 1");
    assert_eq!(two.other.ask("drain 50").await, "worked 1 0 0");
    assert_eq!(
        two.effects().await,
        [3],
        "the other account group is worked on"
    );
    two.one.tell("go").await;
    assert_eq!(two.one.hear().await, "worked 2 0 0");
    assert_eq!(two.effects().await, [1, 2, 3]);
}

#[tokio::test]
async fn a_clock_that_is_ahead_takes_no_claim_from_another_worker() {
    let Some(mut two) = Two::start().await else {
        return;
    };
    let events = "store 1/1/write,wait 2/1/write";
    assert_eq!(two.one.ask(events).await, "stored 2");
    two.one.tell("drain 1").await;
    assert_eq!(two.one.hear().await, "waits 1");
    // A year, which is longer than any lease.
    two.other.tell("ahead 31536000").await;
    assert_eq!(two.other.ask("drain 50").await, "worked 0 0 0");
    two.one.tell("go").await;
    assert_eq!(two.one.hear().await, "worked 2 0 0");
    assert_eq!(two.effects().await, [1, 2]);
}

#[test]
fn each_scenario_of_the_guide_has_its_test() {
    let guide = include_str!("../../../../docs/inbox.md");
    let (_, table) = guide.split_once("| what happens | the test |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let tests = [include_str!("two_processes.rs"), include_str!("outages.rs")].concat();
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(rows.len(), 10);
    for row in rows {
        let name = row.split('`').nth(1).expect("the name of a test");
        let test = format!("#[tokio::test]\nasync fn {name}()");
        assert!(tests.contains(&test), "there is no test {name}");
    }
}
