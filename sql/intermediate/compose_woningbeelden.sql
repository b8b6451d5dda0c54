-- The woningbeeld of dwellings: their current values, and how each source last answered.

-- name: gegevens
SELECT
    gegeven.woning_id,
    gegeven.veld,
    gegeven.onderdeel,
    gegeven.waarde,
    gegeven.bron,
    gegeven.bron_object,
    gegeven.bron_versie,
    gegeven.opgehaald_op,
    gegeven.geldig_tot,
    gegeven.afgeleid
FROM hub.gegeven
WHERE
    gegeven.vervangen_op IS NULL
    AND gegeven.woning_id = any(cast(:woning_ids AS uuid[]));

-- name: bronstanden
SELECT
    bronstand.woning_id,
    bronstand.bron,
    bronstand.uitkomst,
    bronstand.gevraagd_op,
    bronstand.reden
FROM hub.bronstand
WHERE bronstand.woning_id = any(cast(:woning_ids AS uuid[]));

-- name: found
-- The register that found the dwelling answered, or there would be none.
SELECT
    dossier_woning.woning_id,
    'basisregisters' AS bron,
    'gevonden' AS uitkomst,
    max(dossier_woning.gezocht_op) AS gevraagd_op,
    NULL AS reden
FROM hub.dossier_woning
WHERE dossier_woning.woning_id = any(cast(:woning_ids AS uuid[]))
GROUP BY dossier_woning.woning_id;
