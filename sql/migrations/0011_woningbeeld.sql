-- The woningbeeld: fields that can stand more than once, and why a source has nothing to say.
ALTER TABLE hub.gegeven ADD COLUMN onderdeel text NOT NULL DEFAULT '';
COMMENT ON COLUMN hub.gegeven.onderdeel IS
'Tells the elements of a field that can stand more than once apart; empty when it stands once.';
DROP INDEX hub.gegeven_huidig;
CREATE UNIQUE INDEX gegeven_huidig ON hub.gegeven (woning_id, veld, onderdeel)
WHERE vervangen_op IS NULL;

ALTER TABLE hub.bronstand ADD COLUMN reden text;
COMMENT ON COLUMN hub.bronstand.reden IS
'Why there is nothing of this source, in a sentence for a consultant; null when it answered.';
CREATE INDEX bronstand_opnieuw ON hub.bronstand (opnieuw_na);
