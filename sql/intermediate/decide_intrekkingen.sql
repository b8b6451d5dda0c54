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
        SELECT 1 FROM bron.crm_toestemming
        WHERE
            crm_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND crm_toestemming.doel = bericht.toestemming_doel
            AND crm_toestemming.ontvanger = bericht.bestemming
            AND crm_toestemming.verwijderd_op IS NULL
            AND crm_toestemming.van <= now()
            AND (crm_toestemming.tot IS NULL OR crm_toestemming.tot > now())
    )
ORDER BY bericht.volgorde;
