-- One slice of a load: what the queue says, which dossiers and dwellings that touches, and their
-- pseudonyms. Temporary tables of the load's transaction; the models of marts/ read them.

-- name: lock
-- One load at a time: another waits for this slice.
SELECT pg_advisory_xact_lock(hashtextextended('rapportage.load', 0));

-- name: note_clock
-- A consent that begins or ends by its own date changes no row: what passed since the last load.
WITH vorig AS (
    SELECT coalesce(max(lading.geladen_op), '-infinity') AS moment
    FROM rapportage.lading
    WHERE lading.model = 'klok'
)

INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT DISTINCT
    'profiel' AS soort,
    crm_toestemming.profiel_id AS object_id
FROM bron.crm_toestemming
CROSS JOIN vorig
WHERE
    crm_toestemming.profiel_id IS NOT NULL
    AND (
        (crm_toestemming.van > vorig.moment AND crm_toestemming.van <= now())
        OR (crm_toestemming.tot > vorig.moment AND crm_toestemming.tot <= now())
    );

-- name: note
INSERT INTO rapportage.lading (model, nieuw_of_gewijzigd, verwijderd)
VALUES (:model, :nieuw_of_gewijzigd, :verwijderd);

-- name: note_everything
-- A rebuild: all that is landed, and all that the warehouse holds and may be landed no more.
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'dossier' AS soort,
    crm_dossier.dossier_id AS object_id
FROM bron.crm_dossier
UNION
SELECT
    'woning' AS soort,
    woning.woning_id AS object_id
FROM hub.woning
UNION
SELECT
    pseudoniem.doel AS soort,
    pseudoniem.object_id
FROM rapportage.pseudoniem
WHERE pseudoniem.doel IN ('dossier', 'woning');

-- name: note_other_areas
-- The areas changed: every dwelling that was placed by others is placed anew.
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'woning' AS soort,
    woning_wijk.woning_id AS object_id
FROM rapportage.woning_wijk
WHERE woning_wijk.gebied_versie <> :gebied_versie;

-- name: create_taken
CREATE TEMPORARY TABLE genomen (soort text NOT NULL, object_id uuid NOT NULL) ON COMMIT DROP;

-- name: take
WITH weg AS (
    DELETE FROM hub.te_rapporteren
    WHERE te_rapporteren.nummer IN (
        SELECT oudste.nummer
        FROM hub.te_rapporteren AS oudste
        ORDER BY oudste.nummer
        LIMIT :aantal
    )
    RETURNING te_rapporteren.soort, te_rapporteren.object_id
)

INSERT INTO genomen (soort, object_id)
SELECT DISTINCT
    weg.soort,
    weg.object_id
FROM weg;

-- name: create_dossiers
CREATE TEMPORARY TABLE werk_dossier ON COMMIT DROP AS
SELECT genomen.object_id AS dossier_id
FROM genomen
WHERE genomen.soort = 'dossier'
UNION
SELECT crm_dossier.dossier_id
FROM genomen
INNER JOIN bron.crm_dossier ON genomen.object_id = crm_dossier.vraag_id
WHERE genomen.soort = 'vraag'
UNION
SELECT crm_dossier.dossier_id
FROM genomen
INNER JOIN bron.crm_dossier ON genomen.object_id = crm_dossier.profiel_id
WHERE genomen.soort = 'profiel'
UNION
SELECT dossier_woning.dossier_id
FROM genomen
INNER JOIN hub.dossier_woning ON genomen.object_id = dossier_woning.woning_id
WHERE genomen.soort = 'woning';

-- name: create_woningen
CREATE TEMPORARY TABLE werk_woning ON COMMIT DROP AS
SELECT genomen.object_id AS woning_id
FROM genomen
WHERE genomen.soort = 'woning'
UNION
SELECT dossier_woning.woning_id
FROM werk_dossier
INNER JOIN hub.dossier_woning ON werk_dossier.dossier_id = dossier_woning.dossier_id
WHERE dossier_woning.woning_id IS NOT NULL;

-- name: analyze_dossiers
ANALYZE werk_dossier;

-- name: analyze_woningen
ANALYZE werk_woning;

-- name: without_pseudonym
SELECT
    gezocht.doel,
    gezocht.object_id
FROM (
    SELECT
        'dossier' AS doel,
        werk_dossier.dossier_id AS object_id
    FROM werk_dossier
    UNION ALL
    SELECT
        'woning' AS doel,
        werk_woning.woning_id AS object_id
    FROM werk_woning
    UNION ALL
    SELECT
        'aanmelding' AS doel,
        crm_aanmelding.aanmelding_id AS object_id
    FROM werk_dossier
    INNER JOIN bron.crm_aanmelding ON werk_dossier.dossier_id = crm_aanmelding.dossier_id
    WHERE crm_aanmelding.verwijderd_op IS NULL
) AS gezocht
WHERE NOT EXISTS (
    SELECT 1 FROM rapportage.pseudoniem
    WHERE
        pseudoniem.doel = gezocht.doel
        AND pseudoniem.object_id = gezocht.object_id
);

-- name: copy_pseudonyms
COPY rapportage.pseudoniem (doel, object_id, pseudoniem, sleutel_id) FROM STDIN;

-- name: remove_pseudonyms
-- What lives no more needs none; if it comes back, it gets the same.
DELETE FROM rapportage.pseudoniem
WHERE
    (
        pseudoniem.doel = 'dossier'
        AND pseudoniem.object_id IN (SELECT werk_dossier.dossier_id FROM werk_dossier)
        AND NOT EXISTS (
            SELECT 1 FROM rapportage.fct_dossier
            WHERE fct_dossier.dossier_pseudoniem = pseudoniem.pseudoniem
        )
    )
    OR (
        pseudoniem.doel = 'woning'
        AND pseudoniem.object_id IN (SELECT werk_woning.woning_id FROM werk_woning)
        AND NOT EXISTS (
            SELECT 1 FROM rapportage.fct_dossier
            WHERE fct_dossier.woning_pseudoniem = pseudoniem.pseudoniem
        )
        AND NOT EXISTS (
            SELECT 1 FROM rapportage.dim_woning
            WHERE dim_woning.woning_pseudoniem = pseudoniem.pseudoniem
        )
    );

-- name: places
-- Where the hub knows the dwellings of the slice to lie: WKT in Lambert 72.
SELECT
    werk_woning.woning_id,
    max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'positie') AS positie,
    max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'gebouw_geometrie') AS gebouw
FROM werk_woning
LEFT JOIN hub.gegeven
    ON
        werk_woning.woning_id = gegeven.woning_id
        AND gegeven.vervangen_op IS NULL
        AND gegeven.veld IN ('positie', 'gebouw_geometrie')
GROUP BY werk_woning.woning_id;

-- name: create_placed
CREATE TEMPORARY TABLE geplaatst (woning_id uuid PRIMARY KEY, wijk_code text NOT NULL)
ON COMMIT DROP;

-- name: copy_placed
COPY geplaatst (woning_id, wijk_code) FROM STDIN;

-- name: place
INSERT INTO rapportage.woning_wijk AS bekend (woning_id, wijk_code, gebied_versie)
SELECT
    geplaatst.woning_id,
    geplaatst.wijk_code,
    :gebied_versie AS gebied_versie
FROM geplaatst
ON CONFLICT (woning_id) DO UPDATE SET
    wijk_code = excluded.wijk_code,
    gebied_versie = excluded.gebied_versie
WHERE
(bekend.wijk_code, bekend.gebied_versie) IS DISTINCT FROM
(excluded.wijk_code, excluded.gebied_versie);

-- name: put_area
INSERT INTO rapportage.dim_wijk AS bekend (wijk_code, naam)
VALUES (:wijk_code, :naam)
ON CONFLICT (wijk_code) DO UPDATE SET naam = excluded.naam
WHERE bekend.naam IS DISTINCT FROM excluded.naam;

-- name: put_partner
INSERT INTO rapportage.dim_partner AS bekend (partner, naam)
VALUES (:partner, :naam)
ON CONFLICT (partner) DO UPDATE SET naam = excluded.naam
WHERE bekend.naam IS DISTINCT FROM excluded.naam;

-- name: put_channels
INSERT INTO rapportage.dim_kanaal (kanaal, naam)
SELECT DISTINCT
    fct_dossier.kanaal,
    fct_dossier.kanaal AS naam
FROM rapportage.fct_dossier
INNER JOIN rapportage.pseudoniem ON fct_dossier.dossier_pseudoniem = pseudoniem.pseudoniem
INNER JOIN werk_dossier ON pseudoniem.object_id = werk_dossier.dossier_id
WHERE pseudoniem.doel = 'dossier' AND fct_dossier.kanaal IS NOT NULL
ON CONFLICT (kanaal) DO NOTHING;
