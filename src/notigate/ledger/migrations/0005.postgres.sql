-- The changes of 0005.sqlite.sql.
ALTER TABLE delivery ADD COLUMN wording text NOT NULL DEFAULT '';

CREATE TABLE reviewed (
    channel text   COLLATE "C" NOT NULL,
    code    text   COLLATE "C" NOT NULL,
    asked   bigint NOT NULL,
    state   text   NOT NULL,
    wording text   NOT NULL,
    PRIMARY KEY (channel, code)
);
