-- Who a dossier's status is for: one row per dossier whose resident can be reached.

-- name: residents
SELECT
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    crm_dossier.profiel_id,
    crm_profiel.persoonsgegevens,
    crm_profiel.sleutel_id
FROM bron.crm_dossier
INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
WHERE
    crm_dossier.dossier_id = any(cast(:dossier_ids AS uuid[]))
    AND crm_dossier.verwijderd_op IS NULL
    AND crm_profiel.verwijderd_op IS NULL
    AND crm_profiel.insz_status = 'geldig';
