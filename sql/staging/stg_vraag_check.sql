-- Written by hub/quality/generate.py from stg_vraag.yml: change the rules there.

-- name: analyze
ANALYZE stg_vraag;

-- name: reject
-- One row per row of stg_vraag that breaks a rule, with every rule it breaks.
INSERT INTO gebroken (object_id, versie, fouten, waarschuwingen, redenen, waarden, persoonlijk)
SELECT
    stg_vraag.vraag_id::text AS object_id,
    stg_vraag.etag::text AS versie,
    oordeel.fouten,
    oordeel.waarschuwingen,
    array_remove(ARRAY[]::text[], NULL) AS redenen,
    '{}'::jsonb AS waarden,
    NULL::jsonb AS persoonlijk
FROM stg_vraag
CROSS JOIN LATERAL (
    SELECT
        array_remove(ARRAY[]::text[], NULL) AS fouten,
        array_remove(ARRAY[
            CASE WHEN stg_vraag.kanaal IS NULL THEN 'kanaal_aanwezig' END,
            CASE WHEN stg_vraag.kanaal NOT IN ('webformulier', 'mail', 'telefoon', 'loket') THEN 'kanaal_bekend' END,
            CASE WHEN stg_vraag.ontvangen_op IS NULL THEN 'moment_aanwezig' END
        ]::text[], NULL) AS waarschuwingen
    OFFSET 0
) AS oordeel
WHERE
    stg_vraag.kanaal IS NULL
    OR stg_vraag.kanaal NOT IN ('webformulier', 'mail', 'telefoon', 'loket')
    OR stg_vraag.ontvangen_op IS NULL;

-- name: release
-- Rows that pass by now, and rows that are gone.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = 'stg_vraag'
    AND quarantaine.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM gebroken
        WHERE gebroken.object_id = quarantaine.object_id AND gebroken.fouten <> '{}'
    )
    AND (
        quarantaine.object_id IN (SELECT stg_vraag.vraag_id::text FROM stg_vraag)
        OR NOT EXISTS (
            SELECT 1 FROM bron.stg_vraag AS bestaand
            WHERE bestaand.vraag_id = quarantaine.object_id::uuid
        )
    );

-- name: drop
DROP TABLE stg_vraag;
