-- The questions behind the dossiers of one batch, ready to be checked: one row per question.

-- name: create
CREATE TEMPORARY TABLE stg_vraag ON COMMIT DROP AS
SELECT DISTINCT
    bron_vraag.vraag_id,
    bron_vraag.profiel_id,
    bron_vraag.kanaal,
    bron_vraag.ontvangen_op,
    bron_vraag.etag
FROM bron.stg_vraag AS bron_vraag
INNER JOIN bron.crm_dossier ON bron_vraag.vraag_id = crm_dossier.vraag_id
INNER JOIN hub.batch_dossier ON crm_dossier.dossier_id = batch_dossier.dossier_id
WHERE batch_dossier.batch_id = :batch_id;
