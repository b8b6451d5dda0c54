-- Written by hub/quality/generate.py from mart_kwaliteit.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE mart_kwaliteit.periode IS NULL) AS periode_aanwezig
    FROM rapportage.mart_kwaliteit AS mart_kwaliteit
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('periode_aanwezig', geteld.periode_aanwezig)
) AS regel (naam, gebroken);
