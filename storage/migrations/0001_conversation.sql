-- The whole answering conversation. Times are UTC in whole seconds since 1970; sealed columns are AES-GCM values
-- (storage/sealed.py). Every row belongs to a process, so that several can live in one database.

CREATE TABLE processes (
    id          INTEGER PRIMARY KEY,
    key         TEXT    NOT NULL UNIQUE,
    definition  TEXT    NOT NULL,             -- the process file as validated, JSON
    revision    INTEGER NOT NULL,             -- counts loadings, so that a running bot sees a new one
    loaded_at   INTEGER NOT NULL
) STRICT;

-- Question sets as they were when somebody began on them. Never changed, only added to.
CREATE TABLE flow_versions (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    flow        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    digest      TEXT    NOT NULL,
    definition  TEXT    NOT NULL,
    loaded_at   INTEGER NOT NULL,
    UNIQUE (process_id, flow, version)
) STRICT;

CREATE TABLE people (
    id             INTEGER PRIMARY KEY,
    process_id     INTEGER NOT NULL REFERENCES processes (id),
    pseudonym      TEXT    NOT NULL UNIQUE,   -- what exports show
    language       TEXT    NOT NULL,
    stakeholder    TEXT,                      -- whom they answer as (S1)
    front          INTEGER,                   -- staff: meets citizens (S5)
    field          TEXT,                      -- S3
    department     TEXT,                      -- S4
    area           TEXT,                      -- S6
    reminders      INTEGER,                   -- S7; null: not asked yet
    notice_version TEXT,                      -- which notice they said yes to, and when
    notice_at      INTEGER,
    came_for       TEXT,                      -- the flow named by the link they came by
    stopped_at     INTEGER,                   -- /stop: no messages from us
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX people_of_process ON people (process_id);

-- Where a person is reached. One person may have several channels.
CREATE TABLE addresses (
    channel     TEXT    NOT NULL,             -- telegram, terminal
    address     TEXT    NOT NULL,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    entered_at  INTEGER NOT NULL,             -- the latest /start decides which process a message belongs to
    unreachable INTEGER NOT NULL DEFAULT 0,   -- blocked us
    PRIMARY KEY (channel, address, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_of_person ON addresses (person_id);

CREATE TABLE roles (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role        TEXT    NOT NULL,             -- leader, steering
    granted_at  INTEGER NOT NULL,
    PRIMARY KEY (person_id, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE invites (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    role        TEXT    NOT NULL,
    code_hash   TEXT    NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;

-- One person's way through one flow. Where they are follows from the answers.
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    flow        TEXT    NOT NULL,
    version     INTEGER NOT NULL,             -- the version it is asked from; an answer keeps the one it was given on
    started_at  INTEGER NOT NULL,
    declined_version INTEGER,                 -- a newer version that was offered and turned down
    sent_at     INTEGER,
    UNIQUE (person_id, flow)
) STRICT;

-- Answers in force, one row per question of a run. `content` is sealed: text, value, category, keys, message numbers.
CREATE TABLE answers (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    question    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    asked       TEXT    NOT NULL,             -- the wording shown
    language    TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    content     BLOB    NOT NULL,
    skipped     INTEGER NOT NULL,
    open        INTEGER NOT NULL,             -- still being given, or gone back to
    closed_once INTEGER NOT NULL,             -- this revision has been closed: a change makes a new one
    answered_at INTEGER NOT NULL,
    UNIQUE (run_id, question)
) STRICT;

CREATE TABLE answer_history (
    answer_id   INTEGER NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
    revision    INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    asked       TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    content     BLOB    NOT NULL,
    skipped     INTEGER NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (answer_id, revision)
) STRICT;

-- Contacts, and needs at a meeting: never among the answers, never exported with them.
CREATE TABLE answers_apart (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    question    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    asked       TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    content     BLOB    NOT NULL,
    skipped     INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    closed_once INTEGER NOT NULL,
    answered_at INTEGER NOT NULL,
    UNIQUE (run_id, question)
) STRICT;

-- What a person was shown last on a channel: taps are checked against it, and it is shown again when in doubt.
CREATE TABLE prompts (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    channel     TEXT    NOT NULL,
    number      INTEGER NOT NULL,             -- counts what was shown; stands in each button
    revision    INTEGER NOT NULL,             -- counts redrawings of the same prompt
    screen      TEXT    NOT NULL,             -- notice, question, review, receipt, menu, …
    run_id      INTEGER REFERENCES runs (id) ON DELETE CASCADE,
    question    TEXT,
    continues   TEXT,                         -- the question answered just before: a late message belongs to it
    shown_at    INTEGER NOT NULL,             -- by the channel's own clock
    message     INTEGER,                      -- the channel's number of the message that first showed it
    PRIMARY KEY (person_id, channel)
) STRICT, WITHOUT ROWID;

-- Updates from Telegram, stored before they are acknowledged. `payload` is sealed, and erased when settled.
CREATE TABLE inbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    update_id   INTEGER NOT NULL UNIQUE,
    lane        INTEGER NOT NULL,             -- who acted: order is kept within a lane
    payload     BLOB,
    state       TEXT    NOT NULL,             -- new → applied → settled, or dead
    attempts    INTEGER NOT NULL DEFAULT 0,
    fault       TEXT,                         -- the kind of error of a dead one, never its text
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_dead ON inbox (lane) WHERE state = 'dead';
CREATE INDEX inbox_unsettled ON inbox (seq) WHERE state IN ('new', 'applied');

CREATE TABLE heartbeats (
    name        TEXT    PRIMARY KEY,
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who used which right over other people's data. Never what was read.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    at          INTEGER NOT NULL,
    actor       TEXT    NOT NULL,             -- a pseudonym, or «operator» for the command line
    action      TEXT    NOT NULL,
    detail      TEXT    NOT NULL
) STRICT;
