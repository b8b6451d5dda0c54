-- Retention of every table, a report that tells what is left, and the erasure of a resident.

ALTER TABLE hub.opruiming
ADD COLUMN oudste timestamptz,
ADD COLUMN over_termijn bigint;
COMMENT ON COLUMN hub.opruiming.oudste IS
'From when the term of the oldest counts that is left of this kind, after the run; empty: nothing.';
COMMENT ON COLUMN hub.opruiming.over_termijn IS
'How many are left although their term is over: a person keeps them, or something is open.';

-- From when the term of each thing counts: one row per thing that a rule of
-- hub/config/bewaring.yml with a term looks at, whether something holds it back or not.
CREATE VIEW hub.bewaarmoment AS
SELECT
    'document_inhoud' AS soort,
    bericht.beeindigd_op AS moment
FROM hub.bericht
WHERE
    bericht.inhoud IS NOT NULL
    AND bericht.stand IN ('bevestigd', 'ingetrokken', 'overgeslagen')
    AND bericht.soort IN ('voortgang_document', 'woningfiche')
UNION ALL
SELECT
    'bericht_inhoud' AS soort,
    bericht.beeindigd_op AS moment
FROM hub.bericht
WHERE
    bericht.inhoud IS NOT NULL
    AND bericht.stand IN ('bevestigd', 'ingetrokken', 'overgeslagen')
UNION ALL
SELECT
    'dossier' AS soort,
    crm_dossier.verwijderd_op AS moment
FROM bron.crm_dossier
WHERE crm_dossier.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_dossier' AS soort,
    crm_dossier.verwijderd_op AS moment
FROM bron.crm_dossier
WHERE
    crm_dossier.verwijderd_op IS NOT NULL
    AND (
        num_nonnulls(
            crm_dossier.straat, crm_dossier.huisnummer, crm_dossier.busnummer, crm_dossier.consulent
        ) > 0
        OR crm_dossier.voorinvulling <> '{}'
    )
UNION ALL
SELECT
    'partner_voortgang' AS soort,
    crm_dossier.verwijderd_op AS moment
FROM bron.partner_voortgang
INNER JOIN bron.crm_dossier ON partner_voortgang.dossier_id = crm_dossier.dossier_id
WHERE crm_dossier.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_profiel' AS soort,
    crm_profiel.verwijderd_op AS moment
FROM bron.crm_profiel
WHERE crm_profiel.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_vraag' AS soort,
    crm_vraag.verwijderd_op AS moment
FROM bron.crm_vraag
WHERE crm_vraag.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_toestemming' AS soort,
    crm_toestemming.verwijderd_op AS moment
FROM bron.crm_toestemming
WHERE crm_toestemming.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'woning' AS soort,
    greatest(
        woning.aangemaakt_op,
        (
            SELECT max(bronstand.gevraagd_op)
            FROM hub.bronstand
            WHERE bronstand.woning_id = woning.woning_id
        )
    ) AS moment
FROM hub.woning
WHERE
    NOT EXISTS (
        SELECT 1 FROM hub.dossier_woning
        WHERE dossier_woning.woning_id = woning.woning_id
    )
UNION ALL
SELECT
    'gegeven' AS soort,
    gegeven.vervangen_op AS moment
FROM hub.gegeven
WHERE gegeven.vervangen_op IS NOT NULL
UNION ALL
SELECT
    'epc' AS soort,
    epc.opgehaald_op AS moment
FROM bron.epc
WHERE
    NOT EXISTS (
        SELECT 1 FROM hub.woning
        WHERE woning.gebouweenheid_id = any(epc.gebouweenheid_ids)
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.woning
        WHERE woning.adres_id = epc.adres_id
    )
UNION ALL
SELECT
    'inbox' AS soort,
    inbox.verwerkt_op AS moment
FROM hub.inbox
WHERE inbox.verwerkt_op IS NOT NULL
UNION ALL
SELECT
    'batch' AS soort,
    batch.beeindigd_op AS moment
FROM hub.batch
WHERE batch.beeindigd_op IS NOT NULL
UNION ALL
SELECT
    'quarantaine' AS soort,
    quarantaine.opgelost_op AS moment
FROM hub.quarantaine
WHERE quarantaine.opgelost_op IS NOT NULL
UNION ALL
SELECT
    'regelmeting' AS soort,
    regelmeting.gemeten_op AS moment
FROM hub.regelmeting
UNION ALL
SELECT
    'incident' AS soort,
    incident.opgelost_op AS moment
FROM hub.incident
WHERE incident.opgelost_op IS NOT NULL
UNION ALL
SELECT
    'toegangslog' AS soort,
    (toegangslog_segment.maand + interval '1 month') AT TIME ZONE 'UTC' AS moment
FROM hub.toegangslog_segment
WHERE toegangslog_segment.verwijderd_op IS NULL
UNION ALL
SELECT
    'bronweigering' AS soort,
    bronweigering.laatst_gezien_op AS moment
FROM hub.bronweigering
UNION ALL
SELECT
    'eenheid_wijziging' AS soort,
    eenheid_wijziging.gebeurd_op AS moment
FROM bron.eenheid_wijziging
UNION ALL
SELECT
    'lading' AS soort,
    lading.geladen_op AS moment
FROM rapportage.lading;

CREATE INDEX bericht_document_te_wissen ON hub.bericht (beeindigd_op)
WHERE
inhoud IS NOT NULL
AND soort IN ('voortgang_document', 'woningfiche')
AND stand IN ('bevestigd', 'ingetrokken', 'overgeslagen');
CREATE INDEX crm_toestemming_verwijderd ON bron.crm_toestemming (verwijderd_op)
WHERE verwijderd_op IS NOT NULL;
CREATE INDEX gegeven_vervangen ON hub.gegeven (vervangen_op) WHERE vervangen_op IS NOT NULL;
CREATE INDEX gegeven_woning ON hub.gegeven (woning_id);
CREATE INDEX woning_opvolging_opvolger ON hub.woning_opvolging (opvolger_woning_id)
WHERE opvolger_woning_id IS NOT NULL;
CREATE INDEX epc_opgehaald ON bron.epc (opgehaald_op);
CREATE INDEX lading_geladen ON rapportage.lading (geladen_op);

-- opruiming: the kinds that had no term. A lock needs the right to change one column.
GRANT USAGE ON SCHEMA rapportage TO hub_opruiming;
GRANT SELECT ON hub.bewaarmoment TO hub_opruiming, hub_lezer;
GRANT SELECT (soort) ON hub.bericht TO hub_opruiming;
GRANT SELECT (toestemming_id, verwijderd_op), DELETE ON bron.crm_toestemming TO hub_opruiming;
GRANT SELECT (woning_id, gebouweenheid_id, adres_id, aangemaakt_op), UPDATE (aangemaakt_op), DELETE
ON hub.woning TO hub_opruiming;
GRANT SELECT (woning_id) ON hub.dossier_woning TO hub_opruiming;
GRANT SELECT (woning_id, gevraagd_op), DELETE ON hub.bronstand TO hub_opruiming;
GRANT SELECT (gegeven_id, woning_id, vervangen_op), DELETE ON hub.gegeven TO hub_opruiming;
GRANT SELECT (woning_id, opvolger_woning_id), DELETE ON hub.woning_opvolging TO hub_opruiming;
GRANT SELECT (attestnummer, adres_id, gebouweenheid_ids, opgehaald_op), DELETE
ON bron.epc TO hub_opruiming;
GRANT SELECT (lading_id, geladen_op), DELETE ON rapportage.lading TO hub_opruiming;
