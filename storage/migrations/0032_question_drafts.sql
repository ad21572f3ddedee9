-- A question that somebody makes of what was proposed for the meetings, and has not put in yet (docs/decisions/0048).
CREATE TABLE question_drafts (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    content     BLOB    NOT NULL,             -- JSON: what they have told so far; sealed
    told_at     INTEGER NOT NULL
) STRICT;
