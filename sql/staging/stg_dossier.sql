-- The dossiers of one batch, ready to be checked: one row per living dossier.

-- name: create
CREATE TEMPORARY TABLE stg_dossier ON COMMIT DROP AS
SELECT
    bron_dossier.dossier_id,
    bron_dossier.dossiernummer,
    bron_dossier.profiel_id,
    bron_dossier.profiel_bestaat,
    bron_dossier.insz_status,
    bron_dossier.straat,
    bron_dossier.huisnummer,
    bron_dossier.busnummer,
    bron_dossier.postcode,
    bron_dossier.gemeente,
    bron_dossier.start_akkoord_op,
    bron_dossier.vraag_ontvangen_op,
    bron_dossier.etag
FROM bron.stg_dossier AS bron_dossier
INNER JOIN hub.batch_dossier ON bron_dossier.dossier_id = batch_dossier.dossier_id
WHERE batch_dossier.batch_id = :batch_id;
