-- What other systems and clerks tell: a milestone, a payment, an event to come.
CREATE TABLE fact (
    id        INTEGER PRIMARY KEY,
    kind      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    target    TEXT    NOT NULL,             -- JSON: column → value of the people it concerns; {} is everyone
    day       TEXT    NOT NULL,             -- the day it happens, in the project's zone
    at        INTEGER,                      -- the hour, where it is known
    content   TEXT    NOT NULL,             -- JSON: its values
    told_day  TEXT    NOT NULL,
    told_at   INTEGER NOT NULL,             -- business time
    withdrawn INTEGER                       -- NULL while it stands
);
CREATE UNIQUE INDEX fact_standing ON fact (kind, key) WHERE withdrawn IS NULL;
CREATE INDEX fact_day ON fact (kind, day);
CREATE INDEX fact_told ON fact (kind, told_day);

-- Due by the moment of its occasion, which is asked again before it goes; not asked for by somebody.
ALTER TABLE delivery ADD COLUMN by_moment INTEGER NOT NULL DEFAULT 0;
-- The day that it announces.
ALTER TABLE delivery ADD COLUMN about TEXT;
CREATE INDEX delivery_about ON delivery (about) WHERE about IS NOT NULL;

-- Sent, and no longer true: the day that it announced has moved. Gone when the day is as it was again.
CREATE TABLE correction (
    delivery INTEGER PRIMARY KEY,
    now_on   TEXT    NOT NULL,              -- the new day; '' where there is none
    noticed  INTEGER NOT NULL,              -- business times
    done     INTEGER,                       -- when a person had put it right
    login    TEXT
);

-- The last day whose occasions this run has planned to their end.
ALTER TABLE run ADD COLUMN planned_through TEXT;
