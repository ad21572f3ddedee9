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
