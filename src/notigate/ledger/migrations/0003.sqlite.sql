-- What one word of a person lets go together; NULL where none is asked for.
ALTER TABLE delivery ADD COLUMN batch INTEGER;
CREATE INDEX delivery_batch ON delivery (batch) WHERE batch IS NOT NULL;

CREATE TABLE batch (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,     -- holiday/mid-autumn@2026-09-25
    rule       TEXT    NOT NULL,            -- under which its deliveries are held
    occasion   TEXT    NOT NULL,
    day        TEXT    NOT NULL,
    recipe     TEXT    NOT NULL,            -- JSON: how it was asked for, so that it can be planned again
    author     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    digest     TEXT    NOT NULL,            -- of all that is signed; empty while it is being drafted
    number     INTEGER NOT NULL,            -- of deliveries, when it was drafted
    parts      INTEGER NOT NULL,
    costs      TEXT    NOT NULL,            -- JSON: currency -> amount
    left_out   TEXT    NOT NULL,            -- JSON: rule -> number and the first people
    inputs     TEXT    NOT NULL,            -- what the files it was drafted from looked like
    opens      INTEGER NOT NULL,            -- business times
    closes     INTEGER,
    drafted_at INTEGER NOT NULL
);
CREATE INDEX batch_open ON batch (state) WHERE state = 'waiting' OR state = 'approved';

-- Append-only: every word on a batch.
CREATE TABLE decision (
    batch   INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    at      INTEGER NOT NULL,               -- business time
    real    INTEGER NOT NULL,
    word    TEXT    NOT NULL,               -- drafted, changed, approved, refused, released, missed
    who     TEXT    NOT NULL,               -- as they said
    login   TEXT    NOT NULL,               -- the user of the machine
    digest  TEXT    NOT NULL,               -- of what it was said
    because TEXT    NOT NULL,
    PRIMARY KEY (batch, number)
) WITHOUT ROWID;
