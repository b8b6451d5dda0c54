-- Written by hub/quality/generate.py from fct_bericht.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_bericht.stand NOT IN ('open', 'in_twijfel', 'bevestigd', 'opgegeven', 'ingetrokken', 'overgeslagen')) AS stand_bekend,
        count(*) FILTER (WHERE (fct_bericht.aantal < 1)) AS aantal_aannemelijk
    FROM rapportage.fct_bericht AS fct_bericht
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('stand_bekend', geteld.stand_bekend),
    ('aantal_aannemelijk', geteld.aantal_aannemelijk)
) AS regel (naam, gebroken);
