-- The latest known cash balance of each account group in each currency.
CREATE TABLE upvest_cash_balances (
    account_group_id BLOB    NOT NULL,
    currency         TEXT    NOT NULL,
    balance          TEXT,    -- the CashBalance as JSON; NULL while only the doubt is known
    as_of            INTEGER, -- the time that the balance counts as of, by Upvest's clock, in nanoseconds
    event_id         BLOB,    -- the event that it is from; NULL if it is from a snapshot
    read_by          INTEGER, -- for a snapshot: the latest time at which it can have been read
    doubt            INTEGER, -- only a snapshot that counts as of this time or later can be trusted
    PRIMARY KEY (account_group_id, currency)
) WITHOUT ROWID;

CREATE INDEX upvest_cash_balances_doubt ON upvest_cash_balances (account_group_id) WHERE doubt IS NOT NULL;
