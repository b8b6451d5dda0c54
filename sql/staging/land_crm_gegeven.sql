-- Origins of values on which a person may decide: one row per gegeven of the CRM that holds a
-- suggestion or a decision, or did. The others are the hub's own and stay there.
-- A page is copied into a temporary table and merged by content hash: a row that did not change is
-- not written, a row that did is noted once in the inbox, in the same transaction.

-- name: create
CREATE TEMPORARY TABLE landing (LIKE bron.crm_gegeven INCLUDING DEFAULTS) ON COMMIT DROP;

-- name: copy
COPY landing (
    gegeven_id,
    dossier_id,
    veld,
    suggestie,
    beslissing,
    etag,
    inhoud_hash,
    gewijzigd_op
) FROM STDIN;

-- name: merge
WITH gewijzigd AS (
    INSERT INTO bron.crm_gegeven AS doel (
        gegeven_id,
        dossier_id,
        veld,
        suggestie,
        beslissing,
        etag,
        inhoud_hash,
        gewijzigd_op
    )
    SELECT
        landing.gegeven_id,
        landing.dossier_id,
        landing.veld,
        landing.suggestie,
        landing.beslissing,
        landing.etag,
        landing.inhoud_hash,
        landing.gewijzigd_op
    FROM landing
    WHERE
        landing.suggestie IS NOT NULL
        OR landing.beslissing IS NOT NULL
        OR EXISTS (
            SELECT 1 FROM bron.crm_gegeven AS bekend
            WHERE bekend.gegeven_id = landing.gegeven_id
        )
    ON CONFLICT (gegeven_id) DO UPDATE
        SET
            dossier_id = excluded.dossier_id,
            veld = excluded.veld,
            suggestie = excluded.suggestie,
            beslissing = excluded.beslissing,
            etag = excluded.etag,
            inhoud_hash = excluded.inhoud_hash,
            gewijzigd_op = excluded.gewijzigd_op,
            opgehaald_op = now(),
            gezien_op = now(),
            verwijderd_op = NULL
        WHERE doel.inhoud_hash IS DISTINCT FROM excluded.inhoud_hash
        OR doel.verwijderd_op IS NOT NULL
    RETURNING doel.gegeven_id AS object_id, doel.etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'gegeven' AS soort,
    gewijzigd.object_id::text AS object_id,
    gewijzigd.versie
FROM gewijzigd
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: mark_seen
UPDATE bron.crm_gegeven SET gezien_op = now()
FROM landing
WHERE crm_gegeven.gegeven_id = landing.gegeven_id;

-- name: release
-- A version that lands takes its row out of quarantine.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM landing
WHERE
    quarantaine.model = 'crm_gegeven'
    AND quarantaine.object_id = landing.gegeven_id::text
    AND quarantaine.opgelost_op IS NULL;

-- name: drop
DROP TABLE landing;

-- name: delete
WITH weg AS (
    UPDATE bron.crm_gegeven SET verwijderd_op = now()
    WHERE gegeven_id = any(cast(:object_ids AS uuid[])) AND verwijderd_op IS NULL
    RETURNING gegeven_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'gegeven' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: delete_unseen
WITH weg AS (
    UPDATE bron.crm_gegeven SET verwijderd_op = now()
    WHERE
        gezien_op < :sinds
        AND verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'crm_gegeven'
                AND quarantaine.object_id = crm_gegeven.gegeven_id::text
                AND quarantaine.opgelost_op IS NULL
        )
    RETURNING gegeven_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'gegeven' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;
