-- Written by hub/quality/generate.py from fct_bevraging.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_bevraging.uitkomst NOT IN ('gevonden', 'geen', 'geweigerd', 'opnieuw', 'geen_recht', 'niet_gevraagd')) AS uitkomst_bekend,
        count(*) FILTER (WHERE (fct_bevraging.aantal < 1)) AS aantal_aannemelijk
    FROM rapportage.fct_bevraging AS fct_bevraging
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('uitkomst_bekend', geteld.uitkomst_bekend),
    ('aantal_aannemelijk', geteld.aantal_aannemelijk)
) AS regel (naam, gebroken);
