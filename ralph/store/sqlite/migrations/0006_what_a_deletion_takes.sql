-- Deleting a timeline takes the bytes that only it refers to, and the answers that were cached for it.

-- A projection: which timelines name which blobs. What a fork inherited is its parent's.
CREATE TABLE blob_refs (
    timeline TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    PRIMARY KEY (timeline, sha256)
) WITHOUT ROWID;

CREATE INDEX blob_refs_by_blob ON blob_refs (sha256);

INSERT OR IGNORE INTO blob_refs
SELECT timeline, blob FROM (
    SELECT timeline, CASE WHEN json_valid(data) THEN json_extract(data, '$.blob') END AS blob
    FROM events WHERE type = 'tool.finished')
WHERE typeof(blob) = 'text';

INSERT OR IGNORE INTO blob_refs
SELECT timeline, blob FROM (
    SELECT e.timeline, CASE file.type WHEN 'object' THEN json_extract(file.value, '$.sha256') END AS blob
    FROM events e, json_each(CASE WHEN json_valid(e.data) THEN e.data ELSE '{}' END, '$.attachments') AS file
    WHERE e.type = 'turn.started')
WHERE typeof(blob) = 'text';

-- What earlier deletions left behind. Nothing is swept where a row of the log cannot be read: it may name the bytes.
DELETE FROM blobs
WHERE sha256 NOT IN (SELECT sha256 FROM blob_refs)
  AND NOT EXISTS (SELECT 1 FROM events WHERE type IN ('tool.finished', 'turn.started') AND NOT json_valid(data));

-- Nobody knows for which timeline the answers so far were made; they may go at any time.
DROP TABLE answers;

CREATE TABLE answers (
    key        TEXT PRIMARY KEY,
    timeline   TEXT    NOT NULL,
    created_at REAL    NOT NULL,  -- seconds since the epoch
    bytes      INTEGER NOT NULL,
    data       TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX answers_by_age ON answers (created_at);
CREATE INDEX answers_by_timeline ON answers (timeline);

DROP TRIGGER timelines_go_whole;

CREATE TRIGGER timelines_go_whole AFTER DELETE ON timelines
BEGIN
    UPDATE attempts SET deleted = 1 WHERE timeline = OLD.id;
    DELETE FROM events  WHERE timeline = OLD.id;
    DELETE FROM turns   WHERE timeline = OLD.id;
    DELETE FROM blocks  WHERE timeline = OLD.id;
    DELETE FROM answers WHERE timeline = OLD.id;
    DELETE FROM blobs WHERE sha256 IN (
        SELECT mine.sha256 FROM blob_refs mine WHERE mine.timeline = OLD.id AND NOT EXISTS (
            SELECT 1 FROM blob_refs other WHERE other.sha256 = mine.sha256 AND other.timeline <> OLD.id));
    DELETE FROM blob_refs WHERE timeline = OLD.id;
END;
