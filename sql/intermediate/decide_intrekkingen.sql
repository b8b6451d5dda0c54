-- Aanmeldingen that a partner holds while the resident's consent no longer stands.

-- name: of_batch
SELECT
    bericht.dossier_id,
    bericht.bestemming,
    crm_aanmelding.aanmelding_id
FROM hub.batch_dossier
INNER JOIN hub.bericht ON batch_dossier.dossier_id = bericht.dossier_id
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'aanmelding:' || crm_aanmelding.aanmelding_id::text
WHERE
    batch_dossier.batch_id = :batch_id
    AND bericht.soort = 'aanmelding'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.geldige_toestemming
        WHERE
            geldige_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND geldige_toestemming.doel = bericht.toestemming_doel
            AND geldige_toestemming.ontvanger = bericht.bestemming
    )
ORDER BY bericht.volgorde;

-- name: by_the_clock
-- The same for consents that ended by their own end date in the last week: nothing changed in the
-- CRM, so that no batch holds their dossier.
SELECT
    bericht.dossier_id,
    bericht.bestemming,
    crm_aanmelding.aanmelding_id
FROM bron.crm_toestemming
INNER JOIN hub.bericht
    ON
        crm_toestemming.profiel_id = bericht.toestemming_profiel_id
        AND crm_toestemming.doel = bericht.toestemming_doel
        AND crm_toestemming.ontvanger = bericht.bestemming
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'aanmelding:' || crm_aanmelding.aanmelding_id::text
WHERE
    crm_toestemming.tot <= now()
    AND crm_toestemming.tot > now() - interval '7 days'
    AND bericht.soort = 'aanmelding'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.geldige_toestemming
        WHERE
            geldige_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND geldige_toestemming.doel = bericht.toestemming_doel
            AND geldige_toestemming.ontvanger = bericht.bestemming
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS intrekking
        WHERE
            intrekking.bestemming = bericht.bestemming
            AND intrekking.sleutel = 'intrekking:' || crm_aanmelding.aanmelding_id::text
    )
ORDER BY bericht.volgorde;
