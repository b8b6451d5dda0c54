-- One row per dwelling of a counted dossier and period in which what the hub knew of it was the
-- same. A day counts as it ended; the neighbourhood is where it lies now.

-- name: create
CREATE TEMPORARY TABLE nieuw_woning ON COMMIT DROP AS
WITH levend AS (
    SELECT
        werk_woning.woning_id,
        pseudoniem.pseudoniem,
        (woning.aangemaakt_op AT TIME ZONE 'Europe/Brussels')::date AS begin
    FROM werk_woning
    INNER JOIN hub.woning ON werk_woning.woning_id = woning.woning_id
    INNER JOIN rapportage.pseudoniem
        ON werk_woning.woning_id = pseudoniem.object_id AND pseudoniem.doel = 'woning'
    WHERE EXISTS (
        SELECT 1
        FROM hub.dossier_woning
        INNER JOIN hub.meetellend_dossier
            ON dossier_woning.dossier_id = meetellend_dossier.dossier_id
        WHERE dossier_woning.woning_id = werk_woning.woning_id
    )
),

-- Since when the hub knew a value is in its key: opgehaald_op moves when the source repeats it.
bekend AS (
    SELECT
        gegeven.woning_id,
        gegeven.veld,
        gegeven.waarde,
        (
            coalesce(uuid_extract_timestamp(gegeven.gegeven_id), gegeven.opgehaald_op)
            AT TIME ZONE 'Europe/Brussels'
        )::date AS van,
        (gegeven.vervangen_op AT TIME ZONE 'Europe/Brussels')::date AS tot
    FROM levend
    INNER JOIN hub.gegeven ON levend.woning_id = gegeven.woning_id
    WHERE gegeven.veld IN ('epc_label', 'epc_kengetal', 'bouwjaar', 'gebouwtype')
),

grens AS (
    SELECT
        levend.woning_id,
        levend.begin AS dag
    FROM levend
    UNION
    SELECT
        bekend.woning_id,
        bekend.van AS dag
    FROM bekend
    UNION
    SELECT
        bekend.woning_id,
        bekend.tot AS dag
    FROM bekend
    WHERE bekend.tot IS NOT NULL
),

geldend AS (
    SELECT
        grens.woning_id,
        grens.dag,
        max(bekend.waarde) FILTER (WHERE bekend.veld = 'epc_label') AS epc_label,
        max(bekend.waarde) FILTER (
            WHERE bekend.veld = 'epc_kengetal' AND pg_input_is_valid(bekend.waarde, 'numeric')
        )::numeric AS epc_kengetal,
        max(bekend.waarde) FILTER (
            WHERE bekend.veld = 'bouwjaar' AND pg_input_is_valid(bekend.waarde, 'integer')
        )::integer AS bouwjaar,
        max(bekend.waarde) FILTER (
            WHERE bekend.veld = 'gebouwtype' AND bekend.waarde ~ '^[[:alpha:] -]{1,40}$'
        ) AS gebouwtype
    FROM grens
    LEFT JOIN bekend
        ON
            grens.woning_id = bekend.woning_id
            AND bekend.van <= grens.dag
            AND (bekend.tot IS NULL OR bekend.tot > grens.dag)
    GROUP BY grens.woning_id, grens.dag
),

versie AS (
    SELECT
        geldend.woning_id,
        geldend.dag,
        geldend.epc_label,
        geldend.epc_kengetal,
        CASE
            WHEN geldend.bouwjaar IS NULL THEN 'onbekend'
            WHEN geldend.bouwjaar < 1946 THEN 'voor 1946'
            WHEN geldend.bouwjaar < 1971 THEN '1946-1970'
            WHEN geldend.bouwjaar < 1991 THEN '1971-1990'
            WHEN geldend.bouwjaar < 2006 THEN '1991-2005'
            ELSE 'vanaf 2006'
        END AS bouwjaarklasse,
        geldend.gebouwtype
    FROM geldend
),

geheel AS (
    SELECT
        versie.*,
        jsonb_build_array(
            versie.epc_label, versie.epc_kengetal, versie.bouwjaarklasse, versie.gebouwtype
        ) AS waarden
    FROM versie
),

vergeleken AS (
    SELECT
        geheel.*,
        lag(geheel.waarden) OVER (PARTITION BY geheel.woning_id ORDER BY geheel.dag) AS vorige
    FROM geheel
)

SELECT
    levend.pseudoniem AS woning_pseudoniem,
    vergeleken.dag AS geldig_van,
    lead(vergeleken.dag) OVER (
        PARTITION BY vergeleken.woning_id ORDER BY vergeleken.dag
    ) AS geldig_tot,
    vergeleken.epc_label,
    vergeleken.epc_kengetal,
    vergeleken.bouwjaarklasse,
    vergeleken.gebouwtype,
    coalesce(woning_wijk.wijk_code, 'onbekend') AS wijk_code,
    lead(vergeleken.dag) OVER (
        PARTITION BY vergeleken.woning_id ORDER BY vergeleken.dag
    ) IS NULL AS huidig
FROM levend
INNER JOIN vergeleken ON levend.woning_id = vergeleken.woning_id
LEFT JOIN rapportage.woning_wijk ON levend.woning_id = woning_wijk.woning_id
WHERE vergeleken.vorige IS DISTINCT FROM vergeleken.waarden;

-- name: merge
INSERT INTO rapportage.dim_woning AS bekend (
    woning_pseudoniem, geldig_van, geldig_tot, epc_label, epc_kengetal, bouwjaarklasse, gebouwtype,
    wijk_code, huidig
)
SELECT
    nieuw_woning.woning_pseudoniem,
    nieuw_woning.geldig_van,
    nieuw_woning.geldig_tot,
    nieuw_woning.epc_label,
    nieuw_woning.epc_kengetal,
    nieuw_woning.bouwjaarklasse,
    nieuw_woning.gebouwtype,
    nieuw_woning.wijk_code,
    nieuw_woning.huidig
FROM nieuw_woning
ON CONFLICT (woning_pseudoniem, geldig_van) DO UPDATE SET
    geldig_tot = excluded.geldig_tot,
    epc_label = excluded.epc_label,
    epc_kengetal = excluded.epc_kengetal,
    bouwjaarklasse = excluded.bouwjaarklasse,
    gebouwtype = excluded.gebouwtype,
    wijk_code = excluded.wijk_code,
    huidig = excluded.huidig
WHERE (
    bekend.geldig_tot, bekend.epc_label, bekend.epc_kengetal, bekend.bouwjaarklasse,
    bekend.gebouwtype, bekend.wijk_code, bekend.huidig
) IS DISTINCT FROM (
    excluded.geldig_tot, excluded.epc_label, excluded.epc_kengetal, excluded.bouwjaarklasse,
    excluded.gebouwtype, excluded.wijk_code, excluded.huidig
);

-- name: remove
DELETE FROM rapportage.dim_woning
USING rapportage.pseudoniem, werk_woning
WHERE
    pseudoniem.doel = 'woning'
    AND pseudoniem.object_id = werk_woning.woning_id
    AND dim_woning.woning_pseudoniem = pseudoniem.pseudoniem
    AND NOT EXISTS (
        SELECT 1 FROM nieuw_woning
        WHERE
            nieuw_woning.woning_pseudoniem = dim_woning.woning_pseudoniem
            AND nieuw_woning.geldig_van = dim_woning.geldig_van
    );
