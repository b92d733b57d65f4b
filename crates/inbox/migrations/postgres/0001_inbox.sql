-- What was received. Rows are inserted and, when they are old, deleted; they are never updated.
-- Times are nanoseconds since 1970-01-01T00:00:00Z.
CREATE TABLE upvest_inbox_events (
    key         uuid   NOT NULL PRIMARY KEY, -- the id of the event; made of its text where none can be read
    kind        text   NOT NULL,             -- its type, such as CASH_BALANCE.UPDATED; empty where none can be read
    entity      text   COLLATE "C" NOT NULL, -- whom it is about: events of one entity are worked in order
    created_at  bigint NOT NULL,             -- when it came about; when it was received where that cannot be read
    webhook_id  uuid,                        -- the subscription that it was delivered for
    raw         text   NOT NULL,             -- its JSON, to the letter
    received_at bigint NOT NULL
);

-- For forgetting and replaying by age.
CREATE INDEX upvest_inbox_events_received_at ON upvest_inbox_events USING brin (received_at);

-- What is still to be done. An event that is done has no row here, so this table stays small.
CREATE TABLE upvest_inbox_work (
    entity     text   COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    key        uuid   NOT NULL,
    due        bigint NOT NULL DEFAULT 0, -- not before this time: the end of a pause
    attempts   bigint NOT NULL DEFAULT 0, -- how often work on it was begun and not done
    parked_at  bigint,                    -- since when it has been put aside
    last_error text,                      -- why the last attempt failed
    PRIMARY KEY (entity, created_at, key)
);

CREATE INDEX upvest_inbox_work_begun ON upvest_inbox_work (due) WHERE attempts > 0 AND parked_at IS NULL;
CREATE INDEX upvest_inbox_work_parked ON upvest_inbox_work (parked_at) WHERE parked_at IS NOT NULL;

-- Which entities are being worked on. The primary key keeps a second worker from any of them.
CREATE TABLE upvest_inbox_claims (
    entity text   COLLATE "C" NOT NULL PRIMARY KEY,
    claim  uuid   NOT NULL, -- who is working on it
    until  bigint NOT NULL, -- the end of the lease
    events bigint NOT NULL  -- how many of its events the claim is for, the oldest
);

CREATE INDEX upvest_inbox_claims_until ON upvest_inbox_claims (until);

-- Who asked for which events to be worked again.
CREATE TABLE upvest_inbox_replays (
    at     bigint NOT NULL,
    who    text   NOT NULL,
    what   text   NOT NULL,
    events bigint NOT NULL
);
