CREATE TABLE webhook_inbox (
    key         uuid        NOT NULL PRIMARY KEY,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE balance (
    account_group_id uuid    NOT NULL,
    currency         text    NOT NULL,
    balance          numeric NOT NULL,
    created_ns       bigint  NOT NULL, -- nanoseconds since 1970
    event_id         uuid    NOT NULL,
    PRIMARY KEY (account_group_id, currency)
);

CREATE TABLE put_aside (
    key    uuid NOT NULL PRIMARY KEY,
    raw    text NOT NULL,
    reason text NOT NULL
);
