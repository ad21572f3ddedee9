-- Why words are held, and not an answer yet (docs/decisions/0047): «doubt», whether they are meant as one; «details», they
-- tell of somebody's telephone, mail, illness or name, and whether they are to stand. Of «doubt» the content is the words,
-- of «details» what the answer would be, as answers have it, and `message` is the one that was corrected so.
ALTER TABLE held_words ADD COLUMN reason TEXT NOT NULL DEFAULT 'doubt';
