-- The changes of 0009.sqlite.sql.
CREATE TABLE trouble (
    run    bigint NOT NULL,
    kind   text   COLLATE "C" NOT NULL,
    about  text   COLLATE "C" NOT NULL,
    detail text   NOT NULL,
    PRIMARY KEY (run, kind, about)
);
CREATE INDEX run_due ON run (id) WHERE kind = 'due';

CREATE TABLE alarm (
    kind  text   COLLATE "C" NOT NULL,
    about text   COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    gone  bigint,
    PRIMARY KEY (kind, about)
);
