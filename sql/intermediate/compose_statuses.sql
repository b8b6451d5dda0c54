-- Who a status is for: one row per dossier or application whose resident can be reached.

-- name: residents
SELECT
    burgerdossier.burgerdossier_id,
    burgerdossier.nummer,
    burgerdossier.dossiernummer,
    burgerdossier.profiel_id,
    crm_profiel.persoonsgegevens,
    crm_profiel.sleutel_id
FROM hub.burgerdossier
INNER JOIN bron.crm_profiel ON burgerdossier.profiel_id = crm_profiel.profiel_id
WHERE
    burgerdossier.burgerdossier_id = any(cast(:dossier_ids AS uuid[]))
    AND burgerdossier.verwijderd_op IS NULL
    AND crm_profiel.verwijderd_op IS NULL
    AND crm_profiel.insz_status = 'geldig';

-- name: voortgang
-- The event behind a status that came of progress, and the kind of its aanmelding.
SELECT
    gevraagd.bericht_id,
    partner_voortgang.partner,
    partner_voortgang.tijdstip,
    crm_aanmelding.soort
FROM
    unnest(
        cast(:bericht_ids AS uuid[]), cast(:partners AS text[]), cast(:voortgang_ids AS text[])
    ) AS gevraagd (bericht_id, partner, voortgang_id)
INNER JOIN bron.partner_voortgang
    ON
        gevraagd.partner = partner_voortgang.partner
        AND gevraagd.voortgang_id = partner_voortgang.voortgang_id
LEFT JOIN bron.crm_aanmelding ON partner_voortgang.aanmelding_id = crm_aanmelding.aanmelding_id;

-- name: stappen
-- The steps of the CRM that are still there.
SELECT
    crm_stap.dossier_id,
    crm_stap.stap_id
FROM bron.crm_stap
WHERE
    crm_stap.stap_id = any(cast(:stap_ids AS uuid[]))
    AND crm_stap.verwijderd_op IS NULL;

-- name: aangemeld
-- The kinds of help that a dossier is signed up for and that were not withdrawn.
SELECT DISTINCT
    bericht.dossier_id,
    bericht.kenmerk AS soort
FROM hub.bericht
WHERE
    bericht.dossier_id = any(cast(:dossier_ids AS uuid[]))
    AND bericht.soort = 'aanmelding'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS intrekking
        WHERE
            intrekking.bestemming = bericht.bestemming
            AND intrekking.sleutel = replace(bericht.sleutel, 'aanmelding:', 'intrekking:')
    )
ORDER BY bericht.dossier_id, soort;
