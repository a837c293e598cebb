-- The truth: timelines, events, blobs.

CREATE TABLE timelines (
    id          TEXT PRIMARY KEY,
    opened_at   TEXT NOT NULL,
    forked_from TEXT,
    fork_seq    INTEGER NOT NULL DEFAULT 0,
    fork_turn   INTEGER NOT NULL DEFAULT 0,
    title       TEXT NOT NULL DEFAULT '',  -- a projection of the events, for lists
    updated_at  TEXT NOT NULL DEFAULT ''   -- likewise
);

CREATE TABLE events (
    timeline TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    turn     INTEGER NOT NULL,
    at       TEXT    NOT NULL,
    ms       REAL    NOT NULL,
    type     TEXT    NOT NULL,
    v        INTEGER NOT NULL,
    data     TEXT    NOT NULL,
    PRIMARY KEY (timeline, seq)
) WITHOUT ROWID;

CREATE TABLE blobs (
    sha256 TEXT PRIMARY KEY,
    bytes  INTEGER NOT NULL,
    data   BLOB NOT NULL
);

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

-- Events go only with their whole timeline: its row is removed first.
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM timelines WHERE id = OLD.timeline)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

-- Also stops INSERT OR REPLACE, which fires neither of the two above.
CREATE TRIGGER events_come_in_order BEFORE INSERT ON events
WHEN NEW.seq IS NOT 1 + coalesce(
    (SELECT max(seq) FROM events WHERE timeline = NEW.timeline),
    (SELECT fork_seq FROM timelines WHERE id = NEW.timeline))
BEGIN SELECT RAISE(ABORT, 'an event must take the next number of its timeline'); END;

-- The projections: made from events, remade by `ralph doctor --rebuild`.

CREATE TABLE turns (
    timeline    TEXT    NOT NULL,
    turn        INTEGER NOT NULL,
    at          TEXT    NOT NULL,
    prompt      TEXT    NOT NULL,
    status      TEXT,
    duration_ms REAL,
    PRIMARY KEY (timeline, turn)
) WITHOUT ROWID;

CREATE INDEX turns_open ON turns (timeline) WHERE status IS NULL;

CREATE TABLE blocks (
    id       INTEGER PRIMARY KEY,
    timeline TEXT    NOT NULL,
    block    TEXT    NOT NULL,
    turn     INTEGER NOT NULL,
    at       TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    status   TEXT,
    text     TEXT    NOT NULL DEFAULT '',
    UNIQUE (timeline, block)
);

CREATE INDEX blocks_open ON blocks (timeline) WHERE status IS NULL;

-- The ledger. Holds no text, outlives its timeline; nothing ever removes a row.
CREATE TABLE attempts (
    timeline     TEXT    NOT NULL,
    attempt      TEXT    NOT NULL,
    block        TEXT    NOT NULL,
    turn         INTEGER NOT NULL,
    role         TEXT    NOT NULL,
    started_at   TEXT    NOT NULL,
    day          TEXT    NOT NULL,  -- local calendar day at the start
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
    PRIMARY KEY (timeline, attempt)
) WITHOUT ROWID;

CREATE INDEX attempts_by_day ON attempts (day);
CREATE INDEX attempts_open ON attempts (timeline) WHERE outcome IS NULL;

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts
WHEN NOT EXISTS (SELECT 1 FROM events WHERE timeline = OLD.timeline)
BEGIN SELECT RAISE(ABORT, 'the ledger outlives its timeline'); END;

CREATE VIRTUAL TABLE search USING fts5 (
    text, content = 'blocks', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER blocks_searchable_insert AFTER INSERT ON blocks
BEGIN INSERT INTO search (rowid, text) VALUES (NEW.id, NEW.text); END;

CREATE TRIGGER blocks_searchable_update AFTER UPDATE OF text ON blocks
BEGIN
    INSERT INTO search (search, rowid, text) VALUES ('delete', OLD.id, OLD.text);
    INSERT INTO search (rowid, text) VALUES (NEW.id, NEW.text);
END;

CREATE TRIGGER blocks_searchable_delete AFTER DELETE ON blocks
BEGIN INSERT INTO search (search, rowid, text) VALUES ('delete', OLD.id, OLD.text); END;

CREATE TRIGGER timelines_go_whole AFTER DELETE ON timelines
BEGIN
    UPDATE attempts SET deleted = 1 WHERE timeline = OLD.id;
    DELETE FROM events WHERE timeline = OLD.id;
    DELETE FROM turns  WHERE timeline = OLD.id;
    DELETE FROM blocks WHERE timeline = OLD.id;
END;
