-- The nightly comparison of the ledger with what the CRM and each receiver hold: it reads, and it
-- reports incidents. It sees no content of a message.
ALTER TABLE hub.incident ADD COLUMN voorstel text;
COMMENT ON COLUMN hub.incident.voorstel IS 'The repair that is proposed, in plain Dutch.';

GRANT USAGE ON SCHEMA bron, hub TO hub_aansluiting;
GRANT SELECT (
    bericht_id, volgorde, bestemming, sleutel, soort, kenmerk, dossier_id, stand, lease_tot,
    ontvangst, aangemaakt_op, eerst_verzonden_op, beeindigd_op
) ON hub.bericht TO hub_aansluiting;
GRANT SELECT (dossier_id, veld, soort, waarde, bericht_id) ON hub.voorinvulling TO hub_aansluiting;
GRANT SELECT (bestemming, max_gelijktijdig, gestopt_op, stopreden) ON hub.kanaal
TO hub_aansluiting;
GRANT SELECT (dossier_id, dossiernummer, profiel_id, verwijderd_op) ON bron.crm_dossier
TO hub_aansluiting;
-- The INSZ, sealed: DOSIS is asked by it.
GRANT SELECT (profiel_id, insz_status, persoonsgegevens, sleutel_id) ON bron.crm_profiel
TO hub_aansluiting;
GRANT SELECT, INSERT, UPDATE ON hub.incident TO hub_aansluiting;
