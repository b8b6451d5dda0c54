-- Changes of the registers, page by page: one row per object that an event names.
-- Only what touches a dwelling the hub knows leaves a trace; a page read again adds nothing.

-- name: start_cursor
INSERT INTO hub.cursor (bron, soort, link)
VALUES ('basisregisters', :feed, :link)
ON CONFLICT (bron, soort) DO NOTHING;

-- name: create
CREATE TEMPORARY TABLE geraakt_object (
    gebeurtenis text NOT NULL,
    soort text NOT NULL,
    object_id text NOT NULL
) ON COMMIT DROP;

-- name: copy
COPY geraakt_object (gebeurtenis, soort, object_id) FROM STDIN;

-- name: create_woningen
CREATE TEMPORARY TABLE geraakte_woning ON COMMIT DROP AS
SELECT
    woning.woning_id,
    geraakt_object.gebeurtenis
FROM geraakt_object
INNER JOIN hub.woning ON geraakt_object.object_id = woning.adres_id
WHERE geraakt_object.soort = 'adres'
UNION
SELECT
    woning.woning_id,
    geraakt_object.gebeurtenis
FROM geraakt_object
INNER JOIN hub.woning ON geraakt_object.object_id = woning.gebouweenheid_id
WHERE geraakt_object.soort = 'gebouweenheid'
UNION
SELECT
    woning.woning_id,
    geraakt_object.gebeurtenis
FROM geraakt_object
INNER JOIN hub.woning ON geraakt_object.object_id = woning.gebouw_id
WHERE geraakt_object.soort = 'gebouw'
UNION
SELECT
    gegeven.woning_id,
    geraakt_object.gebeurtenis
FROM geraakt_object
INNER JOIN hub.gegeven ON gegeven.onderdeel = geraakt_object.object_id
WHERE
    geraakt_object.soort = 'perceel'
    AND gegeven.veld = 'perceel'
    AND gegeven.vervangen_op IS NULL;

-- name: count_woningen
SELECT count(DISTINCT woning_id) AS aantal
FROM geraakte_woning;

-- name: mark_source_due
UPDATE hub.bronstand SET opnieuw_na = now()
FROM geraakte_woning
WHERE
    bronstand.woning_id = geraakte_woning.woning_id
    AND bronstand.bron = 'ligging';

-- name: mark_search_due
-- What was found holds no longer: the search is as old as can be.
UPDATE hub.dossier_woning SET gezocht_op = 'epoch'
FROM geraakte_woning
WHERE dossier_woning.woning_id = geraakte_woning.woning_id;

-- name: ring
-- One inbox row per open dossier and event: the enrichment looks at it again.
INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'hub' AS bron,
    'dossier' AS soort,
    dossier_woning.dossier_id::text AS object_id,
    'basisregisters ' || geraakte_woning.gebeurtenis AS versie
FROM geraakte_woning
INNER JOIN hub.dossier_woning ON geraakte_woning.woning_id = dossier_woning.woning_id
INNER JOIN bron.crm_dossier ON dossier_woning.dossier_id = crm_dossier.dossier_id
WHERE
    crm_dossier.verwijderd_op IS NULL
    AND crm_dossier.status IS DISTINCT FROM 'afgesloten'
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: create_units
CREATE TEMPORARY TABLE landing_eenheid (LIKE bron.eenheid_wijziging) ON COMMIT DROP;

-- name: copy_units
COPY landing_eenheid (
    gebeurtenis, gebouweenheid_id, soort, gebouw_id, adres_ids, oorzaak, gebeurd_op
) FROM STDIN;

-- name: add_units
INSERT INTO bron.eenheid_wijziging (
    gebeurtenis, gebouweenheid_id, soort, gebouw_id, adres_ids, oorzaak, gebeurd_op
)
SELECT
    landing_eenheid.gebeurtenis,
    landing_eenheid.gebouweenheid_id,
    landing_eenheid.soort,
    landing_eenheid.gebouw_id,
    landing_eenheid.adres_ids,
    landing_eenheid.oorzaak,
    landing_eenheid.gebeurd_op
FROM landing_eenheid
WHERE
    EXISTS (
        SELECT 1 FROM hub.woning
        WHERE woning.gebouweenheid_id = landing_eenheid.gebouweenheid_id
    )
    OR (
        landing_eenheid.soort = 'begin'
        AND (
            EXISTS (
                SELECT 1 FROM hub.woning
                WHERE woning.gebouw_id = landing_eenheid.gebouw_id
            )
            OR EXISTS (
                SELECT 1 FROM hub.woning
                WHERE woning.adres_id = any(landing_eenheid.adres_ids)
            )
        )
    )
ON CONFLICT (gebeurtenis) DO NOTHING;

-- name: record_ends
INSERT INTO hub.woning_opvolging (woning_id, reden, gebeurtenis, gebeurd_op)
SELECT
    woning.woning_id,
    'beeindigd' AS reden,
    einde.gebeurtenis,
    einde.gebeurd_op
FROM landing_eenheid AS einde
INNER JOIN hub.woning ON einde.gebouweenheid_id = woning.gebouweenheid_id
WHERE einde.soort = 'einde'
ON CONFLICT (woning_id, gebeurtenis, opvolger) DO NOTHING;

-- name: record_successors
-- A unit that began by the same act in the same building, or that got the address of the dwelling
-- around the time it ended, took its place. Nothing else is evidence.
INSERT INTO hub.woning_opvolging (woning_id, opvolger, reden, gebeurtenis, gebeurd_op)
SELECT
    woning.woning_id,
    'gebouweenheid ' || nieuw.gebouweenheid_id AS opvolger,
    'vervangen' AS reden,
    einde.gebeurtenis,
    einde.gebeurd_op
FROM bron.eenheid_wijziging AS einde
INNER JOIN hub.woning ON einde.gebouweenheid_id = woning.gebouweenheid_id
INNER JOIN bron.eenheid_wijziging AS nieuw
    ON
        nieuw.soort = 'begin'
        AND nieuw.gebouweenheid_id <> einde.gebouweenheid_id
        AND (
            (nieuw.oorzaak = einde.oorzaak AND nieuw.gebouw_id = woning.gebouw_id)
            OR (
                woning.adres_id = any(nieuw.adres_ids)
                AND nieuw.gebeurd_op BETWEEN
                einde.gebeurd_op - make_interval(days => :opvolging_dagen)
                AND einde.gebeurd_op + make_interval(days => :opvolging_dagen)
            )
        )
WHERE
    einde.soort = 'einde'
    AND EXISTS (
        SELECT 1 FROM landing_eenheid
        WHERE landing_eenheid.gebeurtenis IN (einde.gebeurtenis, nieuw.gebeurtenis)
    )
ON CONFLICT (woning_id, gebeurtenis, opvolger) DO NOTHING;

-- name: name_reasons
-- More than one successor is a split, a successor of more than one is a merge.
WITH geteld AS (
    SELECT
        woning_opvolging.opvolging_id,
        count(*) OVER (PARTITION BY woning_opvolging.opvolger) AS voorgangers,
        count(*) OVER (
            PARTITION BY woning_opvolging.woning_id, woning_opvolging.gebeurtenis
        ) AS opvolgers
    FROM hub.woning_opvolging
    WHERE woning_opvolging.opvolger IS NOT NULL AND woning_opvolging.reden <> 'hernummerd'
),

benoemd AS (
    SELECT
        geteld.opvolging_id,
        CASE
            WHEN geteld.voorgangers > 1 THEN 'samengevoegd'
            WHEN geteld.opvolgers > 1 THEN 'gesplitst'
            ELSE 'vervangen'
        END AS reden
    FROM geteld
)

UPDATE hub.woning_opvolging SET reden = benoemd.reden
FROM benoemd
WHERE
    woning_opvolging.opvolging_id = benoemd.opvolging_id
    AND woning_opvolging.reden <> benoemd.reden;

-- name: create_renumbered
CREATE TEMPORARY TABLE hernummerd (
    gebeurtenis text NOT NULL,
    van text NOT NULL,
    naar text NOT NULL,
    gebeurd_op timestamptz NOT NULL
) ON COMMIT DROP;

-- name: copy_renumbered
COPY hernummerd (gebeurtenis, van, naar, gebeurd_op) FROM STDIN;

-- name: record_renumbered
-- Of a dwelling that is known by its unit, only the address changed: it lives on itself.
INSERT INTO hub.woning_opvolging (woning_id, opvolger, reden, gebeurtenis, gebeurd_op)
SELECT
    woning.woning_id,
    'adres ' || hernummerd.naar AS opvolger,
    'hernummerd' AS reden,
    hernummerd.gebeurtenis,
    hernummerd.gebeurd_op
FROM hernummerd
INNER JOIN hub.woning ON hernummerd.van = woning.adres_id
WHERE woning.gebouweenheid_id IS NULL
ON CONFLICT (woning_id, gebeurtenis, opvolger) DO NOTHING;

-- name: complete_successors
-- The dwelling that took the place, once the hub knows it.
WITH bekend AS (
    SELECT
        woning_opvolging.opvolging_id,
        woning.woning_id
    FROM hub.woning_opvolging
    INNER JOIN hub.woning
        ON woning.gebouweenheid_id = split_part(woning_opvolging.opvolger, ' ', 2)
    WHERE
        woning_opvolging.opvolger_woning_id IS NULL
        AND woning_opvolging.opvolger LIKE 'gebouweenheid %'
    UNION ALL
    SELECT
        woning_opvolging.opvolging_id,
        woning.woning_id
    FROM hub.woning_opvolging
    INNER JOIN hub.woning
        ON woning.adres_id = split_part(woning_opvolging.opvolger, ' ', 2)
    WHERE
        woning_opvolging.opvolger_woning_id IS NULL
        AND woning_opvolging.opvolger LIKE 'adres %'
        AND woning.gebouweenheid_id IS NULL
)

UPDATE hub.woning_opvolging SET opvolger_woning_id = bekend.woning_id
FROM bekend
WHERE woning_opvolging.opvolging_id = bekend.opvolging_id;
