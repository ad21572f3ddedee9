-- A key per person, and per hearing response, in a file of its own (storage/key_store.py): its id stands here, and in
-- each value that it seals. The first is made with the first value; what was sealed before is moved beside the bot.
ALTER TABLE people ADD COLUMN key_id BLOB;
ALTER TABLE runs ADD COLUMN key_id BLOB;           -- a hearing response's own: it may outlive its author
CREATE TABLE keys_to_erase (
    key_id      BLOB    PRIMARY KEY,
    since       INTEGER                            -- when it was first seen here
) STRICT;
-- Whatever takes a key's row away, no key is forgotten.
CREATE TRIGGER person_key_gone AFTER DELETE ON people WHEN OLD.key_id IS NOT NULL BEGIN
    INSERT INTO keys_to_erase (key_id) VALUES (OLD.key_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER person_key_changed AFTER UPDATE OF key_id ON people
WHEN OLD.key_id IS NOT NULL AND NEW.key_id IS NOT OLD.key_id BEGIN
    INSERT INTO keys_to_erase (key_id) VALUES (OLD.key_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER run_key_gone AFTER DELETE ON runs WHEN OLD.key_id IS NOT NULL BEGIN
    INSERT INTO keys_to_erase (key_id) VALUES (OLD.key_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER run_key_changed AFTER UPDATE OF key_id ON runs
WHEN OLD.key_id IS NOT NULL AND NEW.key_id IS NOT OLD.key_id BEGIN
    INSERT INTO keys_to_erase (key_id) VALUES (OLD.key_id) ON CONFLICT DO NOTHING;
END;
