-- Which entry of the register what was sent belongs to, how that is known, and the entries of the process file.

ALTER TABLE capacities ADD COLUMN party_by TEXT;          -- how they came to speak for it: said, link (its own), entered
ALTER TABLE capacities ADD COLUMN invited_as INTEGER REFERENCES parties (id) ON DELETE SET NULL; -- whose own link it was
UPDATE capacities SET invited_as = (
    SELECT invitations.party_id FROM people JOIN invitations ON invitations.id = came_by WHERE people.id = person_id)
WHERE in_use = 1;
UPDATE capacities SET party_by = CASE WHEN party_id = invited_as THEN 'link' ELSE 'said' END
WHERE party_id IS NOT NULL;

-- How a run came to its entry (`party_id`): said, link, entered, name (it bears the entry's), leader. `undone`: the leader
-- took it off, and no name puts it back.
ALTER TABLE runs ADD COLUMN tied_by TEXT;
UPDATE runs SET tied_by = coalesce((
    SELECT party_by FROM capacities WHERE capacities.id = capacity_id AND capacities.party_id = runs.party_id), 'said')
WHERE party_id IS NOT NULL;

DROP TRIGGER drafts_follow;
CREATE TRIGGER drafts_follow
AFTER UPDATE OF stakeholder, front, field, department, area, size, party_id, party_by ON capacities BEGIN
    UPDATE runs SET stakeholder = NEW.stakeholder, front = NEW.front, field = NEW.field, department = NEW.department,
                    area = NEW.area, size = NEW.size,
                    party_id = CASE WHEN tied_by IN ('leader', 'undone') THEN party_id ELSE NEW.party_id END,
                    tied_by = CASE WHEN tied_by IN ('leader', 'undone') THEN tied_by ELSE NEW.party_by END
    WHERE capacity_id = NEW.id AND (sent_at IS NULL OR flow = 'start');
END;

-- The entries that the process file lists, by their keys there, with the name it gave them last. Without an entry: the
-- leader has removed it, and it does not come back by loading the file again.
CREATE TABLE file_parties (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    key         TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    party_id    INTEGER REFERENCES parties (id) ON DELETE SET NULL,
    PRIMARY KEY (process_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_parties_of_party ON file_parties (party_id) WHERE party_id IS NOT NULL;

-- What a link filled in was never asked: such answers say that they came from the link, and show no wording. It was
-- filled in at the very moment the start questions began; nobody can have answered by then.
CREATE TABLE filled_in AS
SELECT answers.id AS answer_id FROM answers JOIN runs ON runs.id = run_id JOIN people ON people.id = runs.person_id
JOIN invitations ON invitations.id = people.came_by
WHERE runs.flow = 'start' AND people.source IS NULL AND invitations.role IS NULL
  AND invitations.stakeholder IS NOT NULL AND (question = 'S1' OR (question = 'S6' AND invitations.area IS NOT NULL))
  AND runs.started_at = coalesce((SELECT answered_at FROM answer_history
                                  WHERE answer_id = answers.id AND answer_history.revision = 1), answered_at);
UPDATE answers SET asked = '', channel = 'link' WHERE revision = 1 AND id IN (SELECT answer_id FROM filled_in);
UPDATE answer_history SET asked = '', channel = 'link'
WHERE revision = 1 AND answer_id IN (SELECT answer_id FROM filled_in);
DROP TABLE filled_in;
