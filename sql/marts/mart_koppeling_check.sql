-- Written by hub/quality/generate.py from mart_koppeling.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE mart_koppeling.datum IS NULL) AS datum_aanwezig
    FROM rapportage.mart_koppeling AS mart_koppeling
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('datum_aanwezig', geteld.datum_aanwezig)
) AS regel (naam, gebroken);
