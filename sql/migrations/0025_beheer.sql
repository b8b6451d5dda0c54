-- The operator's pages: failed records in their order, whatever else the tables hold.
CREATE INDEX bericht_mislukt ON hub.bericht (volgorde) WHERE stand IN ('opgegeven', 'in_twijfel');
CREATE INDEX quarantaine_wachtend ON hub.quarantaine (quarantaine_id) WHERE opgelost_op IS NULL;
