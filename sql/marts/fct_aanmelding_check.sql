-- Written by hub/quality/generate.py from fct_aanmelding.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_aanmelding.stand NOT IN ('gevraagd', 'verzonden', 'ontvangen', 'ingepland', 'plaatsbezoek', 'advies_opgemaakt', 'afgerond', 'geweigerd', 'ingetrokken', 'opgegeven', 'in_twijfel', 'overgeslagen')) AS stand_bekend,
        count(*) FILTER (WHERE fct_aanmelding.partner NOT IN ('dialoog', 'igo', 'stad_begeleiding', 'stad_erfgoed', 'stad_wonen', 'stad_ro_milieu')) AS partner_bekend
    FROM rapportage.fct_aanmelding AS fct_aanmelding
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('stand_bekend', geteld.stand_bekend),
    ('partner_bekend', geteld.partner_bekend)
) AS regel (naam, gebroken);

-- name: table_geen_wees
WITH links AS (
    SELECT
        'wees' AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_aanmelding AS feit
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
    (SELECT count(*) FROM rapportage.fct_aanmelding) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;
