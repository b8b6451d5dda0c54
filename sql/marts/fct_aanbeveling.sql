-- One row per dwelling of a counted dossier and kind of work that its certificate recommends now.
-- The kinds are ours: the certificate's own words are many, and its texts stay out.

-- name: create
CREATE TEMPORARY TABLE nieuw_aanbeveling ON COMMIT DROP AS
WITH gelezen AS (
    SELECT
        pseudoniem.pseudoniem AS woning_pseudoniem,
        lower(concat_ws(
            ' ',
            gegeven.waarde::jsonb ->> 'categorie',
            gegeven.waarde::jsonb ->> 'type',
            gegeven.waarde::jsonb ->> 'subtype'
        )) AS woorden
    FROM werk_woning
    INNER JOIN rapportage.pseudoniem
        ON werk_woning.woning_id = pseudoniem.object_id AND pseudoniem.doel = 'woning'
    INNER JOIN hub.gegeven ON werk_woning.woning_id = gegeven.woning_id
    WHERE
        gegeven.veld = 'aanbeveling'
        AND gegeven.vervangen_op IS NULL
        AND CASE
            WHEN pg_input_is_valid(gegeven.waarde, 'jsonb')
                THEN jsonb_typeof(gegeven.waarde::jsonb) = 'object'
            ELSE FALSE
        END
        AND EXISTS (
            SELECT 1
            FROM hub.dossier_woning
            INNER JOIN hub.meetellend_dossier
                ON dossier_woning.dossier_id = meetellend_dossier.dossier_id
            WHERE dossier_woning.woning_id = werk_woning.woning_id
        )
),

ingedeeld AS (
    SELECT
        gelezen.woning_pseudoniem,
        CASE
            WHEN gelezen.woorden ~ 'dak|plafond|zolder' THEN 'dak'
            WHEN gelezen.woorden ~ 'glas|glazing|venster|raam|ramen' THEN 'venster'
            WHEN gelezen.woorden ~ 'vloer|kelder' THEN 'vloer'
            WHEN gelezen.woorden ~ 'muur|muren|gevel|wand' THEN 'muur'
            WHEN gelezen.woorden ~ 'deur|poort' THEN 'deur'
            WHEN gelezen.woorden ~ 'verwarming|ketel|warmtepomp|sanitair|water' THEN 'verwarming'
            WHEN gelezen.woorden ~ 'ventilatie|luchtdicht|koeling' THEN 'ventilatie'
            WHEN gelezen.woorden ~ 'zonne|zonnepaneel|fotovolta' THEN 'zonne-energie'
            ELSE 'andere'
        END AS soort
    FROM gelezen
)

SELECT
    ingedeeld.woning_pseudoniem,
    ingedeeld.soort,
    count(*)::integer AS aantal
FROM ingedeeld
GROUP BY ingedeeld.woning_pseudoniem, ingedeeld.soort;

-- name: merge
INSERT INTO rapportage.fct_aanbeveling AS bekend (
    woning_pseudoniem, soort, aantal
)
SELECT
    nieuw_aanbeveling.woning_pseudoniem,
    nieuw_aanbeveling.soort,
    nieuw_aanbeveling.aantal
FROM nieuw_aanbeveling
ON CONFLICT (woning_pseudoniem, soort) DO UPDATE SET
    aantal = excluded.aantal
WHERE (
    bekend.aantal
) IS DISTINCT FROM (
    excluded.aantal
);

-- name: remove
DELETE FROM rapportage.fct_aanbeveling
USING rapportage.pseudoniem, werk_woning
WHERE
    pseudoniem.doel = 'woning'
    AND pseudoniem.object_id = werk_woning.woning_id
    AND fct_aanbeveling.woning_pseudoniem = pseudoniem.pseudoniem
    AND NOT EXISTS (
        SELECT 1 FROM nieuw_aanbeveling
        WHERE
            nieuw_aanbeveling.woning_pseudoniem = fct_aanbeveling.woning_pseudoniem
            AND nieuw_aanbeveling.soort = fct_aanbeveling.soort
    );
