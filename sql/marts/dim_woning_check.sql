-- Written by hub/quality/generate.py from dim_woning.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE dim_woning.epc_label NOT IN ('A+', 'A', 'B', 'C', 'D', 'E', 'F')) AS label_bekend,
        count(*) FILTER (WHERE (dim_woning.epc_kengetal < -500 OR dim_woning.epc_kengetal > 3000)) AS kengetal_aannemelijk,
        count(*) FILTER (WHERE dim_woning.wijk_code IS NULL) AS wijken_bekend
    FROM rapportage.dim_woning AS dim_woning
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('label_bekend', geteld.label_bekend),
    ('kengetal_aannemelijk', geteld.kengetal_aannemelijk),
    ('wijken_bekend', geteld.wijken_bekend)
) AS regel (naam, gebroken);

-- name: table_een_huidig
WITH links AS (
    SELECT
        'huidig' AS sleutel,
        count(*) AS aantal
    FROM rapportage.dim_woning
    WHERE dim_woning.huidig
),

rechts AS (
    SELECT
        'huidig' AS sleutel,
        count(DISTINCT dim_woning.woning_pseudoniem) AS aantal
    FROM rapportage.dim_woning
)

SELECT
    (SELECT count(*) FROM rapportage.dim_woning) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;
