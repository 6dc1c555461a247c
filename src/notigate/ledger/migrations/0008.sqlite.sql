-- As how many parts each SMS is sent, counted when it was written; 0 in other media, and in what was promised before.
ALTER TABLE delivery ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;

-- What providers have taken over, and what that costs at the price of that time: added to once a delivery, never taken back.
CREATE TABLE spending (
    day      TEXT    NOT NULL,
    occasion TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    project  TEXT    NOT NULL,
    building TEXT    NOT NULL,
    currency TEXT    NOT NULL,              -- '' where no price is said
    parts    INTEGER NOT NULL,
    cost     INTEGER NOT NULL,              -- millionths of the currency
    PRIMARY KEY (day, occasion, channel, project, currency, building)
) WITHOUT ROWID;

-- What people look for in the log, beside `delivery_person`. None of these but the last two changes once a delivery is promised.
CREATE INDEX delivery_run ON delivery (run);
CREATE INDEX delivery_occasion ON delivery (occasion);
CREATE INDEX delivery_address ON delivery (address) WHERE address <> '';
CREATE INDEX delivery_reason ON delivery (reason) WHERE reason <> '';
-- In order of the last change. Who is on the way is found by `delivery_open`, and need not be moved here at each step.
CREATE INDEX delivery_settled ON delivery (state, changed_at)
    WHERE state <> 'queued' AND state <> 'claimed' AND state <> 'sending' AND state <> 'held' AND state <> 'retry_wait' AND state <> 'unknown';
