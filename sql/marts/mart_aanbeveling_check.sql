-- Written by hub/quality/generate.py from mart_aanbeveling.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE (aantal = 0 OR aantal >= 5) IS FALSE) AS geen_klein_aantal
    FROM rapportage.mart_aanbeveling AS mart_aanbeveling
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('geen_klein_aantal', geteld.geen_klein_aantal)
) AS regel (naam, gebroken);
