-- The digest of the wording that each delivery was made from: which words, whatever the file says by now.
ALTER TABLE delivery ADD COLUMN wording TEXT NOT NULL DEFAULT '';

-- What a provider last said of its own copy of a text. It may be forgotten at any time: it is asked again.
CREATE TABLE reviewed (
    channel TEXT    NOT NULL,
    code    TEXT    NOT NULL,              -- the provider's name of its copy
    asked   INTEGER NOT NULL,              -- real time
    state   TEXT    NOT NULL,              -- approved, reviewing, rejected, cancelled, unclear, missing
    wording TEXT    NOT NULL,              -- the digest of its words, as of ours
    PRIMARY KEY (channel, code)
) WITHOUT ROWID;
