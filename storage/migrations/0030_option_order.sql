-- In which order the options of a question were shown, where half of the people see them in reverse (docs/decisions/0046):
-- 1 in reverse, 0 as written. Null where there is one order for all, and of what was answered before this was noted.
ALTER TABLE answers ADD COLUMN options_reversed INTEGER;
ALTER TABLE answer_history ADD COLUMN options_reversed INTEGER;
