-- The changes of 0004.sqlite.sql.
CREATE TABLE report (
    name    text COLLATE "C" PRIMARY KEY,
    printed bigint NOT NULL,
    totals  text   NOT NULL
);
