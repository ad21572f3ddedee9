-- A message is no answer, and stopping is what it says.

-- Words of which it is in doubt whether they answer a question, kept until the person has said so.
CREATE TABLE held_words (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    channel     TEXT    NOT NULL,
    run_id      INTEGER REFERENCES runs (id) ON DELETE CASCADE, -- null: they were written to a panel
    question    TEXT,
    wish        TEXT,                         -- the command that the word may ask for; null: the words came after a message
    content     BLOB    NOT NULL,             -- encrypted
    message     INTEGER,                      -- the channel's number of what they stood in
    said_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX held_words_of_person ON held_words (person_id, channel);

-- The message that has come since the prompt was shown: when, and its buttons. JSON; null: none has.
ALTER TABLE prompts ADD COLUMN interrupted TEXT;

-- Said yes to messages of every kind (S7). Whoever was asked about reminders alone said yes to these alone.
ALTER TABLE people ADD COLUMN news INTEGER NOT NULL DEFAULT 0;
