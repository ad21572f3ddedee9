-- The municipality's own sign-in (OpenID Connect): whose login there is whose here, once it was noted.
CREATE TABLE municipal_logins (
    person_id   INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    subject     TEXT    NOT NULL,             -- keyed hash of issuer and subject
    made_at     INTEGER NOT NULL
) STRICT;
