-- One role per job, each with the least it needs. The roles themselves are made with the database.
GRANT USAGE ON SCHEMA bron, hub TO hub_pull, hub_enrich, hub_push, hub_rapportage, hub_lezer;
GRANT USAGE ON SCHEMA rapportage TO hub_rapportage, hub_lezer;

-- pull: lands what changed and notes it in the inbox
GRANT SELECT, INSERT, UPDATE ON bron.crm_profiel, bron.crm_vraag, bron.crm_dossier,
bron.crm_toestemming, bron.crm_aanmelding TO hub_pull;
GRANT SELECT, INSERT, UPDATE ON hub.cursor, hub.incident, hub.quarantaine TO hub_pull;
GRANT SELECT, INSERT ON hub.inbox TO hub_pull;

-- enrich: looks at sources, decides, writes messages down; sends nothing
GRANT SELECT ON bron.crm_profiel, bron.crm_vraag, bron.crm_dossier, bron.crm_toestemming,
bron.crm_aanmelding, bron.stg_dossier, hub.kanaal, hub.poging TO hub_enrich;
GRANT SELECT, INSERT, UPDATE ON bron.epc, hub.batch, hub.batch_dossier, hub.quarantaine, hub.woning,
hub.dossier_woning, hub.bronstand, hub.gegeven, hub.incident TO hub_enrich;
GRANT SELECT, INSERT, UPDATE ON hub.inbox TO hub_enrich;
GRANT SELECT, INSERT ON hub.bericht, hub.voorinvulling, hub.toegangslog TO hub_enrich;

-- push: delivers; reads consent at the moment of sending; decides what follows from a delivery
GRANT SELECT ON bron.crm_toestemming, bron.crm_profiel, bron.crm_dossier, bron.crm_aanmelding,
hub.voorinvulling, hub.quarantaine, hub.dossier_woning TO hub_push;
GRANT SELECT, INSERT, UPDATE ON hub.bericht, hub.poging, hub.incident TO hub_push;
GRANT SELECT, UPDATE ON hub.kanaal TO hub_push;
GRANT SELECT, INSERT ON hub.inbox TO hub_push;

-- rapportage: reads no personal column
GRANT SELECT (
    dossier_id, profiel_id, vraag_id, dossiernummer, status, start_akkoord, postcode,
    gemeente, pseudoniem, verwijderd_op
) ON bron.crm_dossier TO hub_rapportage;
GRANT SELECT (vraag_id, kanaal, ontvangen_op) ON bron.crm_vraag TO hub_rapportage;
GRANT SELECT (aanmelding_id, dossier_id, soort, partner, volgnummer) ON bron.crm_aanmelding
TO hub_rapportage;
GRANT SELECT (profiel_id, doel, ontvanger, van, tot, verwijderd_op) ON bron.crm_toestemming
TO hub_rapportage;
GRANT SELECT ON hub.gegeven, hub.dossier_woning, hub.quarantaine, hub.stand_dossier
TO hub_rapportage;
GRANT SELECT (bericht_id, bestemming, soort, kenmerk, sleutel, dossier_id, stand, volgorde)
ON hub.bericht TO hub_rapportage;
GRANT SELECT, INSERT, UPDATE, DELETE ON rapportage.fct_dossier TO hub_rapportage;
GRANT SELECT, INSERT ON rapportage.lading TO hub_rapportage;

-- lezer: what an operator may see; no payload, no personal column
GRANT SELECT ON hub.cursor, hub.batch, hub.batch_dossier, hub.quarantaine, hub.woning,
hub.dossier_woning, hub.bronstand, hub.gegeven, hub.kanaal, hub.poging, hub.voorinvulling,
hub.stand_dossier,
hub.toegangslog,
hub.incident,
rapportage.fct_dossier,
rapportage.lading,
bron.epc TO hub_lezer;
GRANT SELECT (inbox_id, bron, soort, object_id, versie, ontvangen_op, batch_id, verwerkt_op)
ON hub.inbox TO hub_lezer;
GRANT SELECT (
    bericht_id, volgorde, bestemming, sleutel, soort, kenmerk, dossier_id, prioriteit,
    stand,
    reden,
    toestemming_doel,
    pogingen,
    te_bevragen,
    klaar_vanaf,
    lease_tot,
    lease_van,
    ontvangst,
    aangemaakt_op, eerst_verzonden_op, beeindigd_op, bewaren_tot
) ON hub.bericht TO hub_lezer;
GRANT SELECT (
    dossier_id, dossiernummer, profiel_id, status, start_akkoord, consulent, postcode,
    verwijderd_op
) ON bron.crm_dossier TO hub_lezer;
GRANT SELECT (profiel_id, insz_status, verwijderd_op) ON bron.crm_profiel TO hub_lezer;
GRANT SELECT (profiel_id, doel, ontvanger, van, tot, verwijderd_op) ON bron.crm_toestemming
TO hub_lezer;
GRANT SELECT (aanmelding_id, dossier_id, soort, partner, volgnummer, status)
ON bron.crm_aanmelding TO hub_lezer;

-- kwaliteit: judges the models by their rules
GRANT USAGE ON SCHEMA bron, rapportage TO hub_kwaliteit;
GRANT SELECT ON bron.stg_dossier, rapportage.fct_dossier TO hub_kwaliteit;
