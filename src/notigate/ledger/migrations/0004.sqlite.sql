-- What a week or month came to when its report was first printed after its end; later receipts are told beside it.
CREATE TABLE report (
    name    TEXT PRIMARY KEY,               -- 2026-W47, 2026-11
    printed INTEGER NOT NULL,               -- business time
    totals  TEXT    NOT NULL                -- JSON: column → figure
) WITHOUT ROWID;
