-- Who has left a chat has proven nothing for it any more, whoever comes back there: neither what was shown nor the code that
-- was to be typed there stays (docs/decisions/0038).
DROP TRIGGER chat_left;
CREATE TRIGGER chat_left AFTER DELETE ON addresses BEGIN
    DELETE FROM proof_links
    WHERE person_id = OLD.person_id AND channel = OLD.channel AND place = OLD.address;
    DELETE FROM proofs
    WHERE person_id = OLD.person_id AND channel = OLD.channel AND place = OLD.address;
    DELETE FROM proof_codes
    WHERE person_id = OLD.person_id AND channel = OLD.channel AND place = OLD.address;
END;
DELETE FROM proofs WHERE channel <> 'web' AND NOT EXISTS (
    SELECT 1 FROM addresses
    WHERE addresses.person_id = proofs.person_id AND addresses.channel = proofs.channel AND address = place);
DELETE FROM proof_codes WHERE channel <> 'web' AND NOT EXISTS (
    SELECT 1 FROM addresses
    WHERE addresses.person_id = proof_codes.person_id AND addresses.channel = proof_codes.channel AND address = place);
