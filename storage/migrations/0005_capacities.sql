-- What was sent stands: a run keeps what its person answered as, and keeps it unchanged once it is sent. One person may
-- answer in several capacities (as a volunteer, as the chair of an association), each with runs of its own; the steering
-- group is a role, and its runs belong to no capacity. Tables are rebuilt: migrate() checks foreign keys at the end.

DROP TRIGGER run_begun;
DROP TRIGGER run_sent;
DROP TRIGGER run_gone;
DROP TRIGGER person_leaves;
DROP TRIGGER person_came;
DROP TRIGGER person_changed;
DROP VIEW recount;

-- What a person answers as (S1), and what they told of it. One per group; without a group until they have said.
CREATE TABLE capacities (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    in_use      INTEGER NOT NULL,             -- 1: what they answer as now
    stakeholder TEXT,
    front       INTEGER,                      -- staff: meets citizens (S5)
    field       TEXT,                         -- S3
    department  TEXT,                         -- S4
    area        TEXT,                         -- S6
    size        TEXT,                         -- an association's volunteers, in a band (D7, the register)
    party_id    INTEGER REFERENCES parties (id) ON DELETE SET NULL, -- whom they speak for
    party_asked INTEGER NOT NULL DEFAULT 0,   -- they have said, or declined to
    UNIQUE (person_id, stakeholder)
) STRICT;
CREATE UNIQUE INDEX capacity_in_use ON capacities (person_id) WHERE in_use = 1;
CREATE INDEX further_capacities ON capacities (person_id) WHERE in_use = 0; -- who answers in several
CREATE INDEX capacities_of_party ON capacities (party_id) WHERE party_id IS NOT NULL;

INSERT INTO capacities (person_id, in_use, stakeholder, front, field, department, area, size, party_id, party_asked)
SELECT id, stakeholder IS NOT 'styregruppe', stakeholder, front, field, department, area, size, party_id, party_asked
FROM people;

-- Who answered as a member of the steering group is asked whom else they answer as, where they do.
INSERT INTO capacities (person_id, in_use) SELECT id, 1 FROM people WHERE stakeholder = 'styregruppe';

CREATE TABLE runs_now (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    capacity_id INTEGER REFERENCES capacities (id) ON DELETE CASCADE, -- null: by the role in the steering group
    flow        TEXT    NOT NULL,
    version     INTEGER NOT NULL,             -- the version it is asked from; an answer keeps the one it was given on
    started_at  INTEGER NOT NULL,
    declined_version INTEGER,                 -- a newer version that was offered and turned down
    sent_at     INTEGER,
    stakeholder TEXT,                         -- as in the capacity; what was sent keeps what it was sent as
    front       INTEGER,
    field       TEXT,
    department  TEXT,
    area        TEXT,
    size        TEXT,
    party_id    INTEGER REFERENCES parties (id) ON DELETE SET NULL,
    party       TEXT,                         -- the entry's name when it was sent
    behind      INTEGER NOT NULL DEFAULT 1    -- how many people stand behind the answers
) STRICT;

INSERT INTO runs_now
SELECT runs.id, runs.person_id,
       CASE WHEN capacities.stakeholder = 'styregruppe' AND flow IN ('sammenskriv', 'justering', 'opfoelgning') THEN NULL
            ELSE capacities.id END,
       flow, version, started_at, declined_version, sent_at, capacities.stakeholder, capacities.front, capacities.field,
       capacities.department, capacities.area, capacities.size, capacities.party_id,
       CASE WHEN sent_at IS NOT NULL THEN (SELECT name FROM parties WHERE parties.id = capacities.party_id) END, behind
FROM runs JOIN people ON people.id = runs.person_id
JOIN capacities ON capacities.person_id = people.id AND capacities.stakeholder IS people.stakeholder;

DROP TABLE runs;
ALTER TABLE runs_now RENAME TO runs;
CREATE UNIQUE INDEX run_of_capacity ON runs (person_id, flow, coalesce(capacity_id, 0));
CREATE INDEX runs_of_flow ON runs (flow, started_at);
CREATE INDEX runs_of_capacity ON runs (capacity_id) WHERE capacity_id IS NOT NULL;
CREATE INDEX runs_of_party ON runs (party_id, flow, sent_at) WHERE party_id IS NOT NULL;

-- A member shows the answers they give as what they were when they said yes to it.
ALTER TABLE joint_members ADD COLUMN capacity_id INTEGER REFERENCES capacities (id) ON DELETE CASCADE;
UPDATE joint_members SET capacity_id = (
    SELECT id FROM capacities WHERE capacities.person_id = joint_members.person_id AND in_use = 1)
WHERE joined_at > 0;

DROP INDEX people_of_party;
ALTER TABLE people DROP COLUMN stakeholder;
ALTER TABLE people DROP COLUMN front;
ALTER TABLE people DROP COLUMN field;
ALTER TABLE people DROP COLUMN department;
ALTER TABLE people DROP COLUMN area;
ALTER TABLE people DROP COLUMN size;
ALTER TABLE people DROP COLUMN party_id;
ALTER TABLE people DROP COLUMN party_asked;

-- Before, what was sent moved along when its person chose to answer as somebody else. As what it was sent is worked out
-- from the history of their start questions, once, when the database is opened (storage/carrying_over.py).
CREATE TABLE sent_before (
    run_id      INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) STRICT;
INSERT INTO sent_before
SELECT sent.id FROM runs AS sent JOIN runs AS told ON told.person_id = sent.person_id AND told.flow = 'start'
WHERE sent.flow <> 'start' AND sent.sent_at IS NOT NULL AND sent.capacity_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM answers JOIN answer_history ON answer_id = answers.id WHERE answers.run_id = told.id);

-- A draft is answered as its capacity stands now; so are the start questions, which tell of it.
CREATE TRIGGER drafts_follow
AFTER UPDATE OF stakeholder, front, field, department, area, size, party_id ON capacities BEGIN
    UPDATE runs SET stakeholder = NEW.stakeholder, front = NEW.front, field = NEW.field, department = NEW.department,
                    area = NEW.area, size = NEW.size, party_id = NEW.party_id
    WHERE capacity_id = NEW.id AND (sent_at IS NULL OR flow = 'start');
END;

-- How many stand behind an entry is corrected by whoever entered it, in all of it.
CREATE TRIGGER runs_follow AFTER UPDATE OF behind ON people WHEN NEW.behind <> OLD.behind BEGIN
    UPDATE runs SET behind = NEW.behind WHERE person_id = NEW.id;
END;

-- The counters of coverage (0003), now from what each run keeps, and answers beside people: a table of eight is one
-- answer. Present are those who said yes and what they answer as.
ALTER TABLE tally ADD COLUMN answers_started INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tally ADD COLUMN answers_sent INTEGER NOT NULL DEFAULT 0;
CREATE VIEW recount AS
SELECT process_id, flow, coalesce(stakeholder, '') AS stakeholder, coalesce(area, '') AS area,
       coalesce(size, '') AS size, coalesce(department, '') AS department, coalesce(front, -1) AS front,
       sum(runs.behind) AS started, sum(CASE WHEN sent_at IS NULL THEN 0 ELSE runs.behind END) AS sent,
       count(*) AS answers_started, count(sent_at) AS answers_sent
FROM runs JOIN people ON people.id = person_id WHERE flow <> 'start'
GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT process_id, '', stakeholder, coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
       coalesce(front, -1), sum(behind), 0, 0, 0
FROM capacities JOIN people ON people.id = person_id WHERE notice_at IS NOT NULL AND stakeholder <> 'styregruppe'
GROUP BY 1, 2, 3, 4, 5, 6, 7;

DELETE FROM tally;
INSERT INTO tally SELECT * FROM recount;

CREATE TRIGGER run_begun AFTER INSERT ON runs WHEN NEW.flow <> 'start' BEGIN
    INSERT INTO tally
    SELECT process_id, NEW.flow, coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind,
           CASE WHEN NEW.sent_at IS NULL THEN 0 ELSE NEW.behind END, 1, NEW.sent_at IS NOT NULL
    FROM people WHERE id = NEW.person_id
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;

CREATE TRIGGER run_changed
AFTER UPDATE OF sent_at, stakeholder, area, size, department, front, behind ON runs
WHEN NEW.flow <> 'start'
     AND (OLD.sent_at IS NULL, OLD.stakeholder, OLD.area, OLD.size, OLD.department, OLD.front, OLD.behind)
         IS NOT
         (NEW.sent_at IS NULL, NEW.stakeholder, NEW.area, NEW.size, NEW.department, NEW.front, NEW.behind)
BEGIN
    INSERT INTO tally
    SELECT process_id, OLD.flow, coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind,
           CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE -OLD.behind END, -1, -(OLD.sent_at IS NOT NULL)
    FROM people WHERE id = OLD.person_id
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
    INSERT INTO tally
    SELECT process_id, NEW.flow, coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind,
           CASE WHEN NEW.sent_at IS NULL THEN 0 ELSE NEW.behind END, 1, NEW.sent_at IS NOT NULL
    FROM people WHERE id = NEW.person_id
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;

CREATE TRIGGER run_gone AFTER DELETE ON runs WHEN OLD.flow <> 'start' BEGIN
    INSERT INTO tally
    SELECT process_id, OLD.flow, coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind,
           CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE -OLD.behind END, -1, -(OLD.sent_at IS NOT NULL)
    FROM people WHERE id = OLD.person_id
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;

CREATE TRIGGER capacity_told AFTER INSERT ON capacities WHEN NEW.stakeholder <> 'styregruppe' BEGIN
    INSERT INTO tally
    SELECT process_id, '', NEW.stakeholder, coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), behind, 0, 0, 0
    FROM people WHERE id = NEW.person_id AND notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER capacity_changed
AFTER UPDATE OF stakeholder, area, size, department, front ON capacities
WHEN (OLD.stakeholder, OLD.area, OLD.size, OLD.department, OLD.front)
     IS NOT (NEW.stakeholder, NEW.area, NEW.size, NEW.department, NEW.front)
BEGIN
    INSERT INTO tally
    SELECT process_id, '', OLD.stakeholder, coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -behind, 0, 0, 0
    FROM people WHERE id = OLD.person_id AND notice_at IS NOT NULL AND OLD.stakeholder <> 'styregruppe'
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
    INSERT INTO tally
    SELECT process_id, '', NEW.stakeholder, coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), behind, 0, 0, 0
    FROM people WHERE id = NEW.person_id AND notice_at IS NOT NULL AND NEW.stakeholder <> 'styregruppe'
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER capacity_gone AFTER DELETE ON capacities WHEN OLD.stakeholder <> 'styregruppe' BEGIN
    INSERT INTO tally
    SELECT process_id, '', OLD.stakeholder, coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -behind, 0, 0, 0
    FROM people WHERE id = OLD.person_id AND notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

-- A cascade would come too late: whose run it was would not be there any more.
CREATE TRIGGER person_leaves BEFORE DELETE ON people BEGIN
    DELETE FROM runs WHERE person_id = OLD.id;
    DELETE FROM capacities WHERE person_id = OLD.id;
END;

CREATE TRIGGER person_changed AFTER UPDATE OF process_id, notice_at, behind ON people
WHEN (OLD.process_id, OLD.notice_at IS NULL, OLD.behind) IS NOT (NEW.process_id, NEW.notice_at IS NULL, NEW.behind)
BEGIN
    INSERT INTO tally
    SELECT OLD.process_id, '', stakeholder, coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
           coalesce(front, -1), -OLD.behind, 0, 0, 0
    FROM capacities WHERE person_id = OLD.id AND stakeholder <> 'styregruppe' AND OLD.notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
    INSERT INTO tally
    SELECT NEW.process_id, '', stakeholder, coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
           coalesce(front, -1), NEW.behind, 0, 0, 0
    FROM capacities WHERE person_id = NEW.id AND stakeholder <> 'styregruppe' AND NEW.notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER person_moved AFTER UPDATE OF process_id ON people WHEN OLD.process_id <> NEW.process_id BEGIN
    INSERT INTO tally
    SELECT OLD.process_id, flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), -behind, CASE WHEN sent_at IS NULL THEN 0 ELSE -behind END,
           -1, -(sent_at IS NOT NULL)
    FROM runs WHERE person_id = OLD.id AND flow <> 'start'
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
    INSERT INTO tally
    SELECT NEW.process_id, flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), behind, CASE WHEN sent_at IS NULL THEN 0 ELSE behind END,
           1, sent_at IS NOT NULL
    FROM runs WHERE person_id = NEW.id AND flow <> 'start'
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;
