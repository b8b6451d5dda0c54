-- Written by hub/quality/generate.py from fct_aanvraag.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_aanvraag.status NOT IN ('aangevraagd', 'beslist_goed', 'beslist_geweigerd', 'betaald', 'ingetrokken')) AS status_bekend
    FROM rapportage.fct_aanvraag AS fct_aanvraag
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('status_bekend', geteld.status_bekend)
) AS regel (naam, gebroken);

-- name: table_geen_wees
WITH links AS (
    SELECT
        'wees' AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_aanvraag AS feit
    WHERE NOT EXISTS (
        SELECT 1 FROM rapportage.fct_dossier
        WHERE fct_dossier.dossier_pseudoniem = feit.dossier_pseudoniem
    )
),

rechts AS (
    SELECT
        'wees' AS sleutel,
        0 AS aantal
)

SELECT
    (SELECT count(*) FROM rapportage.fct_aanvraag) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;
