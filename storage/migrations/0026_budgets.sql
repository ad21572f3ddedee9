-- What comes in and is kept is bounded, and those who lead are told when a bound is met (docs/decisions/0042).

-- How many people were stored in each minute; of nobody in particular, so that who is erased again is counted too.
CREATE TABLE arrivals (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    minute      INTEGER NOT NULL,             -- since 1970
    people      INTEGER NOT NULL,
    PRIMARY KEY (process_id, minute)
) STRICT, WITHOUT ROWID;

-- Which budget was used up, how often, and when those who lead were told.
CREATE TABLE exceeded_budgets (
    process_id  INTEGER NOT NULL REFERENCES processes (id),
    budget      TEXT    NOT NULL,             -- bot.budgets.Budget
    since       INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    times       INTEGER NOT NULL,             -- since then
    told_at     INTEGER,
    PRIMARY KEY (process_id, budget)
) STRICT, WITHOUT ROWID;
