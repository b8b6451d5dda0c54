-- Written by hub/quality/generate.py from fct_stap.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_stap.datum > now() + INTERVAL '24 hours') AS datum_aannemelijk
    FROM rapportage.fct_stap AS fct_stap
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('datum_aannemelijk', geteld.datum_aannemelijk)
) AS regel (naam, gebroken);

-- name: table_geen_wees
WITH links AS (
    SELECT
        'wees' AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_stap AS feit
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
    (SELECT count(*) FROM rapportage.fct_stap) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;

-- name: table_vragen_per_maand
WITH links AS (
    SELECT
        date_trunc('month', fct_stap.datum)::date AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_stap
    WHERE fct_stap.stap = 'vraag'
    GROUP BY date_trunc('month', fct_stap.datum)::date
),

rechts AS (
    SELECT
        date_trunc('month', fct_dossier.vraag_op)::date AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_dossier
    WHERE fct_dossier.vraag_op IS NOT NULL
    GROUP BY date_trunc('month', fct_dossier.vraag_op)::date
)

SELECT
    (SELECT count(*) FROM rapportage.fct_stap) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;
