-- Whoever holds a role signs in with two things (docs/decisions/0038).

-- What somebody has shown besides the link or the account they came by, and where: it holds there alone.
CREATE TABLE proofs (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    channel     TEXT    NOT NULL,
    place       TEXT    NOT NULL,             -- on the web sessions.id_hash, in a chat its address
    way         TEXT    NOT NULL,             -- mail, telegram, operator, passkey, oidc
    proven_at   INTEGER NOT NULL,
    used_at     INTEGER NOT NULL,             -- last, within some minutes
    PRIMARY KEY (person_id, channel, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX proofs_by_place ON proofs (channel, place);

-- The one code that is open for somebody. It is worked out from the number with a key of ours; it stands nowhere.
CREATE TABLE proof_codes (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    number      TEXT    NOT NULL,             -- drawn once for each code
    way         TEXT    NOT NULL,
    channel     TEXT,                         -- where it was asked for and is to be typed; null: anywhere
    place       TEXT,
    expires_at  INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Codes that were asked for, and wrong ones that were typed, for the limits.
CREATE TABLE proof_tries (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    what        TEXT    NOT NULL,             -- asked, wrong
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX proof_tries_of_person ON proof_tries (person_id, at);

-- A proof is a session's: it ends with it, and follows when the browser turns out to have the id before.
CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN
    DELETE FROM proofs WHERE channel = 'web' AND place = OLD.id_hash;
    DELETE FROM proof_codes WHERE channel = 'web' AND place = OLD.id_hash;
END;
CREATE TRIGGER session_renamed AFTER UPDATE OF id_hash ON sessions WHEN NEW.id_hash <> OLD.id_hash BEGIN
    UPDATE proofs SET place = NEW.id_hash WHERE channel = 'web' AND place = OLD.id_hash;
    UPDATE proof_codes SET place = NEW.id_hash WHERE channel = 'web' AND place = OLD.id_hash;
END;
-- Who is given a role shows anew who they are.
CREATE TRIGGER role_given AFTER INSERT ON roles BEGIN
    DELETE FROM proofs WHERE person_id = NEW.person_id;
    DELETE FROM proof_codes WHERE person_id = NEW.person_id;
END;

ALTER TABLE sessions ADD COLUMN came_by TEXT NOT NULL DEFAULT '';     -- mail: no code goes there for it
ALTER TABLE mailboxes ADD COLUMN for_codes INTEGER NOT NULL DEFAULT 1; -- 0: given by a holder of a role without a proof
ALTER TABLE outbox ADD COLUMN only_by TEXT;                            -- channel: goes by this one alone; null: as they are reached
