-- Written by hub/quality/generate.py from fct_aanbeveling.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_aanbeveling.soort NOT IN ('dak', 'muur', 'vloer', 'venster', 'deur', 'verwarming', 'ventilatie', 'zonne-energie', 'andere')) AS soort_bekend
    FROM rapportage.fct_aanbeveling AS fct_aanbeveling
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('soort_bekend', geteld.soort_bekend)
) AS regel (naam, gebroken);

-- name: table_geen_wees
WITH links AS (
    SELECT
        'wees' AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_aanbeveling AS feit
    WHERE NOT EXISTS (
        SELECT 1 FROM rapportage.dim_woning
        WHERE dim_woning.woning_pseudoniem = feit.woning_pseudoniem
    )
),

rechts AS (
    SELECT
        'wees' AS sleutel,
        0 AS aantal
)

SELECT
    (SELECT count(*) FROM rapportage.fct_aanbeveling) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;
