-- Times are milliseconds since 1970 (UTC); days are ISO dates in the project's zone.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE run (
    id       INTEGER PRIMARY KEY,
    kind     TEXT    NOT NULL,              -- the command
    host     TEXT    NOT NULL,
    pid      INTEGER NOT NULL,
    now      INTEGER NOT NULL,              -- business time at its start
    started  INTEGER NOT NULL,              -- real times
    ended    INTEGER,
    exit     INTEGER
);

CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY,
    key         BLOB    NOT NULL UNIQUE,    -- keyed digest of occasion, occurrence and reader: the promise of "once"
    version     INTEGER NOT NULL,           -- counts changes; what every compare-and-set compares
    run         INTEGER NOT NULL,
    occasion    TEXT    NOT NULL,
    occurrence  TEXT    NOT NULL,
    day         TEXT    NOT NULL,           -- the business day it is counted on, for ever
    person      TEXT    NOT NULL,
    project     TEXT    NOT NULL,
    building    TEXT    NOT NULL,
    category    TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    medium      TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    locale      TEXT    NOT NULL,
    asked       INTEGER NOT NULL,           -- 1: asked for by name, need not wait for a window
    content     TEXT,                       -- JSON; NULL where nothing was rendered, or after erasure
    digest      BLOB    NOT NULL,           -- of content: the same key with another digest is a conflict
    state       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    attempts    INTEGER NOT NULL,
    worker      INTEGER NOT NULL DEFAULT 0, -- who has claimed it or sends it, where several may: not here
    provider_id TEXT,
    planned_at  INTEGER NOT NULL,           -- business times
    changed_at  INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,           -- open states: not before; others: when they ended
    expires_at  INTEGER
);

-- Small: a delivery leaves it when it reaches its end. (With IN, SQLite would build a table of the six for every row changed.)
CREATE INDEX delivery_open ON delivery (state, channel, asked, next_at)
    WHERE state = 'queued' OR state = 'claimed' OR state = 'sending' OR state = 'retry_wait' OR state = 'held' OR state = 'unknown';
CREATE INDEX delivery_person ON delivery (person, day);

-- One row a call to a provider. `reference` is handed out (Aliyun: OutId) and unguessable.
CREATE TABLE call (
    id        INTEGER PRIMARY KEY,
    reference TEXT    NOT NULL UNIQUE,
    run       INTEGER NOT NULL,
    channel   TEXT    NOT NULL,
    started   INTEGER NOT NULL              -- real time
);

CREATE TABLE attempt (
    delivery    INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    call        INTEGER NOT NULL,
    started     INTEGER NOT NULL,           -- business time
    ended       INTEGER,                    -- real time
    status      TEXT,                       -- NULL: no answer was recorded
    reason      TEXT,
    detail      TEXT,
    provider_id TEXT,
    absent      INTEGER,                    -- real time at which the provider first answered in full that it has nothing
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;
CREATE INDEX attempt_call ON attempt (call);

-- Append-only: every change of state, in the same transaction as the change.
CREATE TABLE event (
    delivery INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    at       INTEGER NOT NULL,              -- business time
    real     INTEGER NOT NULL,
    state    TEXT    NOT NULL,              -- the new one; the old one is the row before
    cause    TEXT    NOT NULL,
    PRIMARY KEY (delivery, version)
) WITHOUT ROWID;

-- What the weekly count reads. Kept in the same transaction as each change; open states are one: `open`.
CREATE TABLE tally (
    day      TEXT    NOT NULL,
    occasion TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    project  TEXT    NOT NULL,
    building TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (day, occasion, channel, project, building, state, reason)
) WITHOUT ROWID;
