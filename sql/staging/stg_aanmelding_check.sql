-- Written by hub/quality/generate.py from stg_aanmelding.yml: change the rules there.

-- name: analyze
ANALYZE stg_aanmelding;

-- name: reject
-- One row per row of stg_aanmelding that breaks a rule, with every rule it breaks.
INSERT INTO gebroken (object_id, versie, fouten, waarschuwingen, redenen, waarden, persoonlijk)
SELECT
    stg_aanmelding.aanmelding_id::text AS object_id,
    stg_aanmelding.etag::text AS versie,
    oordeel.fouten,
    oordeel.waarschuwingen,
    array_remove(ARRAY[
        CASE WHEN 'soort_aanwezig' = ANY(oordeel.fouten) THEN 'de aanmelding zegt niet voor welke hulp; kies de soort in het CRM [soort_aanwezig]' END,
        CASE WHEN 'partner_aanwezig' = ANY(oordeel.fouten) THEN 'de aanmelding noemt geen partner; kies er een in het CRM [partner_aanwezig]' END
    ]::text[], NULL) AS redenen,
    jsonb_strip_nulls(jsonb_build_object(
        'soort', CASE WHEN 'soort_aanwezig' = ANY(oordeel.fouten) THEN stg_aanmelding.soort::text END,
        'partner', CASE WHEN 'partner_aanwezig' = ANY(oordeel.fouten) THEN stg_aanmelding.partner::text END
    )) AS waarden,
    NULL::jsonb AS persoonlijk
FROM stg_aanmelding
CROSS JOIN LATERAL (
    SELECT
        array_remove(ARRAY[
            CASE WHEN stg_aanmelding.soort IS NULL THEN 'soort_aanwezig' END,
            CASE WHEN stg_aanmelding.partner IS NULL THEN 'partner_aanwezig' END
        ]::text[], NULL) AS fouten,
        array_remove(ARRAY[
            CASE WHEN (stg_aanmelding.volgnummer < 1 OR stg_aanmelding.volgnummer > 99) THEN 'volgnummer_aannemelijk' END
        ]::text[], NULL) AS waarschuwingen
    OFFSET 0
) AS oordeel
WHERE
    stg_aanmelding.soort IS NULL
    OR stg_aanmelding.partner IS NULL
    OR (stg_aanmelding.volgnummer < 1 OR stg_aanmelding.volgnummer > 99);

-- name: release
-- Rows that pass by now, and rows that are gone.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = 'stg_aanmelding'
    AND quarantaine.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM gebroken
        WHERE gebroken.object_id = quarantaine.object_id AND gebroken.fouten <> '{}'
    )
    AND (
        quarantaine.object_id IN (SELECT stg_aanmelding.aanmelding_id::text FROM stg_aanmelding)
        OR NOT EXISTS (
            SELECT 1 FROM bron.stg_aanmelding AS bestaand
            WHERE bestaand.aanmelding_id = quarantaine.object_id::uuid
        )
    );

-- name: drop
DROP TABLE stg_aanmelding;

-- name: table_geen_wees
WITH links AS (
    SELECT
        'wees' AS sleutel,
        count(*) AS aantal
    FROM bron.stg_aanmelding AS aanmelding
    WHERE NOT EXISTS (
        SELECT 1 FROM bron.crm_dossier
        WHERE crm_dossier.dossier_id = aanmelding.dossier_id
    )
),

rechts AS (
    SELECT
        'wees' AS sleutel,
        0 AS aantal
)

SELECT
    (SELECT count(*) FROM bron.stg_aanmelding) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;
