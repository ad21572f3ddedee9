-- Passkeys (WebAuthn), by which a holder of a role shows who they are. The private half never leaves their device.
CREATE TABLE passkeys (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    credential  TEXT    NOT NULL UNIQUE,      -- its id, as the browser writes it
    public_key  BLOB    NOT NULL,
    sign_count  INTEGER NOT NULL,             -- as the device last told it; 0 where it counts nothing
    device      TEXT    NOT NULL,             -- where it was made, as sessions.device
    made_at     INTEGER NOT NULL,
    used_at     INTEGER NOT NULL              -- last; no challenge from before then is taken
) STRICT;
CREATE INDEX passkeys_of_person ON passkeys (person_id);
