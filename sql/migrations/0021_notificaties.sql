-- Notificaties is a destination. Whether it can be asked what it holds, and whether it recognises
-- an Id that comes twice, is not known: a message of unknown outcome waits for a person. What the
-- city finds out goes into hub/config/melding.yml (ontdubbelt_op_id).
INSERT INTO hub.kanaal
(bestemming, kan_ontdubbelen, kan_bevraagd_worden, bevestigt_later, max_gelijktijdig)
VALUES
('notificaties', FALSE, FALSE, FALSE, 4);

-- A message may have to wait before its first attempt: not at night, and not while more may follow.
ALTER TABLE hub.bericht ADD COLUMN niet_voor timestamptz;
COMMENT ON COLUMN hub.bericht.niet_voor IS
'Not to be sent before this moment, whatever an operator hurries; empty: at once.';
GRANT SELECT (niet_voor) ON hub.bericht TO hub_lezer, hub_operator;

-- What to tell residents is decided from the statuses that ended lately.
CREATE INDEX bericht_status_beeindigd ON hub.bericht (beeindigd_op)
WHERE soort = 'dossierstatus' AND stand IN ('bevestigd', 'overgeslagen');
CREATE INDEX bericht_melding_wachtend ON hub.bericht (dossier_id)
WHERE soort = 'melding' AND stand = 'klaar';
