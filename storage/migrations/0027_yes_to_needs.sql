-- When somebody said yes to our keeping what they need at a meeting (GDPR art. 7, 1). Null with no needs, and of those that
-- were told before this was noted.
ALTER TABLE signups ADD COLUMN needs_yes_at INTEGER;
