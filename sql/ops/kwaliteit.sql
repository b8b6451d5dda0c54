-- The split of a staged model: what broke a rule, and how often. The pass itself and the release
-- are written from the rules (sql/staging/*_check.sql).

-- name: create_broken
CREATE TEMPORARY TABLE gebroken (
    object_id text NOT NULL,
    versie text,
    fouten text[] NOT NULL,
    waarschuwingen text[] NOT NULL,
    redenen text[] NOT NULL,
    waarden jsonb NOT NULL,
    persoonlijk jsonb
) ON COMMIT DROP;

-- name: drop_broken
DROP TABLE gebroken;

-- name: personal
SELECT
    gebroken.object_id,
    gebroken.persoonlijk::text AS persoonlijk
FROM gebroken
WHERE gebroken.persoonlijk IS NOT NULL AND gebroken.fouten <> '{}';

-- name: create_sealed
CREATE TEMPORARY TABLE verzegeld (
    object_id text NOT NULL,
    persoonsgegevens bytea NOT NULL,
    sleutel_id text NOT NULL
) ON COMMIT DROP;

-- name: copy_sealed
COPY verzegeld (object_id, persoonsgegevens, sleutel_id) FROM STDIN;

-- name: drop_sealed
DROP TABLE verzegeld;

-- name: keep
INSERT INTO hub.quarantaine (
    model, object_id, redenen, regels, waarden, persoonsgegevens, sleutel_id, herkomst, versie
)
SELECT
    :model AS model,
    gebroken.object_id,
    gebroken.redenen,
    gebroken.fouten AS regels,
    gebroken.waarden,
    verzegeld.persoonsgegevens,
    verzegeld.sleutel_id,
    :herkomst AS herkomst,
    gebroken.versie
FROM gebroken
LEFT JOIN verzegeld ON gebroken.object_id = verzegeld.object_id
WHERE gebroken.fouten <> '{}'
ON CONFLICT (model, object_id) WHERE opgelost_op IS NULL DO UPDATE SET
    redenen = excluded.redenen,
    regels = excluded.regels,
    waarden = excluded.waarden,
    persoonsgegevens = excluded.persoonsgegevens,
    sleutel_id = excluded.sleutel_id,
    versie = excluded.versie,
    laatst_gezien_op = now();

-- name: measure
WITH een AS (
    SELECT unnest(gebroken.fouten || gebroken.waarschuwingen) AS naam
    FROM gebroken
),

geteld AS (
    SELECT
        een.naam,
        count(*) AS aantal
    FROM een
    GROUP BY een.naam
)

INSERT INTO hub.regelmeting (model, regel, ernst, run, rijen, gebroken)
SELECT
    :model AS model,
    regel.naam AS regel,
    regel.ernst,
    :run AS run,
    :rijen AS rijen,
    coalesce(geteld.aantal, 0) AS gebroken
FROM unnest(cast(:regels AS text[]), cast(:ernsten AS text[])) AS regel (naam, ernst)
LEFT JOIN geteld ON regel.naam = geteld.naam;

-- name: note
INSERT INTO hub.regelmeting (model, regel, ernst, run, rijen, gebroken, waarde)
SELECT
    meting.model,
    meting.regel,
    meting.ernst,
    :run AS run,
    meting.rijen,
    meting.gebroken,
    meting.waarde
FROM
    unnest(
        cast(:modellen AS text[]), cast(:regels AS text[]), cast(:ernsten AS text[]),
        cast(:rijen AS bigint[]), cast(:gebroken AS bigint[]), cast(:waarden AS double precision[])
    ) AS meting (model, regel, ernst, rijen, gebroken, waarde);

-- name: last_broken
-- The models of which a rule was broken when it was measured last.
WITH regel AS (
    SELECT
        een.model,
        een.naam
    FROM unnest(cast(:modellen AS text[]), cast(:regels AS text[])) AS een (model, naam)
)

SELECT DISTINCT regel.model
FROM regel
WHERE (
    SELECT meting.gebroken
    FROM hub.regelmeting AS meting
    WHERE meting.model = regel.model AND meting.regel = regel.naam
    ORDER BY meting.gemeten_op DESC, meting.meting_id DESC
    LIMIT 1
) > 0;

-- name: recheck
-- What waits because of another row is looked at again with every batch.
INSERT INTO hub.batch_dossier (batch_id, dossier_id)
SELECT
    :batch_id AS batch_id,
    crm_dossier.dossier_id
FROM hub.quarantaine
INNER JOIN bron.crm_dossier ON crm_dossier.dossier_id = cast(quarantaine.object_id AS uuid)
WHERE
    quarantaine.model = 'stg_dossier'
    AND quarantaine.opgelost_op IS NULL
    AND quarantaine.regels && cast(:regels AS text[])
ON CONFLICT (batch_id, dossier_id) DO NOTHING;

-- name: mark
UPDATE hub.batch_dossier SET uitkomst = 'quarantaine'
FROM gebroken
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.dossier_id = cast(gebroken.object_id AS uuid)
    AND gebroken.fouten <> '{}';
