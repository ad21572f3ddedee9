-- What the steering group is shown of who has been heard: numbers as they were published last, once a day, for the whole
-- process (docs/decisions/0028). Nobody can be told from them; whoever reads this database can count for themselves.
CREATE TABLE publications (
    process_id  INTEGER PRIMARY KEY REFERENCES processes (id),
    secret      BLOB    NOT NULL,             -- decides who is counted how often; drawn once, never shown; encrypted
    taken_at    INTEGER                       -- the moment they are of; null: none yet
) STRICT;
CREATE TABLE published_numbers (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    flow        TEXT    NOT NULL,             -- empty: people who take part
    split       TEXT    NOT NULL,             -- total, side, group, area, size, department, rest, …
    key         TEXT    NOT NULL,
    people      INTEGER NOT NULL,             -- a multiple of five, and not 0
    PRIMARY KEY (process_id, flow, split, key)
) STRICT, WITHOUT ROWID;
