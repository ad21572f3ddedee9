-- What people have been shown, and what they are still to be told, is known after a kill too (docs/decisions/0029).

-- What was said beside the prompt when an update was applied: sealed JSON, erased when its reply is out.
ALTER TABLE inbox ADD COLUMN notes BLOB;

-- `message` is null until the prompt was shown. After a kill it is shown again: it was seen by `shown_at` at the latest,
-- and may have been seen since `maybe_from`.
ALTER TABLE prompts ADD COLUMN maybe_from INTEGER;
-- When its person last did something that showed or redrew it; null: not since an older Besyv.
ALTER TABLE prompts ADD COLUMN acted_at INTEGER;
-- The absence before which it was shown, and after which its person has not acted yet.
ALTER TABLE prompts ADD COLUMN away_since INTEGER;

-- An older Besyv did not note each showing. What waits to be shown is behind an update that is not settled.
UPDATE prompts SET message = 0
WHERE channel = 'telegram' AND message IS NULL AND NOT EXISTS (
    SELECT 1 FROM inbox JOIN addresses ON address = CAST(lane AS TEXT)
    WHERE state = 'applied' AND addresses.channel = 'telegram' AND addresses.person_id = prompts.person_id);

-- In doubt it is whether the question had been seen when the words were sent.
ALTER TABLE held_words ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;

-- What happened, to be said on the next page that somebody loads. Sealed; erased when that page is out.
CREATE TABLE page_notes (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    address     TEXT    NOT NULL,             -- on the web
    content     BLOB    NOT NULL,             -- JSON list
    left_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX page_notes_of_person ON page_notes (person_id);
