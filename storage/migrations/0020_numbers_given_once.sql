-- The numbers of messages stand in their buttons, those of answers in exports: none is given a second time, whatever has
-- been deleted since, and a restored database can count on from a higher one (storage/restoring.py).

DROP TRIGGER mailbox_forgotten;
DROP TRIGGER mailbox_changed;
CREATE TABLE outbox_now (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    once        TEXT    NOT NULL UNIQUE,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,             -- step-opened, digest
    about       TEXT    NOT NULL,             -- a flow, or nothing
    due_at      INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,             -- not worth sending afterwards
    state       TEXT    NOT NULL DEFAULT 'due', -- due → sent, unwanted, unreachable, expired or failed; held after a restore
    leased_until INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    done_at     INTEGER,
    rank        INTEGER NOT NULL DEFAULT 0,   -- what is sent first: 0 reminders, 1 what is of many
    urgent      INTEGER NOT NULL DEFAULT 0,   -- 1: goes at any hour rather than not at all; 2: at any hour
    joined      INTEGER,                      -- the row in whose message it went along
    code_hash   TEXT,                         -- sent by e-mail: what its links carry
    links_closed INTEGER NOT NULL DEFAULT 0   -- its links do nothing any more
) STRICT;
INSERT INTO outbox_now (id, once, person_id, kind, about, due_at, expires_at, state, leased_until, attempts, done_at,
                        rank, urgent, joined, code_hash, links_closed)
SELECT id, once, person_id, kind, about, due_at, expires_at, state, leased_until, attempts, done_at,
       rank, urgent, joined, code_hash, links_closed FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_now RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (rank, due_at) WHERE state = 'due';
CREATE INDEX outbox_held ON outbox (person_id) WHERE state = 'held';
CREATE INDEX outbox_of_person ON outbox (person_id);
CREATE INDEX outbox_about ON outbox (kind, about);
CREATE INDEX outbox_by_code ON outbox (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE state <> 'due';
CREATE TRIGGER mailbox_forgotten AFTER DELETE ON mailboxes
BEGIN
    UPDATE outbox SET links_closed = 1 WHERE person_id = OLD.person_id AND code_hash IS NOT NULL;
END;
CREATE TRIGGER mailbox_changed AFTER UPDATE OF code_hash ON mailboxes WHEN NEW.code_hash <> OLD.code_hash
BEGIN
    UPDATE outbox SET links_closed = 1 WHERE person_id = OLD.person_id AND code_hash IS NOT NULL;
END;

CREATE TABLE answers_now (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    question    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    asked       TEXT    NOT NULL,             -- the wording shown
    language    TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    content     BLOB    NOT NULL,             -- sealed
    skipped     INTEGER NOT NULL,
    open        INTEGER NOT NULL,             -- still being given, or gone back to
    closed_once INTEGER NOT NULL,             -- this revision has been closed: a change makes a new one
    answered_at INTEGER NOT NULL,
    UNIQUE (run_id, question)
) STRICT;
INSERT INTO answers_now (id, run_id, question, version, revision, asked, language, channel, content, skipped, open,
                         closed_once, answered_at)
SELECT id, run_id, question, version, revision, asked, language, channel, content, skipped, open,
       closed_once, answered_at FROM answers;
DROP TABLE answers;
ALTER TABLE answers_now RENAME TO answers;
