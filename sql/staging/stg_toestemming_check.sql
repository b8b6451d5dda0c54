-- Written by hub/quality/generate.py from stg_toestemming.yml: change the rules there.

-- name: analyze
ANALYZE stg_toestemming;

-- name: reject
-- One row per row of stg_toestemming that breaks a rule, with every rule it breaks.
INSERT INTO gebroken (object_id, versie, fouten, waarschuwingen, redenen, waarden, persoonlijk)
SELECT
    stg_toestemming.toestemming_id::text AS object_id,
    stg_toestemming.etag::text AS versie,
    oordeel.fouten,
    oordeel.waarschuwingen,
    array_remove(ARRAY[]::text[], NULL) AS redenen,
    '{}'::jsonb AS waarden,
    NULL::jsonb AS persoonlijk
FROM stg_toestemming
CROSS JOIN LATERAL (
    SELECT
        array_remove(ARRAY[]::text[], NULL) AS fouten,
        array_remove(ARRAY[
            CASE WHEN stg_toestemming.profiel_id IS NULL THEN 'profiel_aanwezig' END,
            CASE WHEN (stg_toestemming.profiel_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bron.crm_profiel AS ander WHERE ander.profiel_id = stg_toestemming.profiel_id)) THEN 'profiel_bekend' END,
            CASE WHEN (tot >= van) IS FALSE THEN 'eindigt_na_begin' END
        ]::text[], NULL) AS waarschuwingen
    OFFSET 0
) AS oordeel
WHERE
    stg_toestemming.profiel_id IS NULL
    OR (stg_toestemming.profiel_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bron.crm_profiel AS ander WHERE ander.profiel_id = stg_toestemming.profiel_id))
    OR (tot >= van) IS FALSE;

-- name: release
-- Rows that pass by now, and rows that are gone.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = 'stg_toestemming'
    AND quarantaine.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM gebroken
        WHERE gebroken.object_id = quarantaine.object_id AND gebroken.fouten <> '{}'
    )
    AND (
        quarantaine.object_id IN (SELECT stg_toestemming.toestemming_id::text FROM stg_toestemming)
        OR NOT EXISTS (
            SELECT 1 FROM bron.stg_toestemming AS bestaand
            WHERE bestaand.toestemming_id = quarantaine.object_id::uuid
        )
    );

-- name: drop
DROP TABLE stg_toestemming;
