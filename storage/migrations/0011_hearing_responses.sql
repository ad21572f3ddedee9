-- What was sent stands: receipts with numbers of their own, hearing responses whose number and time outlive the text, and
-- requests to erase one that belongs to the case.

ALTER TABLE runs ADD COLUMN number INTEGER;        -- its receipt's; null: it is not sent
ALTER TABLE runs ADD COLUMN withdrawn_at INTEGER;  -- its author took back what was sent; it is a draft that nobody else sees

-- The last number that a receipt was given in each step. None is given twice, whatever is erased.
CREATE TABLE receipt_numbers (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    flow        TEXT    NOT NULL,
    last        INTEGER NOT NULL,
    PRIMARY KEY (process_id, flow)
) STRICT, WITHOUT ROWID;

-- Every hearing response that was ever sent. No row goes before the deletion date of the process.
CREATE TABLE hearing_responses (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    number      INTEGER NOT NULL,
    run_id      INTEGER REFERENCES runs (id) ON DELETE SET NULL, -- null: the text is gone, or the author's draft again
    sent_at     INTEGER NOT NULL,
    withdrawn_at INTEGER,
    erased_at   INTEGER,                      -- the leader granted a request
    journalised_at INTEGER,
    case_number TEXT,                         -- of the municipality's own case
    PRIMARY KEY (process_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX hearing_responses_of_run ON hearing_responses (run_id) WHERE run_id IS NOT NULL;

-- Who has erased themselves, and wants a hearing response erased that belongs to the case. `person_id` holds the response and
-- nothing else; where the answer goes is sealed, and gone when it is out.
CREATE TABLE erasure_requests (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    number      INTEGER NOT NULL,             -- of the hearing response
    person_id   INTEGER REFERENCES people (id) ON DELETE SET NULL,
    asked_at    INTEGER NOT NULL,
    channel     TEXT,                         -- telegram, email; null: they ask for the answer themselves
    address     BLOB,
    answered_at INTEGER,
    granted     INTEGER,
    reason      BLOB                          -- sealed
) STRICT;
CREATE INDEX erasure_requests_of_process ON erasure_requests (process_id);
CREATE INDEX erasure_requests_of_person ON erasure_requests (person_id) WHERE person_id IS NOT NULL;

-- Receipts of before said the number of the first answer. Those numbers stay; a run that has none comes after them, in the
-- order of sending. What is sent from now on gets numbers that no receipt of before can have said.
UPDATE runs SET number = (SELECT min(answers.id) FROM answers WHERE answers.run_id = runs.id)
WHERE sent_at IS NOT NULL AND flow <> 'start';

INSERT INTO receipt_numbers (process_id, flow, last)
SELECT DISTINCT people.process_id, runs.flow, (SELECT coalesce(max(id), 0) FROM answers)
FROM runs JOIN people ON people.id = runs.person_id WHERE runs.flow <> 'start';

UPDATE runs SET number = numbered.number
FROM (SELECT runs.id AS run_id,
             last + row_number() OVER (PARTITION BY people.process_id, runs.flow ORDER BY sent_at, runs.id) AS number
      FROM runs JOIN people ON people.id = runs.person_id
           JOIN receipt_numbers ON receipt_numbers.process_id = people.process_id AND receipt_numbers.flow = runs.flow
      WHERE runs.number IS NULL AND sent_at IS NOT NULL) AS numbered
WHERE numbered.run_id = runs.id;

UPDATE receipt_numbers SET last = max(last, (SELECT coalesce(max(number), 0) FROM runs JOIN people ON people.id = runs.person_id
                                            WHERE people.process_id = receipt_numbers.process_id
                                              AND runs.flow = receipt_numbers.flow));

INSERT INTO hearing_responses (process_id, number, run_id, sent_at)
SELECT people.process_id, runs.number, runs.id, runs.sent_at
FROM runs JOIN people ON people.id = runs.person_id WHERE runs.flow = 'hoering' AND runs.sent_at IS NOT NULL;
