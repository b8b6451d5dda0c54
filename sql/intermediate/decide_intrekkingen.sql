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
    AND NOT hub.heeft_toestemming(
        bericht.toestemming_profiel_id, bericht.toestemming_doel, bericht.bestemming
    )
ORDER BY bericht.volgorde;
