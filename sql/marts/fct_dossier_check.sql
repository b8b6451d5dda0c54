-- Written by hub/quality/generate.py from fct_dossier.yml: change the rules there.

-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen,
        count(*) FILTER (WHERE fct_dossier.dossier_pseudoniem IS NULL) AS pseudoniem_aanwezig,
        count(*) FILTER (WHERE fct_dossier.stand NOT IN ('quarantaine', 'geen_start', 'nieuw', 'voorbereid', 'voorgevuld', 'geen_toestemming', 'bezorgd', 'bevestigd')) AS stand_bekend,
        count(*) FILTER (WHERE fct_dossier.epc_label_nu NOT IN ('A+', 'A', 'B', 'C', 'D', 'E', 'F')) AS label_bekend,
        count(*) FILTER (WHERE (fct_dossier.epc_kengetal < -500 OR fct_dossier.epc_kengetal > 3000)) AS kengetal_aannemelijk,
        count(*) FILTER (WHERE (fct_dossier.bouwjaar < 1000 OR fct_dossier.bouwjaar > 2100)) AS bouwjaar_aannemelijk,
        count(*) FILTER (WHERE fct_dossier.vraag_op > now() + INTERVAL '24 hours') AS vraag_aannemelijk,
        count(*) FILTER (WHERE fct_dossier.epc_label_start NOT IN ('A+', 'A', 'B', 'C', 'D', 'E', 'F')) AS start_label_bekend,
        count(*) FILTER (WHERE (fct_dossier.dagen_tot_start < 0)) AS wacht_niet_negatief
    FROM rapportage.fct_dossier AS fct_dossier
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
    ('pseudoniem_aanwezig', geteld.pseudoniem_aanwezig),
    ('stand_bekend', geteld.stand_bekend),
    ('label_bekend', geteld.label_bekend),
    ('kengetal_aannemelijk', geteld.kengetal_aannemelijk),
    ('bouwjaar_aannemelijk', geteld.bouwjaar_aannemelijk),
    ('vraag_aannemelijk', geteld.vraag_aannemelijk),
    ('start_label_bekend', geteld.start_label_bekend),
    ('wacht_niet_negatief', geteld.wacht_niet_negatief)
) AS regel (naam, gebroken);

-- name: table_alle_dossiers
WITH links AS (
    SELECT
        'totaal' AS sleutel,
        count(*) AS aantal
    FROM bron.crm_dossier
    WHERE
        crm_dossier.verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'stg_dossier'
                AND quarantaine.object_id = crm_dossier.dossier_id::text
                AND quarantaine.opgelost_op IS NULL
        )
),

rechts AS (
    SELECT
        'totaal' AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_dossier
)

SELECT
    (SELECT count(*) FROM rapportage.fct_dossier) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;

-- name: table_geen_wees
WITH links AS (
    SELECT
        'wees' AS sleutel,
        count(*) AS aantal
    FROM rapportage.fct_dossier AS feit
    WHERE NOT EXISTS (
        SELECT 1 FROM rapportage.geldig_pseudoniem
        WHERE geldig_pseudoniem.pseudoniem = feit.dossier_pseudoniem
    )
),

rechts AS (
    SELECT
        'wees' AS sleutel,
        0 AS aantal
)

SELECT
    (SELECT count(*) FROM rapportage.fct_dossier) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal;

-- name: table_volume_gewoon
WITH eerder AS (
    SELECT meting.rijen
    FROM hub.regelmeting AS meting
    WHERE meting.model = 'fct_dossier' AND meting.regel = 'volume_gewoon'
    ORDER BY meting.gemeten_op DESC
    LIMIT 24
),

gewoon AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY eerder.rijen) AS rijen
    FROM eerder
    HAVING count(*) >= least(3, 24)
),

nu AS (
    SELECT count(*) AS rijen FROM rapportage.fct_dossier
)

SELECT
    nu.rijen,
    nu.rijen / nullif(gewoon.rijen, 0) AS waarde,
    coalesce(nu.rijen < 0.5 * gewoon.rijen OR nu.rijen > 2.0 * gewoon.rijen, FALSE) AS gebroken
FROM nu
LEFT JOIN gewoon ON TRUE;

-- name: table_postcodes_volledig
SELECT
    count(*) AS rijen,
    coalesce(avg((fct_dossier.postcode IS NULL)::integer), 0) AS waarde,
    coalesce(avg((fct_dossier.postcode IS NULL)::integer), 0) > 0.3 AS gebroken
FROM rapportage.fct_dossier AS fct_dossier;
