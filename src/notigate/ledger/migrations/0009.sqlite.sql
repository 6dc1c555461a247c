-- What stood in the way of a run: an occasion that could not be planned, a channel that was left alone, what ended it.
CREATE TABLE trouble (
    run     INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    about   TEXT    NOT NULL,               -- the occasion or the channel
    detail  TEXT    NOT NULL,               -- without addresses
    PRIMARY KEY (run, kind, about)
) WITHOUT ROWID;
-- The runs that cron calls, among all that systems which ask for single messages leave.
CREATE INDEX run_due ON run (id) WHERE kind = 'due';

-- What somebody should look after.
CREATE TABLE alarm (
    kind    TEXT    NOT NULL,
    about   TEXT    NOT NULL,
    since   INTEGER NOT NULL,               -- business times: when it was first seen (in the keys of what tells of it),
    gone    INTEGER,                        -- and when it was first seen to be gone
    PRIMARY KEY (kind, about)
) WITHOUT ROWID;
