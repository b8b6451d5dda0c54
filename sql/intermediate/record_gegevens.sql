-- The current values of dwellings, with their history.

-- name: create
CREATE TEMPORARY TABLE waarneming (
    woning_id uuid NOT NULL,
    veld text NOT NULL,
    onderdeel text NOT NULL,
    waarde text NOT NULL,
    bron text NOT NULL,
    bron_object text NOT NULL,
    bron_versie text,
    opgehaald_op timestamptz NOT NULL,
    geldig_tot date,
    afgeleid boolean NOT NULL,
    PRIMARY KEY (woning_id, veld, onderdeel)
) ON COMMIT DROP;

-- name: copy
COPY waarneming (
    woning_id, veld, onderdeel, waarde, bron, bron_object, bron_versie, opgehaald_op, geldig_tot,
    afgeleid
) FROM STDIN;

-- name: close
-- Closed: what the source no longer gives, and what it now gives otherwise.
UPDATE hub.gegeven SET vervangen_op = now()
WHERE
    gegeven.vervangen_op IS NULL
    AND gegeven.bron = :bron
    AND gegeven.woning_id = any(cast(:woning_ids AS uuid[]))
    AND NOT EXISTS (
        SELECT 1 FROM waarneming
        WHERE
            waarneming.woning_id = gegeven.woning_id
            AND waarneming.veld = gegeven.veld
            AND waarneming.onderdeel = gegeven.onderdeel
            AND (
                waarneming.waarde, waarneming.bron_object, waarneming.geldig_tot,
                waarneming.afgeleid
            ) IS NOT DISTINCT FROM (
                gegeven.waarde, gegeven.bron_object, gegeven.geldig_tot, gegeven.afgeleid
            )
    );

-- name: confirm
-- A later version of the source's object says the same: the value stays, with that version.
UPDATE hub.gegeven SET
    bron_versie = waarneming.bron_versie,
    opgehaald_op = waarneming.opgehaald_op
FROM waarneming
WHERE
    waarneming.woning_id = gegeven.woning_id
    AND waarneming.veld = gegeven.veld
    AND waarneming.onderdeel = gegeven.onderdeel
    AND waarneming.bron = gegeven.bron
    AND gegeven.vervangen_op IS NULL
    AND gegeven.bron_versie IS DISTINCT FROM waarneming.bron_versie;

-- name: add
INSERT INTO hub.gegeven (
    woning_id, veld, onderdeel, waarde, bron, bron_object, bron_versie, opgehaald_op, geldig_tot,
    afgeleid
)
SELECT
    waarneming.woning_id,
    waarneming.veld,
    waarneming.onderdeel,
    waarneming.waarde,
    waarneming.bron,
    waarneming.bron_object,
    waarneming.bron_versie,
    waarneming.opgehaald_op,
    waarneming.geldig_tot,
    waarneming.afgeleid
FROM waarneming
WHERE NOT EXISTS (
    SELECT 1 FROM hub.gegeven
    WHERE
        gegeven.woning_id = waarneming.woning_id
        AND gegeven.veld = waarneming.veld
        AND gegeven.onderdeel = waarneming.onderdeel
        AND gegeven.vervangen_op IS NULL
);

-- name: drop
DROP TABLE waarneming;
