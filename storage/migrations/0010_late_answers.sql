-- Who may answer a step after its deadline: by a late link until a moment, or in what somebody enters of a letter or a
-- mail, by the day on which it came.
CREATE TABLE late_answers (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    flow        TEXT    NOT NULL,
    until_at    INTEGER,                      -- of a late link; null: as long as who entered it may
    came_on     INTEGER,                      -- when the day began on which a letter or a mail came; null: a late link
    PRIMARY KEY (person_id, flow)
) STRICT, WITHOUT ROWID;

-- What was sent after the deadline. A run that is not here came in time.
CREATE TABLE late_runs (
    run_id      INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) STRICT;

ALTER TABLE invitations ADD COLUMN answers_until INTEGER;    -- whoever comes by it may answer its step until then
