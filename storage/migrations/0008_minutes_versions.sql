-- Minutes that were sent stay as they were sent: a change is a new version that says what has changed.

-- 0: as they are being written; 1, 2, …: as they were sent out. Number 0 of a version says what has changed in it.
ALTER TABLE minutes RENAME COLUMN sent TO version;

CREATE TABLE minutes_versions (
    meeting_id  INTEGER NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,             -- from 1
    sent_at     INTEGER NOT NULL,
    confirmed   INTEGER,                      -- how many had confirmed it when the next one took its place
    objected    INTEGER,                      -- … and objected to it; null: it is in force, or that was not counted
    PRIMARY KEY (meeting_id, version)
) STRICT, WITHOUT ROWID;

-- Of minutes that were sent several times only the last are there.
INSERT INTO minutes_versions (meeting_id, version, sent_at)
SELECT id, 1, minutes_at FROM meetings WHERE minutes_at IS NOT NULL;
