-- How an entry of the register is reached may name somebody: it is sealed, which takes the keys (storage.carrying_over).
CREATE TABLE contacts_before (
    party_id INTEGER PRIMARY KEY REFERENCES parties (id) ON DELETE CASCADE,
    contact  TEXT NOT NULL
) STRICT;

INSERT INTO contacts_before (party_id, contact) SELECT id, contact FROM parties WHERE contact IS NOT NULL;

ALTER TABLE parties DROP COLUMN contact;

ALTER TABLE parties ADD COLUMN contact BLOB;
