-- The changes of 0008.sqlite.sql.
ALTER TABLE delivery ADD COLUMN parts integer NOT NULL DEFAULT 0;

CREATE TABLE spending (
    day      text COLLATE "C" NOT NULL,
    occasion text COLLATE "C" NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    project  text COLLATE "C" NOT NULL,
    building text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    parts    integer NOT NULL,
    cost     bigint  NOT NULL,
    PRIMARY KEY (day, occasion, channel, project, currency, building)
);

CREATE INDEX delivery_run ON delivery (run);
CREATE INDEX delivery_occasion ON delivery (occasion);
CREATE INDEX delivery_address ON delivery (address) WHERE address <> '';
CREATE INDEX delivery_reason ON delivery (reason) WHERE reason <> '';
CREATE INDEX delivery_settled ON delivery (state, changed_at)
    WHERE state <> 'queued' AND state <> 'claimed' AND state <> 'sending' AND state <> 'held' AND state <> 'retry_wait' AND state <> 'unknown';
