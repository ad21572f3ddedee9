-- Meetings, deadlines and reminders that always arrive, once, at a decent hour.

CREATE TABLE meetings (
    id           INTEGER PRIMARY KEY,
    process_id   INTEGER NOT NULL REFERENCES processes (id),
    key          TEXT    NOT NULL,            -- as the process file calls it; made in chat: chat-1, chat-2, …
    uid          TEXT    NOT NULL UNIQUE,     -- what calendars know it by, for as long as it lives
    version      INTEGER NOT NULL DEFAULT 0,  -- SEQUENCE: counts what those invited must be told, moves and the cancellation
    file_digest  TEXT,                        -- of what the process file says of it, as taken in last; null: made in chat
    kind         TEXT    NOT NULL,            -- opening, volunteers, staff, steering, other
    flow         TEXT,                        -- the step it belongs to
    details      TEXT    NOT NULL,            -- JSON: title, purpose, agenda, place, address, directions, link, led by
    groups       TEXT    NOT NULL,            -- JSON list of stakeholder groups; empty: everybody
    areas        TEXT    NOT NULL,            -- JSON list; empty: everywhere
    starts_at    INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    invites_at   INTEGER NOT NULL,            -- when those it is for are invited
    signup_until INTEGER,                     -- null: until it starts
    capacity     INTEGER,                     -- people; null: no limit
    most_per_party INTEGER,                   -- people of one association
    reminders    TEXT,                        -- JSON list of bot.flows.reminding tokens; null: as the process says
    facilitator_id INTEGER REFERENCES people (id) ON DELETE SET NULL,
    made_at      INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,            -- time or place, or cancelled
    cancelled_at INTEGER,
    why          BLOB,                        -- of the last change, in words to those invited; sealed
    attended     INTEGER,                     -- how many came
    minutes_at   INTEGER,                     -- when the minutes were sent out
    UNIQUE (process_id, key)
) STRICT;
CREATE INDEX meetings_by_time ON meetings (process_id, starts_at);
CREATE INDEX meetings_of_facilitator ON meetings (facilitator_id) WHERE facilitator_id IS NOT NULL;

-- Who comes. Needs are health data perhaps: sealed, and gone when the meeting is over.
CREATE TABLE signups (
    meeting_id  INTEGER NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    answer      TEXT    NOT NULL,             -- yes, no, maybe
    people      INTEGER NOT NULL DEFAULT 1,   -- how many come, themselves among them
    placed      INTEGER NOT NULL DEFAULT 0,   -- of a yes: they have a place; 0: on the waiting list
    waits_since INTEGER NOT NULL,             -- their turn on the waiting list
    needs       BLOB,
    minutes     TEXT,                         -- of the minutes: confirmed, objected, absent
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
) STRICT;
CREATE INDEX signups_of_person ON signups (person_id);

-- What people wrote about a meeting: questions beforehand, what is to be said for those who cannot come, objections to
-- a point of the minutes. Sealed.
CREATE TABLE meeting_words (
    id          INTEGER PRIMARY KEY,
    meeting_id  INTEGER NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,             -- question, absent, objection
    point       INTEGER,                      -- of an objection
    content     BLOB    NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX meeting_words_of_meeting ON meeting_words (meeting_id);
CREATE INDEX meeting_words_of_person ON meeting_words (person_id);

-- The minutes as points: as they are being written, and as they were sent out last.
CREATE TABLE minutes (
    meeting_id  INTEGER NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    sent        INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    content     BLOB    NOT NULL,
    PRIMARY KEY (meeting_id, sent, number)
) STRICT;

-- What somebody has told so far of a meeting that they are planning, or of a change to one, and have not said yes to.
CREATE TABLE meeting_drafts (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    meeting     INTEGER NOT NULL,             -- its id; 0: a new one
    content     BLOB    NOT NULL,             -- JSON: field → what was told; sealed
    told_at     INTEGER NOT NULL,
    PRIMARY KEY (person_id, meeting)
) STRICT;

-- Moments at which messages come to be owed, one row per event and moment. Planned anew when the process changes its
-- revision; a due one becomes rows of the outbox, one per person, in one transaction.
CREATE TABLE reminders (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    once        TEXT    NOT NULL UNIQUE,      -- kind:about:event_at:what
    kind        TEXT    NOT NULL,             -- as in the outbox
    about       TEXT    NOT NULL,             -- a meeting's id or a flow
    what        TEXT    NOT NULL,             -- which reminder of the event: 7d, morning, …
    event_at    INTEGER NOT NULL,             -- the meeting's start, the deadline
    version     INTEGER NOT NULL,             -- of the event: a meeting's, or the process's revision
    due_at      INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'due', -- due → done, expired or withdrawn; a withdrawn one may come back
    messages    INTEGER NOT NULL DEFAULT 0,   -- how many it became
    done_at     INTEGER
) STRICT;
CREATE INDEX reminders_due ON reminders (due_at) WHERE state = 'due';
CREATE INDEX reminders_of_process ON reminders (process_id, due_at);

-- The revision of the process that its reminders are planned by.
CREATE TABLE planned (
    process_id  INTEGER PRIMARY KEY REFERENCES processes (id),
    revision    INTEGER NOT NULL
) STRICT;

-- Messages from the leader to many. A draft goes with the person who writes it, and its number is never used again.
CREATE TABLE sendings (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    drafted_by  INTEGER UNIQUE REFERENCES people (id) ON DELETE CASCADE, -- null: it is confirmed
    made_by     TEXT    NOT NULL,             -- a pseudonym
    audience    TEXT    NOT NULL,             -- JSON
    content     BLOB    NOT NULL,             -- sealed
    made_at     INTEGER NOT NULL,
    confirmed_at INTEGER,
    people      INTEGER NOT NULL DEFAULT 0,   -- to how many it went when it was confirmed
    cancelled_at INTEGER,
    outcome     TEXT                          -- JSON: state → messages, once they are forgotten one by one
) STRICT;
CREATE INDEX sendings_of_process ON sendings (process_id);

-- Times in which something that was due did not go out. Of each process one at a time lasts.
CREATE TABLE delays (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    since       INTEGER NOT NULL,             -- since when what waited longest was due
    noticed_at  INTEGER NOT NULL,
    over_at     INTEGER                       -- when nothing waited any more
) STRICT;
CREATE UNIQUE INDEX delays_lasting ON delays (process_id) WHERE over_at IS NULL;

-- Where people on the web get messages, if they gave and confirmed an address. The code confirms it and says no to it.
CREATE TABLE mailboxes (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    address     BLOB    NOT NULL,             -- sealed
    code        BLOB    NOT NULL,             -- sealed
    code_hash   TEXT    NOT NULL UNIQUE,
    asked_at    INTEGER NOT NULL,             -- when the confirmation was asked for last
    confirmed_at INTEGER,
    refused_at  INTEGER                       -- the mail server says there is no such address
) STRICT;

-- Personal calendars to subscribe to. Whoever has the code sees the meetings that are for the person.
CREATE TABLE calendars (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    code        BLOB    NOT NULL,             -- sealed
    code_hash   TEXT    NOT NULL UNIQUE,
    made_at     INTEGER NOT NULL
) STRICT;

ALTER TABLE outbox ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;   -- what is sent first: 0 reminders, 1 what is of many
ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0; -- 1: goes at any hour rather than not at all; 2: at any hour
ALTER TABLE outbox ADD COLUMN joined INTEGER;                    -- the row in whose message it went along
ALTER TABLE outbox ADD COLUMN code_hash TEXT;                    -- sent by e-mail: what its links carry
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (rank, due_at) WHERE state = 'due';
CREATE INDEX outbox_about ON outbox (kind, about);
CREATE INDEX outbox_by_code ON outbox (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE state <> 'due';
