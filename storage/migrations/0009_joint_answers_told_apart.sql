-- A joint answer is told apart from its members' own: how many stood behind it when it was sent, and who.

-- A chair collects in one capacity: who is the chair of an association and sits on a council has two of a step.
CREATE TABLE joints_now (
    id          INTEGER PRIMARY KEY,
    chair_id    INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    capacity_id INTEGER NOT NULL REFERENCES capacities (id) ON DELETE CASCADE,
    flow        TEXT    NOT NULL,
    code        TEXT    NOT NULL UNIQUE,
    made_at     INTEGER NOT NULL,
    closed_at   INTEGER,
    UNIQUE (capacity_id, flow)
) STRICT;
INSERT INTO joints_now (id, chair_id, capacity_id, flow, code, made_at, closed_at)
SELECT joints.id, chair_id, coalesce(
           (SELECT min(capacities.id) FROM capacities
            WHERE person_id = chair_id AND stakeholder IN ('forening', 'raad_center')),
           (SELECT capacities.id FROM capacities WHERE person_id = chair_id AND in_use = 1)),
       flow, code, made_at, closed_at
FROM joints;
DROP TABLE joints;
ALTER TABLE joints_now RENAME TO joints;
CREATE INDEX joints_of_chair ON joints (chair_id);

-- When the chair stopped collecting: their answers are shown no longer, and they stand behind the joint answer all the
-- same. Null: they are shown, or have not said yes.
ALTER TABLE joint_members ADD COLUMN ended_at INTEGER;

-- What was sent as a joint answer. The number stays, whoever is erased later.
CREATE TABLE joint_sent (
    run_id      INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, -- the chair's
    members     INTEGER NOT NULL
) STRICT;

CREATE TABLE joint_backers (
    run_id      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, -- the chair's
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    capacity_id INTEGER NOT NULL REFERENCES capacities (id) ON DELETE CASCADE, -- in which they showed their answers
    PRIMARY KEY (run_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX joint_backers_of_person ON joint_backers (person_id);
CREATE INDEX joint_backers_of_capacity ON joint_backers (capacity_id);

-- What was sent before: whoever had said yes by then and shows their answers still. Of what was closed nothing is known.
INSERT INTO joint_backers (run_id, person_id, capacity_id)
SELECT runs.id, joint_members.person_id, joint_members.capacity_id
FROM joints JOIN runs ON runs.capacity_id = joints.capacity_id AND runs.flow = joints.flow
     JOIN joint_members ON joint_id = joints.id
WHERE joined_at > 0 AND joined_at <= runs.sent_at AND joint_members.capacity_id IS NOT NULL;
INSERT INTO joint_sent SELECT run_id, count(*) FROM joint_backers GROUP BY run_id;
