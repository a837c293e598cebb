-- The ledger's rows of a turn that is not saved stand under a run of their own: turn N+1 of `-c --no-save` is not the
-- turn N+1 that is saved after it. `run` is empty for what is saved. `utc_offset`: of the local clock, minutes east.

DROP TRIGGER attempts_are_kept;
DROP TRIGGER timelines_go_whole;

CREATE TABLE attempts_new (
    timeline     TEXT    NOT NULL,
    run          TEXT    NOT NULL DEFAULT '',
    attempt      TEXT    NOT NULL,
    block        TEXT    NOT NULL,
    turn         INTEGER NOT NULL,
    role         TEXT    NOT NULL,
    started_at   TEXT    NOT NULL,
    day          TEXT    NOT NULL,  -- the ledger's calendar day at the start; never changed
    utc_offset   INTEGER,
    provider     TEXT    NOT NULL,
    model        TEXT    NOT NULL,
    saved        INTEGER NOT NULL DEFAULT 1,
    deleted      INTEGER NOT NULL DEFAULT 0,
    outcome      TEXT,
    speculated   INTEGER NOT NULL DEFAULT 0,
    error_kind   TEXT,
    request_id   TEXT,
    stop_reason  TEXT,
    input        INTEGER NOT NULL DEFAULT 0,
    cache_read   INTEGER NOT NULL DEFAULT 0,
    cache_write  INTEGER NOT NULL DEFAULT 0,
    output       INTEGER NOT NULL DEFAULT 0,
    reasoning    INTEGER NOT NULL DEFAULT 0,
    usage_source TEXT    NOT NULL DEFAULT 'none',
    raw_usage    TEXT,
    estimated    INTEGER NOT NULL DEFAULT 0,
    reserved     INTEGER,
    nano_usd     INTEGER,
    cost_status  TEXT,
    price        TEXT,
    ttft_ms      REAL,
    duration_ms  REAL,
    phases       TEXT,
    PRIMARY KEY (timeline, run, attempt)
) WITHOUT ROWID;

-- An unsaved row that a saved attempt was written over is that attempt's by now: the log tells of it.
INSERT INTO attempts_new
SELECT timeline, CASE WHEN saved OR logged THEN '' ELSE 'before' END, attempt, block, turn, role, started_at, day, NULL,
       provider, model, saved OR logged, deleted, outcome, speculated, error_kind, request_id, stop_reason, input,
       cache_read, cache_write, output, reasoning, usage_source, raw_usage, estimated, reserved, nano_usd, cost_status,
       price, ttft_ms, duration_ms, phases
FROM (SELECT a.*, NOT a.saved AND EXISTS (
          SELECT 1 FROM events e WHERE e.timeline = a.timeline AND e.type = 'attempt.started'
          AND CASE WHEN json_valid(e.data) THEN json_extract(e.data, '$.attempt') END = a.attempt) AS logged
      FROM attempts a);

DROP TABLE attempts;
ALTER TABLE attempts_new RENAME TO attempts;

CREATE INDEX attempts_by_day ON attempts (day, started_at);
CREATE INDEX attempts_open ON attempts (timeline) WHERE outcome IS NULL;
CREATE INDEX attempts_by_model ON attempts (provider, model, started_at);

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts
WHEN OLD.run <> '' OR NOT EXISTS (SELECT 1 FROM events WHERE timeline = OLD.timeline)
BEGIN SELECT RAISE(ABORT, 'nothing can remake this row of the ledger'); END;

CREATE TRIGGER timelines_go_whole AFTER DELETE ON timelines
BEGIN
    UPDATE attempts SET deleted = 1 WHERE timeline = OLD.id;
    DELETE FROM events WHERE timeline = OLD.id;
    DELETE FROM turns  WHERE timeline = OLD.id;
    DELETE FROM blocks WHERE timeline = OLD.id;
END;
