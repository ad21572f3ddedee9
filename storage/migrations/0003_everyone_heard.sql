-- Everyone invited, everyone heard: invitations of every kind, the register of whom to hear, counters of coverage, steps
-- by hand, answers entered for others, answers given as one, and the messages we owe.

-- The register: whom the process is to hear. Organisations and functions, with a public contact; never private people.
CREATE TABLE parties (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    name        TEXT    NOT NULL,
    folded      TEXT    NOT NULL,             -- bot.texts.names.folded: two entries never mean the same
    kind        TEXT    NOT NULL,             -- forening, raad, center, arbejdsplads, noegleperson, udvalg, andet
    area        TEXT,
    department  TEXT,
    size        TEXT,
    tags        TEXT    NOT NULL,             -- JSON list
    contact     TEXT,
    must        INTEGER NOT NULL DEFAULT 0,   -- the law says it is to be heard
    source      TEXT    NOT NULL,             -- by-hand, file, template, suggestion
    invited_at  INTEGER,                      -- the first invitation that is known of
    declined_at INTEGER,                      -- it has said no
    added_at    INTEGER NOT NULL,
    UNIQUE (process_id, folded)
) STRICT;

-- What the leader decided of a name that somebody gave: it means an entry, or it is left out. Only a hash of the name.
CREATE TABLE name_decisions (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    name_hash   TEXT    NOT NULL,
    party_id    INTEGER REFERENCES parties (id) ON DELETE CASCADE, -- null: left out
    PRIMARY KEY (process_id, name_hash)
) STRICT, WITHOUT ROWID;

-- A file on its way into the register, until the leader has said yes. Sealed; gone after a day.
CREATE TABLE imports (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    content     BLOB    NOT NULL,
    mapping     TEXT    NOT NULL,             -- JSON: field → column
    made_at     INTEGER NOT NULL
) STRICT;

-- Invitations of three kinds. A campaign's code is public and grants nothing; of the others only the hash is kept.
CREATE TABLE invitations (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    kind        TEXT    NOT NULL,             -- campaign, personal, role
    code        TEXT    UNIQUE,               -- a campaign's alone
    code_hash   TEXT    NOT NULL UNIQUE,
    label       BLOB,                         -- what the leader calls it, sealed; null: nothing
    role        TEXT,
    stakeholder TEXT,                         -- whom they answer as; of a steering member: whom they stand for
    flow        TEXT,
    area        TEXT,
    party_id    INTEGER REFERENCES parties (id) ON DELETE SET NULL,
    made_by     TEXT    NOT NULL,             -- a pseudonym, or «operator»
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    used_at     INTEGER,
    revoked_at  INTEGER
) STRICT;
CREATE INDEX invitations_of_process ON invitations (process_id);
INSERT INTO invitations (process_id, kind, code_hash, label, role, made_by, created_at, expires_at, used_at)
SELECT process_id, 'role', code_hash, NULL, role, 'operator', created_at, expires_at, used_at FROM invites;
DROP TABLE invites;

-- Codes tried that did not hold, by a hash of the address: who guesses is made to wait. Gone after an hour.
CREATE TABLE failed_codes (
    who         TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX failed_codes_of_who ON failed_codes (who);

ALTER TABLE roles ADD COLUMN stands_for TEXT;                 -- a steering member's group
ALTER TABLE people ADD COLUMN size TEXT;                      -- an association's volunteers, in a band (D7, the register)
ALTER TABLE people ADD COLUMN party_id INTEGER REFERENCES parties (id) ON DELETE SET NULL; -- whom they speak for
ALTER TABLE people ADD COLUMN party_asked INTEGER NOT NULL DEFAULT 0;                       -- they have said, or declined to
ALTER TABLE people ADD COLUMN came_by INTEGER REFERENCES invitations (id) ON DELETE SET NULL;
ALTER TABLE people ADD COLUMN source TEXT;                    -- entered for others: table, phone, paper. Null: by themselves
ALTER TABLE people ADD COLUMN behind INTEGER NOT NULL DEFAULT 1; -- how many people stand behind the answers
ALTER TABLE people ADD COLUMN entered_by INTEGER REFERENCES people (id) ON DELETE SET NULL;
CREATE INDEX people_of_party ON people (party_id) WHERE party_id IS NOT NULL;
CREATE INDEX people_entered_by ON people (entered_by) WHERE entered_by IS NOT NULL;
CREATE INDEX runs_of_flow ON runs (flow, started_at);        -- when a step began, and who answered before another did
CREATE INDEX people_came_by ON people (came_by) WHERE came_by IS NOT NULL;

-- A step opened, closed or hidden by hand or at a chosen time. The latest that has begun holds; `plan` gives back to the file.
CREATE TABLE step_changes (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    flow        TEXT    NOT NULL,
    audience    TEXT    NOT NULL,             -- a stakeholder group, or empty for everybody
    state       TEXT    NOT NULL,             -- off, reading, open, closed, plan
    from_at     INTEGER NOT NULL,
    made_at     INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    why         BLOB    NOT NULL              -- sealed
) STRICT;
CREATE INDEX step_changes_of_process ON step_changes (process_id);

CREATE TABLE targets (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    flow        TEXT    NOT NULL,
    stakeholder TEXT    NOT NULL,
    people      INTEGER NOT NULL,
    PRIMARY KEY (process_id, flow, stakeholder)
) STRICT, WITHOUT ROWID;

-- Answering as one: members show their drafts in one flow to a chair, who writes one answer for all.
CREATE TABLE joints (
    id          INTEGER PRIMARY KEY,
    chair_id    INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    flow        TEXT    NOT NULL,
    code        TEXT    NOT NULL UNIQUE,
    made_at     INTEGER NOT NULL,
    closed_at   INTEGER,
    UNIQUE (chair_id, flow)
) STRICT;
CREATE TABLE joint_members (
    joint_id    INTEGER NOT NULL REFERENCES joints (id) ON DELETE CASCADE,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    joined_at   INTEGER NOT NULL,
    PRIMARY KEY (joint_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX joint_members_of_person ON joint_members (person_id);

-- Messages we owe. `once` makes each unique; what it says is made when it is sent, from how things stand then.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    once        TEXT    NOT NULL UNIQUE,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,             -- step-opened, digest
    about       TEXT    NOT NULL,             -- a flow, or nothing
    due_at      INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,             -- not worth sending afterwards
    state       TEXT    NOT NULL DEFAULT 'due', -- due → sent, unwanted, unreachable, expired or failed
    leased_until INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    done_at     INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_of_person ON outbox (person_id);

-- Openings of steps that people have been told of.
CREATE TABLE announced (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    flow        TEXT    NOT NULL,
    audience    TEXT    NOT NULL,             -- a stakeholder group
    at          INTEGER NOT NULL,
    PRIMARY KEY (process_id, flow, audience, at)
) STRICT, WITHOUT ROWID;

-- When a holder of a role wants the weekly overview. None: Monday at nine. `off`: never.
CREATE TABLE digests (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    weekday     INTEGER NOT NULL,             -- 1 is Monday
    hour        INTEGER NOT NULL,
    off         INTEGER NOT NULL
) STRICT;

-- A panel remembers what its buttons lead to, and what it waits for in words.
ALTER TABLE prompts ADD COLUMN about TEXT;

-- Counters of coverage. `flow` is empty where people who said yes are counted (in `started`). They are kept by triggers, in
-- the transaction of what they count, whatever wrote it (docs/decisions/0012); `besyv check` and tests recount them.
CREATE TABLE tally (
    process_id  INTEGER NOT NULL,
    flow        TEXT    NOT NULL,
    stakeholder TEXT    NOT NULL,
    area        TEXT    NOT NULL,
    size        TEXT    NOT NULL,
    department  TEXT    NOT NULL,
    front       INTEGER NOT NULL,             -- 1 staff who meet citizens, 0 who do not, -1 nobody knows
    started     INTEGER NOT NULL,
    sent        INTEGER NOT NULL,
    PRIMARY KEY (process_id, flow, stakeholder, area, size, department, front)
) STRICT, WITHOUT ROWID;

-- How it is counted afresh: the one definition that the triggers keep to.
CREATE VIEW recount AS
SELECT process_id, flow, coalesce(stakeholder, '') AS stakeholder, coalesce(area, '') AS area,
       coalesce(size, '') AS size, coalesce(department, '') AS department, coalesce(front, -1) AS front,
       sum(behind) AS started, sum(CASE WHEN sent_at IS NULL THEN 0 ELSE behind END) AS sent
FROM people JOIN runs ON runs.person_id = people.id WHERE flow <> 'start'
GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT process_id, '', coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
       coalesce(front, -1), sum(behind), 0
FROM people WHERE notice_at IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO tally SELECT * FROM recount;

CREATE TRIGGER run_begun AFTER INSERT ON runs WHEN NEW.flow <> 'start' BEGIN
    INSERT INTO tally
    SELECT process_id, NEW.flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), behind, CASE WHEN NEW.sent_at IS NULL THEN 0 ELSE behind END
    FROM people WHERE id = NEW.person_id
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

CREATE TRIGGER run_sent AFTER UPDATE OF sent_at ON runs
WHEN NEW.flow <> 'start' AND (NEW.sent_at IS NULL) <> (OLD.sent_at IS NULL) BEGIN
    INSERT INTO tally
    SELECT process_id, NEW.flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), 0, CASE WHEN NEW.sent_at IS NULL THEN -behind ELSE behind END
    FROM people WHERE id = NEW.person_id
    ON CONFLICT DO UPDATE SET sent = sent + excluded.sent;
END;

CREATE TRIGGER run_gone AFTER DELETE ON runs WHEN OLD.flow <> 'start' BEGIN
    INSERT INTO tally
    SELECT process_id, OLD.flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), -behind, CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE -behind END
    FROM people WHERE id = OLD.person_id
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

-- A cascade would come too late: whose run it was would not be there any more.
CREATE TRIGGER person_leaves BEFORE DELETE ON people BEGIN
    DELETE FROM runs WHERE person_id = OLD.id;
    INSERT INTO tally
    SELECT OLD.process_id, '', coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind, 0
    WHERE OLD.notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER person_came AFTER INSERT ON people WHEN NEW.notice_at IS NOT NULL BEGIN
    INSERT INTO tally
    SELECT NEW.process_id, '', coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind, 0 WHERE true
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER person_changed
AFTER UPDATE OF process_id, stakeholder, area, size, department, front, behind, notice_at ON people
WHEN (OLD.process_id, OLD.stakeholder, OLD.area, OLD.size, OLD.department, OLD.front, OLD.behind, OLD.notice_at IS NULL)
     IS NOT
     (NEW.process_id, NEW.stakeholder, NEW.area, NEW.size, NEW.department, NEW.front, NEW.behind, NEW.notice_at IS NULL)
BEGIN
    INSERT INTO tally
    SELECT OLD.process_id, '', coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind, 0
    WHERE OLD.notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
    INSERT INTO tally
    SELECT NEW.process_id, '', coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind, 0
    WHERE NEW.notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
    INSERT INTO tally
    SELECT OLD.process_id, flow, coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind,
           CASE WHEN sent_at IS NULL THEN 0 ELSE -OLD.behind END
    FROM runs WHERE person_id = OLD.id AND flow <> 'start'
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
    INSERT INTO tally
    SELECT NEW.process_id, flow, coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind,
           CASE WHEN sent_at IS NULL THEN 0 ELSE NEW.behind END
    FROM runs WHERE person_id = NEW.id AND flow <> 'start'
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;
