-- What people told us about being written to. It stands when roster and ledger have forgotten who they are.
CREATE TABLE preference (
    id         INTEGER PRIMARY KEY,
    who        BLOB    NOT NULL,            -- keyed digest of a person's id or of an address
    word       TEXT    NOT NULL,            -- opt-out, less-often, consent
    reach      TEXT    NOT NULL,            -- which messages: marketing, care, all
    channel    TEXT    NOT NULL,            -- '': every channel
    kind       TEXT    NOT NULL,            -- what was named: person, phone, email, wecom
    shown      TEXT    NOT NULL,            -- masked; '' after erasure
    source     TEXT    NOT NULL,
    proof      TEXT    NOT NULL,            -- '' after erasure
    recorder   TEXT    NOT NULL,            -- whose login it was, or what program
    said       INTEGER NOT NULL,            -- business times
    taken_back INTEGER,                     -- NULL while it stands
    taken_by   TEXT
);
CREATE UNIQUE INDEX preference_standing ON preference (who, word, reach, channel) WHERE taken_back IS NULL;

-- Who looked at personal data unmasked, took it out, or had it erased. Append-only.
CREATE TABLE access (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,                -- real time
    login  TEXT    NOT NULL,
    host   TEXT    NOT NULL,
    act    TEXT    NOT NULL,
    people INTEGER NOT NULL                 -- how many it was about
);

-- Of readers who live by another clock than the project.
ALTER TABLE delivery ADD COLUMN timezone TEXT NOT NULL DEFAULT '';
