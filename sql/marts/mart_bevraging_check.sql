-- Written by hub/quality/generate.py from mart_bevraging.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE mart_bevraging.datum IS NULL) AS datum_aanwezig
    FROM rapportage.mart_bevraging AS mart_bevraging
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('datum_aanwezig', geteld.datum_aanwezig)
) AS regel (naam, gebroken);
