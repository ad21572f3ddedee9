-- Members of the steering group who treat the same hearing response differently: who has been told of which response,
-- so that nobody is told twice. A row goes when they agree again, and a new difference is told anew.
CREATE TABLE dispositions_told (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    flow        TEXT    NOT NULL,
    question    TEXT    NOT NULL,
    PRIMARY KEY (person_id, flow, question)
) STRICT, WITHOUT ROWID;
