-- Several answers that speak for the same entry of the register are one association (docs/decisions/0027, 0030). How many
-- there are for each entry, and how many more answers than entries that makes, kept by triggers in the transaction of what
-- they count, as the counters of coverage (0023): counted afresh, it took a hundred times as long as all of those together.
-- Each answer of an association or a council (model.SPEAK_FOR_MANY) is counted in three ways: of the whole step, by group,
-- and by the size of the association.
CREATE TABLE entry_tally (
    process_id  INTEGER NOT NULL,
    flow        TEXT    NOT NULL,
    split       TEXT    NOT NULL,             -- '', stakeholder or size
    key         TEXT    NOT NULL,             -- the group, the size; '': the whole step, or not told
    party_id    INTEGER NOT NULL,
    started     INTEGER NOT NULL,             -- answers
    sent        INTEGER NOT NULL,
    PRIMARY KEY (process_id, flow, split, key, party_id)
) STRICT, WITHOUT ROWID;

-- Answers beyond the first for the same entry, added up.
CREATE TABLE further_tally (
    process_id  INTEGER NOT NULL,
    flow        TEXT    NOT NULL,
    split       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    started     INTEGER NOT NULL,
    sent        INTEGER NOT NULL,
    PRIMARY KEY (process_id, flow, split, key)
) STRICT, WITHOUT ROWID;

-- The ways in which an answer of these groups is counted.
CREATE TABLE entry_splits (
    stakeholder TEXT    NOT NULL,
    split       TEXT    NOT NULL,
    PRIMARY KEY (stakeholder, split)
) STRICT, WITHOUT ROWID;
INSERT INTO entry_splits VALUES ('forening', ''), ('forening', 'stakeholder'), ('forening', 'size'),
                                ('raad_center', ''), ('raad_center', 'stakeholder');

CREATE VIEW entry_recount AS
SELECT counted_in AS process_id, flow, split,
       CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(size, '') ELSE stakeholder END AS key, party_id,
       count(*) AS started, count(sent_at) AS sent
FROM runs JOIN people ON people.id = person_id JOIN entry_splits USING (stakeholder)
WHERE party_id IS NOT NULL AND counted_in IS NOT NULL AND flow <> 'start'
GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW further_recount AS
SELECT process_id, flow, split, key, sum(max(started - 1, 0)) AS started, sum(max(sent - 1, 0)) AS sent
FROM entry_recount GROUP BY 1, 2, 3, 4;

INSERT INTO entry_tally SELECT * FROM entry_recount;
INSERT INTO further_tally SELECT * FROM further_recount;

CREATE TRIGGER entry_counted AFTER INSERT ON entry_tally WHEN NEW.started > 1 OR NEW.sent > 1 BEGIN
    INSERT INTO further_tally
    VALUES (NEW.process_id, NEW.flow, NEW.split, NEW.key, max(NEW.started - 1, 0), max(NEW.sent - 1, 0))
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

CREATE TRIGGER entry_counted_anew AFTER UPDATE ON entry_tally
WHEN (max(NEW.started - 1, 0), max(NEW.sent - 1, 0)) IS NOT (max(OLD.started - 1, 0), max(OLD.sent - 1, 0)) BEGIN
    INSERT INTO further_tally
    VALUES (NEW.process_id, NEW.flow, NEW.split, NEW.key, max(NEW.started - 1, 0) - max(OLD.started - 1, 0),
            max(NEW.sent - 1, 0) - max(OLD.sent - 1, 0))
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

CREATE TRIGGER entry_run_begun AFTER INSERT ON runs WHEN NEW.flow <> 'start' AND NEW.party_id IS NOT NULL BEGIN
    INSERT INTO entry_tally
    SELECT counted_in, NEW.flow, split,
           CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(NEW.size, '') ELSE NEW.stakeholder END,
           NEW.party_id, 1, (NEW.sent_at IS NOT NULL)
    FROM people JOIN entry_splits ON entry_splits.stakeholder = NEW.stakeholder
    WHERE people.id = NEW.person_id AND counted_in IS NOT NULL AND NEW.party_id IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

CREATE TRIGGER entry_run_changed AFTER UPDATE OF sent_at, stakeholder, size, party_id ON runs
WHEN NEW.flow <> 'start' AND (OLD.party_id IS NOT NULL OR NEW.party_id IS NOT NULL)
     AND (OLD.sent_at IS NULL, OLD.stakeholder, OLD.size, OLD.party_id)
         IS NOT (NEW.sent_at IS NULL, NEW.stakeholder, NEW.size, NEW.party_id)
BEGIN
    INSERT INTO entry_tally
    SELECT counted_in, OLD.flow, split,
           CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(OLD.size, '') ELSE OLD.stakeholder END,
           OLD.party_id, -1, -(OLD.sent_at IS NOT NULL)
    FROM people JOIN entry_splits ON entry_splits.stakeholder = OLD.stakeholder
    WHERE people.id = OLD.person_id AND counted_in IS NOT NULL AND OLD.party_id IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
    INSERT INTO entry_tally
    SELECT counted_in, NEW.flow, split,
           CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(NEW.size, '') ELSE NEW.stakeholder END,
           NEW.party_id, 1, (NEW.sent_at IS NOT NULL)
    FROM people JOIN entry_splits ON entry_splits.stakeholder = NEW.stakeholder
    WHERE people.id = NEW.person_id AND counted_in IS NOT NULL AND NEW.party_id IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

CREATE TRIGGER entry_run_gone AFTER DELETE ON runs WHEN OLD.flow <> 'start' AND OLD.party_id IS NOT NULL BEGIN
    INSERT INTO entry_tally
    SELECT counted_in, OLD.flow, split,
           CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(OLD.size, '') ELSE OLD.stakeholder END,
           OLD.party_id, -1, -(OLD.sent_at IS NOT NULL)
    FROM people JOIN entry_splits ON entry_splits.stakeholder = OLD.stakeholder
    WHERE people.id = OLD.person_id AND counted_in IS NOT NULL AND OLD.party_id IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;

CREATE TRIGGER entry_person_moved AFTER UPDATE OF process_id, set_aside_at ON people
WHEN OLD.counted_in IS NOT NEW.counted_in
BEGIN
    INSERT INTO entry_tally
    SELECT OLD.counted_in, runs.flow, split,
           CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(runs.size, '') ELSE stakeholder END,
           runs.party_id, -1, -(runs.sent_at IS NOT NULL)
    FROM runs JOIN entry_splits USING (stakeholder)
    WHERE person_id = OLD.id AND flow <> 'start' AND party_id IS NOT NULL AND OLD.counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
    INSERT INTO entry_tally
    SELECT NEW.counted_in, runs.flow, split,
           CASE split WHEN '' THEN '' WHEN 'size' THEN coalesce(runs.size, '') ELSE stakeholder END,
           runs.party_id, 1, (runs.sent_at IS NOT NULL)
    FROM runs JOIN entry_splits USING (stakeholder)
    WHERE person_id = NEW.id AND flow <> 'start' AND party_id IS NOT NULL AND NEW.counted_in IS NOT NULL
    ON CONFLICT DO UPDATE SET started = started + excluded.started, sent = sent + excluded.sent;
END;
