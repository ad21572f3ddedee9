-- Who may answer a step after its deadline, and what was sent late (docs/decisions/0031).

ALTER TABLE invitations ADD COLUMN answers_until INTEGER;    -- a late link: its step can be answered until then

-- Who came by a late link. It holds until its moment, while it is not revoked.
CREATE TABLE late_links (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    invitation_id INTEGER NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    PRIMARY KEY (person_id, invitation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX late_links_of_invitation ON late_links (invitation_id);

-- On which day a letter or a mail came that somebody enters.
CREATE TABLE posted_entries (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    flow        TEXT    NOT NULL,
    came_on     INTEGER NOT NULL,             -- when the day began
    PRIMARY KEY (person_id, flow)
) STRICT, WITHOUT ROWID;

-- What was sent late, or came by letter or mail; as it was when it was sent. A run that is not here was sent in time.
CREATE TABLE receptions (
    run_id      INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    came_on     INTEGER,                      -- null: it was not sent by letter or mail
    late        INTEGER NOT NULL
) STRICT;
