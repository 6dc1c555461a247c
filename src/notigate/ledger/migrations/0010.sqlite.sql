-- Plans that were promised to their end: while nothing that they were made of changes, they need not be made again.
CREATE TABLE remembered (
    digest TEXT    PRIMARY KEY,             -- keyed, of the roster, the settings, the texts … as they were
    day    TEXT    NOT NULL,
    until  INTEGER,                         -- from then on more of it can be planned; NULL: not on that day
    latest INTEGER NOT NULL,                -- the last promise
    told   TEXT    NOT NULL                 -- JSON: what every run tells that finds things so, masked
) WITHOUT ROWID;
