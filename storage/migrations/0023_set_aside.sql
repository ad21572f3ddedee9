-- Answers set aside: kept, and used for nothing, since their author has objected and until the leader has decided
-- (GDPR art. 18 and 21, docs/decisions/0039).

ALTER TABLE people ADD COLUMN set_aside_at INTEGER;      -- null: their answers are used

-- The process in which their answers are used; null while they are set aside. What reads answers for use asks for it, and
-- what reads a person's own things for themselves asks for `process_id` (tests/storage/test_set_aside.py).
ALTER TABLE people ADD COLUMN counted_in INTEGER
    GENERATED ALWAYS AS (CASE WHEN set_aside_at IS NULL THEN process_id END) VIRTUAL;
CREATE INDEX people_counted ON people (counted_in);
CREATE INDEX people_set_aside ON people (process_id) WHERE set_aside_at IS NOT NULL;

-- Who has objected, and what the leader decided. One at a time stands: the last that is not taken back.
CREATE TABLE objections (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    made_at     INTEGER NOT NULL,
    why         BLOB,                         -- their own words, sealed; null: they gave none
    taken_back_at INTEGER,
    decided_at  INTEGER,
    upheld      INTEGER,                      -- 1: the answers stay aside; 0: they are used again
    reason      BLOB                          -- the leader's, sealed
) STRICT;
CREATE INDEX objections_of_person ON objections (person_id);
CREATE INDEX objections_waiting ON objections (made_at) WHERE decided_at IS NULL AND taken_back_at IS NULL;

-- The counters of coverage (0005), of whom is counted. Setting aside and back counts as leaving the process and coming
-- into it.
DROP TRIGGER run_begun;
DROP TRIGGER run_changed;
DROP TRIGGER run_gone;
DROP TRIGGER capacity_told;
DROP TRIGGER capacity_changed;
DROP TRIGGER capacity_gone;
DROP TRIGGER person_changed;
DROP TRIGGER person_moved;
DROP VIEW recount;

CREATE VIEW recount AS
SELECT counted_in AS process_id, flow, coalesce(stakeholder, '') AS stakeholder, coalesce(area, '') AS area,
       coalesce(size, '') AS size, coalesce(department, '') AS department, coalesce(front, -1) AS front,
       sum(runs.behind) AS started, sum(CASE WHEN sent_at IS NULL THEN 0 ELSE runs.behind END) AS sent,
       count(*) AS answers_started, count(sent_at) AS answers_sent
FROM runs JOIN people ON people.id = person_id WHERE counted_in IS NOT NULL AND flow <> 'start'
GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT counted_in, '', stakeholder, coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
       coalesce(front, -1), sum(behind), 0, 0, 0
FROM capacities JOIN people ON people.id = person_id
WHERE counted_in IS NOT NULL AND notice_at IS NOT NULL AND stakeholder <> 'styregruppe'
GROUP BY 1, 2, 3, 4, 5, 6, 7;

CREATE TRIGGER run_begun AFTER INSERT ON runs WHEN NEW.flow <> 'start' BEGIN
    INSERT INTO tally
    SELECT counted_in, NEW.flow, coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind,
           CASE WHEN NEW.sent_at IS NULL THEN 0 ELSE NEW.behind END, 1, NEW.sent_at IS NOT NULL
    FROM people WHERE id = NEW.person_id AND counted_in IS NOT NULL
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
    SELECT counted_in, OLD.flow, coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind,
           CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE -OLD.behind END, -1, -(OLD.sent_at IS NOT NULL)
    FROM people WHERE id = OLD.person_id AND counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
    INSERT INTO tally
    SELECT counted_in, NEW.flow, coalesce(NEW.stakeholder, ''), coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), NEW.behind,
           CASE WHEN NEW.sent_at IS NULL THEN 0 ELSE NEW.behind END, 1, NEW.sent_at IS NOT NULL
    FROM people WHERE id = NEW.person_id AND counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;

CREATE TRIGGER run_gone AFTER DELETE ON runs WHEN OLD.flow <> 'start' BEGIN
    INSERT INTO tally
    SELECT counted_in, OLD.flow, coalesce(OLD.stakeholder, ''), coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -OLD.behind,
           CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE -OLD.behind END, -1, -(OLD.sent_at IS NOT NULL)
    FROM people WHERE id = OLD.person_id AND counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;

CREATE TRIGGER capacity_told AFTER INSERT ON capacities WHEN NEW.stakeholder <> 'styregruppe' BEGIN
    INSERT INTO tally
    SELECT counted_in, '', NEW.stakeholder, coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), behind, 0, 0, 0
    FROM people WHERE id = NEW.person_id AND counted_in IS NOT NULL AND notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER capacity_changed
AFTER UPDATE OF stakeholder, area, size, department, front ON capacities
WHEN (OLD.stakeholder, OLD.area, OLD.size, OLD.department, OLD.front)
     IS NOT (NEW.stakeholder, NEW.area, NEW.size, NEW.department, NEW.front)
BEGIN
    INSERT INTO tally
    SELECT counted_in, '', OLD.stakeholder, coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -behind, 0, 0, 0
    FROM people WHERE id = OLD.person_id AND counted_in IS NOT NULL AND notice_at IS NOT NULL
      AND OLD.stakeholder <> 'styregruppe'
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
    INSERT INTO tally
    SELECT counted_in, '', NEW.stakeholder, coalesce(NEW.area, ''), coalesce(NEW.size, ''),
           coalesce(NEW.department, ''), coalesce(NEW.front, -1), behind, 0, 0, 0
    FROM people WHERE id = NEW.person_id AND counted_in IS NOT NULL AND notice_at IS NOT NULL
      AND NEW.stakeholder <> 'styregruppe'
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER capacity_gone AFTER DELETE ON capacities WHEN OLD.stakeholder <> 'styregruppe' BEGIN
    INSERT INTO tally
    SELECT counted_in, '', OLD.stakeholder, coalesce(OLD.area, ''), coalesce(OLD.size, ''),
           coalesce(OLD.department, ''), coalesce(OLD.front, -1), -behind, 0, 0, 0
    FROM people WHERE id = OLD.person_id AND counted_in IS NOT NULL AND notice_at IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER person_changed AFTER UPDATE OF process_id, set_aside_at, notice_at, behind ON people
WHEN (OLD.counted_in, OLD.notice_at IS NULL, OLD.behind) IS NOT (NEW.counted_in, NEW.notice_at IS NULL, NEW.behind)
BEGIN
    INSERT INTO tally
    SELECT OLD.counted_in, '', stakeholder, coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
           coalesce(front, -1), -OLD.behind, 0, 0, 0
    FROM capacities WHERE person_id = OLD.id AND stakeholder <> 'styregruppe' AND OLD.notice_at IS NOT NULL
      AND OLD.counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
    INSERT INTO tally
    SELECT NEW.counted_in, '', stakeholder, coalesce(area, ''), coalesce(size, ''), coalesce(department, ''),
           coalesce(front, -1), NEW.behind, 0, 0, 0
    FROM capacities WHERE person_id = NEW.id AND stakeholder <> 'styregruppe' AND NEW.notice_at IS NOT NULL
      AND NEW.counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started;
END;

CREATE TRIGGER person_moved AFTER UPDATE OF process_id, set_aside_at ON people
WHEN OLD.counted_in IS NOT NEW.counted_in
BEGIN
    INSERT INTO tally
    SELECT OLD.counted_in, flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), -behind, CASE WHEN sent_at IS NULL THEN 0 ELSE -behind END,
           -1, -(sent_at IS NOT NULL)
    FROM runs WHERE person_id = OLD.id AND flow <> 'start' AND OLD.counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
    INSERT INTO tally
    SELECT NEW.counted_in, flow, coalesce(stakeholder, ''), coalesce(area, ''), coalesce(size, ''),
           coalesce(department, ''), coalesce(front, -1), behind, CASE WHEN sent_at IS NULL THEN 0 ELSE behind END,
           1, sent_at IS NOT NULL
    FROM runs WHERE person_id = NEW.id AND flow <> 'start' AND NEW.counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent,
        answers_started = answers_started + excluded.answers_started,
        answers_sent = answers_sent + excluded.answers_sent;
END;
