-- A page on which a holder of a role shows a second thing for their chat (docs/decisions/0040).
CREATE TABLE proof_links (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    channel     TEXT    NOT NULL,             -- the chat for which it is shown: it counts there alone
    place       TEXT    NOT NULL,
    number      TEXT    NOT NULL,             -- drawn once for each; the code in the address is worked out from it
    code_hash   TEXT    NOT NULL UNIQUE,
    path        TEXT    NOT NULL,             -- what was asked for, as panels are asked for
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (person_id, channel, place)
) STRICT, WITHOUT ROWID;

-- Who has left the chat proves nothing for it, nor who was given another role since.
CREATE TRIGGER chat_left AFTER DELETE ON addresses BEGIN
    DELETE FROM proof_links
    WHERE person_id = OLD.person_id AND channel = OLD.channel AND place = OLD.address;
END;
CREATE TRIGGER role_given_links AFTER INSERT ON roles BEGIN
    DELETE FROM proof_links WHERE person_id = NEW.person_id;
END;
