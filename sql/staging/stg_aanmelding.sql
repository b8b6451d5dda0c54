-- The aanmeldingen of the dossiers of one batch, ready to be checked: one row per aanmelding.

-- name: create
CREATE TEMPORARY TABLE stg_aanmelding ON COMMIT DROP AS
SELECT
    bron_aanmelding.aanmelding_id,
    bron_aanmelding.dossier_id,
    bron_aanmelding.soort,
    bron_aanmelding.partner,
    bron_aanmelding.volgnummer,
    bron_aanmelding.etag
FROM bron.stg_aanmelding AS bron_aanmelding
INNER JOIN hub.batch_dossier ON bron_aanmelding.dossier_id = batch_dossier.dossier_id
WHERE batch_dossier.batch_id = :batch_id;
