-- The consents behind the dossiers of one batch, ready to be checked: one row per consent.

-- name: create
CREATE TEMPORARY TABLE stg_toestemming ON COMMIT DROP AS
SELECT DISTINCT
    bron_toestemming.toestemming_id,
    bron_toestemming.profiel_id,
    bron_toestemming.doel,
    bron_toestemming.ontvanger,
    bron_toestemming.van,
    bron_toestemming.tot,
    bron_toestemming.etag
FROM bron.stg_toestemming AS bron_toestemming
INNER JOIN bron.crm_dossier ON bron_toestemming.profiel_id = crm_dossier.profiel_id
INNER JOIN hub.batch_dossier ON crm_dossier.dossier_id = batch_dossier.dossier_id
WHERE batch_dossier.batch_id = :batch_id;
