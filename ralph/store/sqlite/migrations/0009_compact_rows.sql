-- The database is small beside the text in it: the log stands in compact rows, and `events` is a view of them; so is `blocks`.
-- After these statements the rows of `events_before` and `blocks_before` are moved (ralph/store/sqlite/rows/moving.py).

DROP TRIGGER IF EXISTS events_are_never_changed;
DROP TRIGGER IF EXISTS events_are_never_removed;
DROP TRIGGER IF EXISTS events_come_in_order;
DROP TRIGGER IF EXISTS attempts_are_kept;
DROP TRIGGER IF EXISTS timelines_go_whole;
DROP INDEX IF EXISTS events_turns;
DROP INDEX IF EXISTS events_between;
DROP INDEX IF EXISTS events_roles;
DROP INDEX IF EXISTS events_notes;

DROP TRIGGER IF EXISTS blocks_searchable_insert;
DROP TRIGGER IF EXISTS blocks_searchable_update;
DROP TRIGGER IF EXISTS blocks_searchable_delete;
DROP INDEX IF EXISTS blocks_open;

ALTER TABLE events RENAME TO events_before;
ALTER TABLE blocks RENAME TO blocks_before;

-- `number` stands for the timeline in the rows of its log.
CREATE TABLE timelines_new (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    opened_at   TEXT NOT NULL,
    forked_from TEXT,
    fork_seq    INTEGER NOT NULL DEFAULT 0,
    fork_turn   INTEGER NOT NULL DEFAULT 0,
    title       TEXT NOT NULL DEFAULT '',  -- a projection of the events, for lists
    updated_at  TEXT NOT NULL DEFAULT ''   -- likewise
);

INSERT INTO timelines_new (id, opened_at, forked_from, fork_seq, fork_turn, title, updated_at)
SELECT id, opened_at, forked_from, fork_seq, fork_turn, title, updated_at FROM timelines ORDER BY opened_at, id;
DROP TABLE timelines;
ALTER TABLE timelines_new RENAME TO timelines;

CREATE TABLE event_types (
    id   INTEGER PRIMARY KEY,
    type TEXT NOT NULL UNIQUE
);

INSERT INTO event_types (type) VALUES
    ('note'), ('turn.started'), ('roles.changed'), ('block.delta'), ('timeline.opened'), ('timeline.changed'),
    ('block.started'), ('attempt.started'), ('attempt.waiting'), ('attempt.finished'), ('tool.requested'),
    ('tool.decided'), ('tool.finished'), ('block.finished'), ('turn.finished'), ('context.compacted');

-- The JSON that events share, in pieces; the values of one event stand between them. A number is never used again.
CREATE TABLE event_forms (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    parts TEXT NOT NULL  -- a JSON list
);

-- The texts of a timeline, each once. The upper 32 bits of the id are the timeline's number.
CREATE TABLE event_texts (
    id   INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,  -- characters
    text TEXT    NOT NULL
);

-- Whether a text is there already is looked up before each new one.
CREATE INDEX event_texts_by_size ON event_texts (size);

-- Every event but the deltas. `at` and `ms` are microseconds, or what the event has if these do not express it.
CREATE TABLE event_rows (
    timeline INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    turn     INTEGER NOT NULL,
    at       NOT NULL,
    ms       NOT NULL,
    kind     INTEGER NOT NULL,
    v        INTEGER NOT NULL,
    form     INTEGER,        -- without a form `data` is the whole JSON
    data     TEXT NOT NULL,  -- else the values of the form, a line each
    PRIMARY KEY (timeline, seq)
) WITHOUT ROWID;

-- The deltas of open blocks, and those that cannot be packed.
CREATE TABLE event_deltas (
    timeline INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    turn     INTEGER NOT NULL,
    at       NOT NULL,
    ms       NOT NULL,
    v        INTEGER NOT NULL,
    block    TEXT NOT NULL,
    data     TEXT NOT NULL,
    PRIMARY KEY (timeline, seq)
) WITHOUT ROWID;

-- The deltas of finished blocks: where `text` was cut, and when each piece came (ralph/store/sqlite/rows/packs.py).
CREATE TABLE event_packs (
    timeline INTEGER NOT NULL,
    seq      INTEGER NOT NULL,  -- of the first delta
    last     INTEGER NOT NULL,  -- of the last
    turn     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    ms       INTEGER NOT NULL,
    block    TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    restart  INTEGER NOT NULL,
    text     INTEGER NOT NULL,
    start    INTEGER NOT NULL,
    lag      INTEGER NOT NULL,
    lines    TEXT    NOT NULL,
    PRIMARY KEY (timeline, seq)
) WITHOUT ROWID;

-- Notes, and where a turn begins or models change. A query must repeat the condition of the index.
CREATE INDEX events_marks ON event_rows (kind, timeline, seq) WHERE kind IN (1, 2, 3);
CREATE INDEX events_between ON event_rows (turn, timeline, seq) WHERE turn = 0;

-- The rows with their whole JSON.
CREATE VIEW event_row_data (timeline, seq, turn, at, ms, kind, v, data) AS
SELECT r.timeline, r.seq, r.turn,
       CASE typeof(r.at) WHEN 'integer' THEN
           strftime('%Y-%m-%dT%H:%M:%S', r.at / 1000000, 'unixepoch') || printf('.%06dZ', r.at % 1000000) ELSE r.at END,
       CASE typeof(r.ms) WHEN 'integer' THEN r.ms / 1000.0 ELSE r.ms END,
       r.kind, r.v,
       CASE WHEN r.form IS NULL THEN r.data ELSE coalesce((
           SELECT group_concat(json_extract(f.parts, '$[' || e.key || ']') || CASE substr(e.value, 1, 1)
               WHEN '@' THEN json_quote(x.text)
               WHEN '#' THEN x.text
               WHEN '~' THEN substr(json_quote(x.text), 2, length(json_quote(x.text)) - 2)
               -- An empty text after JSON makes it plain text, which is quoted once more.
               WHEN '%' THEN substr(json_quote(json_quote(x.text) || ''), 4, length(json_quote(json_quote(x.text) || '')) - 6)
               WHEN '=' THEN substr(e.value, 2)
               ELSE e.value END, '')
           FROM json_each(CASE r.data WHEN '' THEN '[]' ELSE
                '["' || replace(replace(replace(r.data, '\', '\\'), '"', '\"'), char(10), '","') || '"]' END) e
           LEFT JOIN event_texts x ON substr(e.value, 1, 1) IN ('@', '#', '~', '%')
               AND x.id = (r.timeline << 32) + CAST(substr(e.value, 2) AS INTEGER)), '')
           || json_extract(f.parts, '$[' || (json_array_length(f.parts) - 1) || ']') END
FROM event_rows r LEFT JOIN event_forms f ON f.id = r.form;

-- What other programs read. Notes have a part of their own, so that they are found by their index.
CREATE VIEW events (timeline, seq, turn, at, ms, type, v, data) AS
SELECT t.id, r.seq, r.turn, r.at, r.ms, k.type, r.v, r.data
FROM event_row_data r JOIN timelines t ON t.number = r.timeline JOIN event_types k ON k.id = r.kind AND k.id <> 1
UNION ALL
SELECT t.id, r.seq, r.turn, r.at, r.ms, 'note', r.v, r.data
FROM event_row_data r JOIN timelines t ON t.number = r.timeline WHERE r.kind = 1 AND r.kind IN (1, 2, 3)
UNION ALL
SELECT t.id, s.seq, s.turn,
       CASE typeof(s.at) WHEN 'integer' THEN
           strftime('%Y-%m-%dT%H:%M:%S', s.at / 1000000, 'unixepoch') || printf('.%06dZ', s.at % 1000000) ELSE s.at END,
       CASE typeof(s.ms) WHEN 'integer' THEN s.ms / 1000.0 ELSE s.ms END,
       'block.delta', s.v, s.data
FROM event_deltas s JOIN timelines t ON t.number = s.timeline
UNION ALL
SELECT t.id, d.seq, d.turn,
       strftime('%Y-%m-%dT%H:%M:%S', (d.at + d.after + CASE d.drift % 2 WHEN 0 THEN d.drift / 2 ELSE -(d.drift + 1) / 2 END) / 1000000, 'unixepoch') || printf('.%06dZ', (d.at + d.after + CASE d.drift % 2 WHEN 0 THEN d.drift / 2 ELSE -(d.drift + 1) / 2 END) % 1000000),
       (d.ms + d.after) / 1000.0, 'block.delta', 1,
       '{"block":' || json_quote(d.block) || ',"channel":' || json_quote(d.channel) || ',"chunks":[' || (
           WITH RECURSIVE chunk(i, moment, begin, made) AS (
               SELECT 6, (d.ms + d.after) / 1000 - d.lag, d.begin, ''
               UNION ALL
               SELECT i + 2, moment + (unicode(substr(d.line, i, 1)) - 35 - (unicode(substr(d.line, i, 1)) > 92)) * CASE i WHEN 6 THEN -1 ELSE 1 END, begin + (unicode(substr(d.line, i + 1, 1)) - 35 - (unicode(substr(d.line, i + 1, 1)) > 92)),
                      made || CASE i WHEN 6 THEN '[' ELSE ',[' END || (moment + (unicode(substr(d.line, i, 1)) - 35 - (unicode(substr(d.line, i, 1)) > 92)) * CASE i WHEN 6 THEN -1 ELSE 1 END) || ','
                      || json_quote(substr(d.text, begin + 1, (unicode(substr(d.line, i + 1, 1)) - 35 - (unicode(substr(d.line, i + 1, 1)) > 92)))) || ']'
               FROM chunk WHERE i < length(d.line))
           SELECT made FROM chunk WHERE i > length(d.line))
       || '],"restart":' || CASE WHEN d.restart THEN 'true' ELSE 'false' END || '}'
FROM (SELECT p.timeline, p.seq + unicode(substr(e.value, 1, 1)) - 35 - (unicode(substr(e.value, 1, 1)) > 92) AS seq, p.turn, p.at, p.ms, p.block,
             p.channel, p.restart AND e.key = 0 AS restart, p.lag, x.text, e.value AS line,
             (unicode(substr(e.value, 2, 1)) - 35 - (unicode(substr(e.value, 2, 1)) > 92)) * 1000
             + unicode(substr(e.value, 3, 1)) - 35 - (unicode(substr(e.value, 3, 1)) > 92) AS after,
             unicode(substr(e.value, 4, 1)) - 35 - (unicode(substr(e.value, 4, 1)) > 92) AS drift,
             p.start + unicode(substr(e.value, 5, 1)) - 35 - (unicode(substr(e.value, 5, 1)) > 92) AS begin
      FROM event_packs p JOIN event_texts x ON x.id = (p.timeline << 32) + p.text
      JOIN json_each('["' || replace(p.lines, char(10), '","') || '"]') e) d
JOIN timelines t ON t.number = d.timeline;

-- Of a block only the number of its text is stored; a text that no event holds as it is stands here.
CREATE TABLE block_rows (
    id       INTEGER PRIMARY KEY,
    timeline INTEGER NOT NULL,
    block    TEXT    NOT NULL,
    turn     INTEGER NOT NULL,
    at       NOT NULL,
    kind     TEXT    NOT NULL,
    status   TEXT,
    text     NOT NULL DEFAULT '',
    UNIQUE (timeline, block)
);

CREATE INDEX blocks_open ON block_rows (timeline) WHERE status IS NULL;

-- The search index reads its texts here.
CREATE VIEW blocks (id, timeline, block, turn, at, kind, status, text) AS
SELECT b.id, t.id, b.block, b.turn,
       CASE typeof(b.at) WHEN 'integer' THEN
           strftime('%Y-%m-%dT%H:%M:%S', b.at / 1000000, 'unixepoch') || printf('.%06dZ', b.at % 1000000) ELSE b.at END,
       b.kind, b.status, CASE typeof(b.text) WHEN 'text' THEN b.text ELSE
           coalesce((SELECT text FROM event_texts WHERE id = (b.timeline << 32) + b.text), '') END
FROM block_rows b JOIN timelines t ON t.number = b.timeline;

CREATE TRIGGER blocks_may_be_removed INSTEAD OF DELETE ON blocks
BEGIN DELETE FROM block_rows WHERE id = OLD.id; END;

CREATE TRIGGER blocks_searchable_insert AFTER INSERT ON block_rows
BEGIN INSERT INTO search (rowid, text) VALUES (NEW.id, CASE typeof(NEW.text) WHEN 'text' THEN NEW.text ELSE
           coalesce((SELECT text FROM event_texts WHERE id = (NEW.timeline << 32) + NEW.text), '') END); END;

CREATE TRIGGER blocks_searchable_update AFTER UPDATE OF text ON block_rows
BEGIN
    INSERT INTO search (search, rowid, text) VALUES ('delete', OLD.id, CASE typeof(OLD.text) WHEN 'text' THEN OLD.text ELSE
           coalesce((SELECT text FROM event_texts WHERE id = (OLD.timeline << 32) + OLD.text), '') END);
    INSERT INTO search (rowid, text) VALUES (NEW.id, CASE typeof(NEW.text) WHEN 'text' THEN NEW.text ELSE
           coalesce((SELECT text FROM event_texts WHERE id = (NEW.timeline << 32) + NEW.text), '') END);
END;

CREATE TRIGGER blocks_searchable_delete AFTER DELETE ON block_rows
BEGIN INSERT INTO search (search, rowid, text) VALUES ('delete', OLD.id, CASE typeof(OLD.text) WHEN 'text' THEN OLD.text ELSE
           coalesce((SELECT text FROM event_texts WHERE id = (OLD.timeline << 32) + OLD.text), '') END); END;


CREATE TRIGGER events_are_never_changed INSTEAD OF UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER events_are_never_removed INSTEAD OF DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

-- The rule about the number stands at the table.
CREATE TRIGGER events_are_appended INSTEAD OF INSERT ON events
BEGIN
    SELECT RAISE(ABORT, 'an event must take the next number of its timeline')
    WHERE NOT EXISTS (SELECT 1 FROM timelines WHERE id = NEW.timeline);
    INSERT INTO event_types (type) SELECT NEW.type WHERE NOT EXISTS (SELECT 1 FROM event_types WHERE type = NEW.type);
    INSERT INTO event_rows (timeline, seq, turn, at, ms, kind, v, data)
    SELECT number, NEW.seq, NEW.turn, CAST(NEW.at AS TEXT),
           CASE typeof(NEW.ms) WHEN 'integer' THEN CAST(NEW.ms AS REAL) ELSE NEW.ms END, (SELECT id FROM event_types WHERE type = NEW.type), NEW.v, NEW.data
    FROM timelines WHERE id = NEW.timeline;
END;

CREATE TRIGGER event_rows_are_never_changed BEFORE UPDATE ON event_rows
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_rows_are_never_removed BEFORE DELETE ON event_rows
WHEN EXISTS (SELECT 1 FROM timelines WHERE number = OLD.timeline)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_texts_are_never_changed BEFORE UPDATE ON event_texts
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_texts_are_never_removed BEFORE DELETE ON event_texts
WHEN EXISTS (SELECT 1 FROM timelines WHERE number = OLD.id >> 32)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_packs_are_never_changed BEFORE UPDATE ON event_packs
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_packs_are_never_removed BEFORE DELETE ON event_packs
WHEN EXISTS (SELECT 1 FROM timelines WHERE number = OLD.timeline)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_forms_are_never_changed BEFORE UPDATE ON event_forms
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_forms_are_never_removed BEFORE DELETE ON event_forms
WHEN EXISTS (SELECT 1 FROM event_rows WHERE form = OLD.id)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_types_are_never_changed BEFORE UPDATE ON event_types
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_types_are_never_removed BEFORE DELETE ON event_types
WHEN TRUE
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

-- A delta goes only into the pack of its finished block, which the same transaction has written before.
CREATE TRIGGER event_deltas_are_never_changed BEFORE UPDATE ON event_deltas
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_deltas_are_never_removed BEFORE DELETE ON event_deltas
WHEN EXISTS (SELECT 1 FROM timelines WHERE number = OLD.timeline) AND NOT EXISTS (
    SELECT 1 FROM event_packs p WHERE p.timeline = OLD.timeline AND p.block = OLD.block
    AND OLD.seq BETWEEN p.seq AND p.last)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_packs_replace_deltas BEFORE INSERT ON event_packs
WHEN EXISTS (SELECT 1 FROM event_packs WHERE timeline = NEW.timeline AND seq = NEW.seq) OR NOT EXISTS (
    SELECT 1 FROM event_deltas WHERE timeline = NEW.timeline AND seq = NEW.seq AND block = NEW.block)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_texts_are_never_replaced BEFORE INSERT ON event_texts
WHEN EXISTS (SELECT 1 FROM event_texts WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_forms_are_never_replaced BEFORE INSERT ON event_forms
WHEN EXISTS (SELECT 1 FROM event_forms WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_types_are_never_replaced BEFORE INSERT ON event_types
WHEN EXISTS (SELECT 1 FROM event_types WHERE id = NEW.id OR type = NEW.type)
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TRIGGER event_rows_come_in_order BEFORE INSERT ON event_rows
WHEN NEW.seq IS NOT 1 + coalesce(
    (SELECT max(seq) FROM (SELECT max(seq) AS seq FROM event_rows WHERE timeline = NEW.timeline
                           UNION ALL SELECT max(seq) FROM event_deltas WHERE timeline = NEW.timeline)),
    (SELECT fork_seq FROM timelines WHERE number = NEW.timeline))
BEGIN SELECT RAISE(ABORT, 'an event must take the next number of its timeline'); END;

CREATE TRIGGER event_deltas_come_in_order BEFORE INSERT ON event_deltas
WHEN NEW.seq IS NOT 1 + coalesce(
    (SELECT max(seq) FROM (SELECT max(seq) AS seq FROM event_rows WHERE timeline = NEW.timeline
                           UNION ALL SELECT max(seq) FROM event_deltas WHERE timeline = NEW.timeline)),
    (SELECT fork_seq FROM timelines WHERE number = NEW.timeline))
BEGIN SELECT RAISE(ABORT, 'an event must take the next number of its timeline'); END;

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts
WHEN OLD.run <> '' OR NOT EXISTS (
    SELECT 1 FROM event_rows WHERE timeline = (SELECT number FROM timelines WHERE id = OLD.timeline))
BEGIN SELECT RAISE(ABORT, 'nothing can remake this row of the ledger'); END;

CREATE TRIGGER timelines_go_whole AFTER DELETE ON timelines
BEGIN
    UPDATE attempts SET deleted = 1 WHERE timeline = OLD.id;
    DELETE FROM block_rows   WHERE timeline = OLD.number;
    DELETE FROM event_rows   WHERE timeline = OLD.number;
    DELETE FROM event_deltas WHERE timeline = OLD.number;
    DELETE FROM event_packs  WHERE timeline = OLD.number;
    DELETE FROM event_texts  WHERE id BETWEEN OLD.number << 32 AND (OLD.number << 32) + 4294967295;
    DELETE FROM event_forms  WHERE id NOT IN (SELECT form FROM event_rows WHERE form IS NOT NULL);
    DELETE FROM turns   WHERE timeline = OLD.id;
    DELETE FROM answers WHERE timeline = OLD.id;
    DELETE FROM blobs WHERE sha256 IN (
        SELECT mine.sha256 FROM blob_refs mine WHERE mine.timeline = OLD.id AND NOT EXISTS (
            SELECT 1 FROM blob_refs other WHERE other.sha256 = mine.sha256 AND other.timeline <> OLD.id));
    DELETE FROM blob_refs WHERE timeline = OLD.id;
END;
