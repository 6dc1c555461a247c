-- The changes of 0010.sqlite.sql.
CREATE TABLE remembered (
    digest text   COLLATE "C" PRIMARY KEY,
    day    text   COLLATE "C" NOT NULL,
    until  bigint,
    latest bigint NOT NULL,
    told   text   NOT NULL
);
