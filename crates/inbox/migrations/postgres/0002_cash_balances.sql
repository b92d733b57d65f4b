-- The latest known cash balance of each account group in each currency.
CREATE TABLE upvest_cash_balances (
    account_group_id uuid   NOT NULL,
    currency         text   NOT NULL,
    balance          text,   -- the CashBalance as JSON; NULL while only the doubt is known
    as_of            bigint, -- the time that the balance counts as of, by Upvest's clock, in nanoseconds
    event_id         uuid,   -- the event that it is from; NULL if it is from a snapshot
    read_by          bigint, -- for a snapshot: the latest time at which it can have been read
    doubt            bigint, -- only a snapshot that counts as of this time or later can be trusted
    PRIMARY KEY (account_group_id, currency)
);

CREATE INDEX upvest_cash_balances_doubt ON upvest_cash_balances (account_group_id) WHERE doubt IS NOT NULL;
