-- The response cache: opt-in, bounded, and no part of the truth; it may be emptied at any time.

CREATE TABLE answers (
    key        TEXT PRIMARY KEY,
    created_at REAL    NOT NULL,  -- seconds since the epoch
    bytes      INTEGER NOT NULL,
    data       TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX answers_by_age ON answers (created_at);

-- The last price of a model is looked up before each first use.
CREATE INDEX attempts_by_model ON attempts (provider, model, started_at);
