-- Moving between channels: a code that lets another channel in as the same person, once and for a short while.

CREATE TABLE moves (
    code_hash   TEXT    PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX moves_of_person ON moves (person_id);
