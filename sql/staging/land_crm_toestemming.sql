-- Consents as the CRM holds them: one row per toestemming.
-- A page is copied into a temporary table and merged by content hash: a row that did not change is
-- not written, a row that did is noted once in the inbox, in the same transaction.

-- name: create
CREATE TEMPORARY TABLE landing (LIKE bron.crm_toestemming INCLUDING DEFAULTS) ON COMMIT DROP;

-- name: copy
COPY landing (
    toestemming_id,
    profiel_id,
    doel,
    ontvanger,
    van,
    tot,
    etag,
    inhoud_hash,
    gewijzigd_op
) FROM STDIN;

-- name: merge
WITH gewijzigd AS (
    INSERT INTO bron.crm_toestemming AS doel (
        toestemming_id,
        profiel_id,
        doel,
        ontvanger,
        van,
        tot,
        etag,
        inhoud_hash,
        gewijzigd_op
    )
    SELECT
        landing.toestemming_id,
        landing.profiel_id,
        landing.doel,
        landing.ontvanger,
        landing.van,
        landing.tot,
        landing.etag,
        landing.inhoud_hash,
        landing.gewijzigd_op
    FROM landing
    ON CONFLICT (toestemming_id) DO UPDATE
        SET
            profiel_id = excluded.profiel_id,
            doel = excluded.doel,
            ontvanger = excluded.ontvanger,
            van = excluded.van,
            tot = excluded.tot,
            etag = excluded.etag,
            inhoud_hash = excluded.inhoud_hash,
            gewijzigd_op = excluded.gewijzigd_op,
            opgehaald_op = now(),
            gezien_op = now(),
            verwijderd_op = NULL
        WHERE doel.inhoud_hash IS DISTINCT FROM excluded.inhoud_hash
        OR doel.verwijderd_op IS NOT NULL
    RETURNING doel.toestemming_id AS object_id, doel.etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'toestemming' AS soort,
    gewijzigd.object_id::text AS object_id,
    gewijzigd.versie
FROM gewijzigd
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: mark_seen
UPDATE bron.crm_toestemming SET gezien_op = now()
FROM landing
WHERE crm_toestemming.toestemming_id = landing.toestemming_id;

-- name: release
-- A version that lands takes its row out of quarantine.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM landing
WHERE
    quarantaine.model = 'crm_toestemming'
    AND quarantaine.object_id = landing.toestemming_id::text
    AND quarantaine.opgelost_op IS NULL;

-- name: drop
DROP TABLE landing;

-- name: delete
WITH weg AS (
    UPDATE bron.crm_toestemming SET verwijderd_op = now()
    WHERE toestemming_id = any(cast(:object_ids AS uuid[])) AND verwijderd_op IS NULL
    RETURNING toestemming_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'toestemming' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: delete_unseen
WITH weg AS (
    UPDATE bron.crm_toestemming SET verwijderd_op = now()
    WHERE
        gezien_op < :sinds
        AND verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'crm_toestemming'
                AND quarantaine.object_id = crm_toestemming.toestemming_id::text
                AND quarantaine.opgelost_op IS NULL
        )
    RETURNING toestemming_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'toestemming' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;
