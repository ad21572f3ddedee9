-- Sessions apart from links (docs/decisions/0032).

-- A browser that has come in. Only a hash of its id is here; the id itself is in the browser's cookie alone.
CREATE TABLE sessions (
    id_hash     TEXT    PRIMARY KEY,
    address     TEXT    NOT NULL,             -- where its people are: addresses.address on the web
    device      TEXT    NOT NULL,             -- browser and system, as «firefox android»; '' before they were noted
    step        TEXT,                         -- came by a mail: the one step it may answer; null: everything
    made_at     INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    previous    TEXT    UNIQUE,               -- hash of the id it had, until the browser has shown the new one
    changed_at  INTEGER                       -- when it got the new one
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_address ON sessions (address);

-- A personal link. It starts sessions; it is none.
CREATE TABLE personal_links (
    link_hash   TEXT    PRIMARY KEY,
    address     TEXT    NOT NULL,
    secret      BLOB,                         -- encrypted; null: given out before it was kept
    made_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX personal_links_of_address ON personal_links (address);

-- Until now one secret was both, and the address its hash. Whoever has it, in a cookie or a link, comes in as before.
INSERT INTO sessions (id_hash, address, device, made_at, seen_at)
    SELECT DISTINCT address, address, '', unixepoch(), unixepoch() FROM addresses WHERE channel = 'web';
INSERT INTO personal_links (link_hash, address, made_at)
    SELECT DISTINCT address, address, unixepoch() FROM addresses WHERE channel = 'web';

-- Where nobody is any more, nothing leads.
CREATE TRIGGER web_address_left AFTER DELETE ON addresses
    WHEN OLD.channel = 'web'
     AND NOT EXISTS (SELECT 1 FROM addresses WHERE channel = 'web' AND address = OLD.address)
BEGIN
    DELETE FROM sessions WHERE address = OLD.address;
    DELETE FROM personal_links WHERE address = OLD.address;
END;

-- The links of mails that have gone out do nothing more: a new link was made, the address was deleted or is another.
ALTER TABLE outbox ADD COLUMN links_closed INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER mailbox_forgotten AFTER DELETE ON mailboxes
BEGIN
    UPDATE outbox SET links_closed = 1 WHERE person_id = OLD.person_id AND code_hash IS NOT NULL;
END;
CREATE TRIGGER mailbox_changed AFTER UPDATE OF code_hash ON mailboxes WHEN NEW.code_hash <> OLD.code_hash
BEGIN
    UPDATE outbox SET links_closed = 1 WHERE person_id = OLD.person_id AND code_hash IS NOT NULL;
END;
