-- One slice of a load: what the queue says, which dossiers, dwellings and days that touches, and
-- their pseudonyms. Temporary tables of the load's transaction; the models of marts/ read them.

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
-- A rebuild: all that is landed, and all that the warehouse holds and may be landed no more. The
-- dwellings of these dossiers come with them.
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'dossier' AS soort,
    crm_dossier.dossier_id AS object_id
FROM bron.crm_dossier
UNION
SELECT
    pseudoniem.doel AS soort,
    pseudoniem.object_id
FROM rapportage.pseudoniem
WHERE pseudoniem.doel IN ('dossier', 'woning');

-- name: note_every_day
INSERT INTO hub.te_rapporteren (soort, datum)
SELECT
    'bericht' AS soort,
    (uuid_extract_timestamp(bericht.bericht_id) AT TIME ZONE 'Europe/Brussels')::date AS datum
FROM hub.bericht
WHERE uuid_extract_timestamp(bericht.bericht_id) IS NOT NULL
UNION
SELECT
    'bericht' AS soort,
    fct_bericht.datum
FROM rapportage.fct_bericht
UNION
SELECT
    'bevraging' AS soort,
    (bronstand.gevraagd_op AT TIME ZONE 'Europe/Brussels')::date AS datum
FROM hub.bronstand
UNION
SELECT
    'bevraging' AS soort,
    fct_bevraging.datum
FROM rapportage.fct_bevraging;

-- name: note_interval
-- What landed in an interval of time: a backfill looks at these dossiers and dwellings again.
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'dossier' AS soort,
    crm_dossier.dossier_id AS object_id
FROM bron.crm_dossier
WHERE crm_dossier.opgehaald_op >= :van AND crm_dossier.opgehaald_op < :tot
UNION
SELECT
    'vraag' AS soort,
    crm_vraag.vraag_id AS object_id
FROM bron.crm_vraag
WHERE crm_vraag.opgehaald_op >= :van AND crm_vraag.opgehaald_op < :tot
UNION
SELECT
    'dossier' AS soort,
    crm_aanmelding.dossier_id AS object_id
FROM bron.crm_aanmelding
WHERE
    crm_aanmelding.opgehaald_op >= :van
    AND crm_aanmelding.opgehaald_op < :tot
    AND crm_aanmelding.dossier_id IS NOT NULL
UNION
SELECT
    'dossier' AS soort,
    crm_aanvraag.dossier_id AS object_id
FROM bron.crm_aanvraag
WHERE
    crm_aanvraag.opgehaald_op >= :van
    AND crm_aanvraag.opgehaald_op < :tot
    AND crm_aanvraag.dossier_id IS NOT NULL
UNION
SELECT
    'dossier' AS soort,
    crm_stap.dossier_id AS object_id
FROM bron.crm_stap
WHERE
    crm_stap.opgehaald_op >= :van
    AND crm_stap.opgehaald_op < :tot
    AND crm_stap.dossier_id IS NOT NULL
UNION
SELECT
    'dossier' AS soort,
    partner_voortgang.dossier_id AS object_id
FROM bron.partner_voortgang
WHERE partner_voortgang.opgehaald_op >= :van AND partner_voortgang.opgehaald_op < :tot
UNION
SELECT
    'dossier' AS soort,
    bericht.dossier_id AS object_id
FROM hub.bericht
WHERE bericht.beeindigd_op >= :van AND bericht.beeindigd_op < :tot
UNION
SELECT
    'woning' AS soort,
    gegeven.woning_id AS object_id
FROM hub.gegeven
WHERE
    (gegeven.opgehaald_op >= :van AND gegeven.opgehaald_op < :tot)
    OR (gegeven.vervangen_op >= :van AND gegeven.vervangen_op < :tot);

-- name: note_days
INSERT INTO hub.te_rapporteren (soort, datum)
SELECT
    soort.soort,
    dag::date AS datum
FROM (VALUES ('bericht'), ('bevraging')) AS soort (soort)
CROSS JOIN generate_series(
    date_trunc('day', cast(:van AS timestamptz) AT TIME ZONE 'Europe/Brussels'),
    cast(:tot AS timestamptz) AT TIME ZONE 'Europe/Brussels',
    interval '1 day'
) AS dag;

-- name: note_other_areas
-- The areas changed: every dwelling that was placed by others is placed anew.
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'woning' AS soort,
    woning_wijk.woning_id AS object_id
FROM rapportage.woning_wijk
WHERE woning_wijk.gebied_versie <> :gebied_versie;

-- name: create_taken
CREATE TEMPORARY TABLE genomen (soort text NOT NULL, object_id uuid, datum date) ON COMMIT DROP;

-- name: take
-- The oldest rows, and every other row of the same objects: each is looked at once.
WITH gekozen AS (
    SELECT DISTINCT
        oudste.soort,
        oudste.object_id
    FROM (
        SELECT
            te_rapporteren.soort,
            te_rapporteren.object_id
        FROM hub.te_rapporteren
        WHERE te_rapporteren.object_id IS NOT NULL
        ORDER BY te_rapporteren.nummer
        LIMIT :aantal
    ) AS oudste
),

weg AS (
    DELETE FROM hub.te_rapporteren
    USING gekozen
    WHERE
        te_rapporteren.soort = gekozen.soort
        AND te_rapporteren.object_id = gekozen.object_id
    RETURNING te_rapporteren.soort, te_rapporteren.object_id
)

INSERT INTO genomen (soort, object_id)
SELECT DISTINCT
    weg.soort,
    weg.object_id
FROM weg;

-- name: take_days
WITH gekozen AS (
    SELECT DISTINCT
        oudste.soort,
        oudste.datum
    FROM (
        SELECT
            te_rapporteren.soort,
            te_rapporteren.datum
        FROM hub.te_rapporteren
        WHERE te_rapporteren.datum IS NOT NULL
        ORDER BY te_rapporteren.datum
        LIMIT :aantal
    ) AS oudste
),

weg AS (
    DELETE FROM hub.te_rapporteren
    USING gekozen
    WHERE
        te_rapporteren.soort = gekozen.soort
        AND te_rapporteren.datum = gekozen.datum
    RETURNING te_rapporteren.soort, te_rapporteren.datum
)

INSERT INTO genomen (soort, datum)
SELECT DISTINCT
    weg.soort,
    weg.datum
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
        meetellend_dossier.dossier_id AS object_id
    FROM werk_dossier
    INNER JOIN hub.meetellend_dossier ON werk_dossier.dossier_id = meetellend_dossier.dossier_id
    UNION
    SELECT
        'woning' AS doel,
        dossier_woning.woning_id AS object_id
    FROM werk_woning
    INNER JOIN hub.dossier_woning ON werk_woning.woning_id = dossier_woning.woning_id
    INNER JOIN hub.meetellend_dossier
        ON dossier_woning.dossier_id = meetellend_dossier.dossier_id
    UNION
    SELECT
        'aanmelding' AS doel,
        crm_aanmelding.aanmelding_id AS object_id
    FROM werk_dossier
    INNER JOIN hub.meetellend_dossier ON werk_dossier.dossier_id = meetellend_dossier.dossier_id
    INNER JOIN bron.crm_aanmelding ON werk_dossier.dossier_id = crm_aanmelding.dossier_id
    WHERE
        crm_aanmelding.verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'stg_aanmelding'
                AND quarantaine.object_id = crm_aanmelding.aanmelding_id::text
                AND quarantaine.opgelost_op IS NULL
        )
    UNION
    SELECT
        'aanvraag' AS doel,
        crm_aanvraag.aanvraag_id AS object_id
    FROM werk_dossier
    INNER JOIN hub.meetellend_dossier ON werk_dossier.dossier_id = meetellend_dossier.dossier_id
    INNER JOIN bron.crm_aanvraag ON werk_dossier.dossier_id = crm_aanvraag.dossier_id
    WHERE crm_aanvraag.verwijderd_op IS NULL AND crm_aanvraag.soort IN ('premie', 'lening')
) AS gezocht
WHERE NOT EXISTS (
    SELECT 1 FROM rapportage.pseudoniem
    WHERE
        pseudoniem.doel = gezocht.doel
        AND pseudoniem.object_id = gezocht.object_id
);

-- name: copy_pseudonyms
COPY rapportage.pseudoniem (doel, object_id, pseudoniem, sleutel_id) FROM STDIN;

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
WHERE
    EXISTS (
        SELECT 1 FROM rapportage.pseudoniem
        WHERE pseudoniem.doel = 'woning' AND pseudoniem.object_id = geplaatst.woning_id
    )
ON CONFLICT (woning_id) DO UPDATE SET
    wijk_code = excluded.wijk_code,
    gebied_versie = excluded.gebied_versie
WHERE
(bekend.wijk_code, bekend.gebied_versie) IS DISTINCT FROM
(excluded.wijk_code, excluded.gebied_versie);

-- name: create_living
-- The dossiers of the slice that are counted, with what every fact of them carries.
CREATE TEMPORARY TABLE levend_dossier ON COMMIT DROP AS
SELECT
    meetellend_dossier.dossier_id,
    pseudoniem.pseudoniem AS dossier_pseudoniem,
    meetellend_dossier.profiel_id,
    meetellend_dossier.vraag_id,
    meetellend_dossier.postcode,
    meetellend_dossier.start_akkoord,
    meetellend_dossier.start_akkoord_op,
    dossier_woning.woning_id,
    dossier_woning.uitkomst AS woning_uitkomst,
    pseudoniem_woning.pseudoniem AS woning_pseudoniem,
    coalesce(woning_wijk.wijk_code, 'onbekend') AS wijk_code
FROM werk_dossier
INNER JOIN hub.meetellend_dossier ON werk_dossier.dossier_id = meetellend_dossier.dossier_id
INNER JOIN rapportage.pseudoniem
    ON meetellend_dossier.dossier_id = pseudoniem.object_id AND pseudoniem.doel = 'dossier'
LEFT JOIN hub.dossier_woning ON meetellend_dossier.dossier_id = dossier_woning.dossier_id
LEFT JOIN rapportage.pseudoniem AS pseudoniem_woning
    ON
        dossier_woning.woning_id = pseudoniem_woning.object_id
        AND pseudoniem_woning.doel = 'woning'
LEFT JOIN rapportage.woning_wijk ON dossier_woning.woning_id = woning_wijk.woning_id;

-- name: analyze_living
ANALYZE levend_dossier;

-- name: remove_dossier_pseudonyms
-- What is counted no more needs none; if it comes back, it gets the same.
DELETE FROM rapportage.pseudoniem
USING werk_dossier
WHERE
    pseudoniem.doel = 'dossier'
    AND pseudoniem.object_id = werk_dossier.dossier_id
    AND NOT EXISTS (
        SELECT 1 FROM rapportage.fct_dossier
        WHERE fct_dossier.dossier_pseudoniem = pseudoniem.pseudoniem
    );

-- name: remove_woning_pseudonyms
DELETE FROM rapportage.pseudoniem
USING werk_woning
WHERE
    pseudoniem.doel = 'woning'
    AND pseudoniem.object_id = werk_woning.woning_id
    AND NOT EXISTS (
        SELECT 1 FROM rapportage.dim_woning
        WHERE dim_woning.woning_pseudoniem = pseudoniem.pseudoniem
    );

-- name: remove_other_pseudonyms
DELETE FROM rapportage.pseudoniem
USING weg_pseudoniem
WHERE
    pseudoniem.pseudoniem = weg_pseudoniem.pseudoniem
    AND NOT EXISTS (
        SELECT 1 FROM rapportage.fct_aanmelding
        WHERE fct_aanmelding.aanmelding_pseudoniem = weg_pseudoniem.pseudoniem
    )
    AND NOT EXISTS (
        SELECT 1 FROM rapportage.fct_aanvraag
        WHERE fct_aanvraag.aanvraag_pseudoniem = weg_pseudoniem.pseudoniem
    );

-- name: remove_places
DELETE FROM rapportage.woning_wijk
USING werk_woning
WHERE
    woning_wijk.woning_id = werk_woning.woning_id
    AND NOT EXISTS (
        SELECT 1 FROM rapportage.pseudoniem
        WHERE pseudoniem.doel = 'woning' AND pseudoniem.object_id = woning_wijk.woning_id
    );

-- name: create_gone
-- The aanmeldingen and aanvragen whose fact the slice removed.
CREATE TEMPORARY TABLE weg_pseudoniem (pseudoniem text NOT NULL) ON COMMIT DROP;

-- name: put_areas
INSERT INTO rapportage.dim_wijk AS bekend (wijk_code, naam)
SELECT
    gebied.wijk_code,
    gebied.naam
FROM unnest(cast(:codes AS text[]), cast(:namen AS text[])) AS gebied (wijk_code, naam)
ON CONFLICT (
    wijk_code) DO UPDATE SET naam = excluded.naam
WHERE bekend.naam IS DISTINCT FROM excluded.naam;

-- name: put_partners
INSERT INTO rapportage.dim_partner AS bekend (partner, naam)
SELECT
    partner.partner,
    partner.naam
FROM unnest(cast(:codes AS text[]), cast(:namen AS text[])) AS partner (partner, naam)
ON CONFLICT (
    partner) DO UPDATE SET naam = excluded.naam
WHERE bekend.naam IS DISTINCT FROM excluded.naam;

-- name: put_premies
INSERT INTO rapportage.dim_premie AS bekend (premie_code, naam, soort)
SELECT
    premie.premie_code,
    premie.naam,
    premie.soort
FROM
    unnest(cast(:codes AS text[]), cast(:namen AS text[]), cast(:soorten AS text[]))
        AS premie (premie_code, naam, soort)
ON CONFLICT (premie_code) DO UPDATE SET
    naam = excluded.naam,
    soort = excluded.soort
WHERE (bekend.naam, bekend.soort) IS DISTINCT FROM (excluded.naam, excluded.soort);

-- name: drop_areas
DELETE FROM rapportage.dim_wijk
WHERE dim_wijk.wijk_code <> all(cast(:codes AS text[]));

-- name: drop_partners
DELETE FROM rapportage.dim_partner
WHERE dim_partner.partner <> all(cast(:codes AS text[]));

-- name: drop_premies
DELETE FROM rapportage.dim_premie
WHERE dim_premie.premie_code <> all(cast(:codes AS text[]));
