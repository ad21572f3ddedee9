-- Who led before is deputy for a while, and no longer unless the leader says so.

ALTER TABLE roles ADD COLUMN ends_at INTEGER;                -- null: until it is taken back

UPDATE roles SET ends_at = unixepoch() + 30 * 86400
    WHERE role = 'deputy' AND person_id IN (
        SELECT people.id FROM people JOIN audit ON audit.process_id = people.process_id AND detail = pseudonym
        WHERE action = 'took-over');
