-- A joint answer is told apart from its members' own: how many stood behind it when it was sent, and who.

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
    PRIMARY KEY (run_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX joint_backers_of_person ON joint_backers (person_id);

-- What was sent before: whoever had said yes by then and shows their answers still. Of what was closed nothing is known.
INSERT INTO joint_backers
SELECT runs.id, joint_members.person_id
FROM joints JOIN runs ON runs.person_id = chair_id AND runs.flow = joints.flow
     JOIN joint_members ON joint_id = joints.id
WHERE joined_at > 0 AND joined_at <= runs.sent_at;
INSERT INTO joint_sent SELECT run_id, count(*) FROM joint_backers GROUP BY run_id;
