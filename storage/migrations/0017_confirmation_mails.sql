-- To whom mails went that ask whether an address is theirs, and who has said no to them: so that nobody is written to
-- again and again, whoever asks. An address is known here by a keyed hash alone, and belongs to nobody.
CREATE TABLE hash_keys (
    name        TEXT    PRIMARY KEY,
    content     BLOB    NOT NULL              -- drawn once, never shown; encrypted
) STRICT;
CREATE TABLE confirmation_mails (
    id          INTEGER PRIMARY KEY,
    recipient   TEXT    NOT NULL,
    asked_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX confirmation_mails_by_recipient ON confirmation_mails (recipient, asked_at);
CREATE INDEX confirmation_mails_by_time ON confirmation_mails (asked_at);
CREATE TABLE declined_recipients (
    recipient   TEXT    PRIMARY KEY,
    declined_at INTEGER NOT NULL
) STRICT;
