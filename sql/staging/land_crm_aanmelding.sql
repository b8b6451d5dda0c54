-- Aanmeldingen as the CRM holds them: one row per aanmelding.
-- A page is copied into a temporary table and merged by content hash: a row that did not change is
-- not written, a row that did is noted once in the inbox, in the same transaction.

-- name: create
CREATE TEMPORARY TABLE landing (LIKE bron.crm_aanmelding INCLUDING DEFAULTS) ON COMMIT DROP;

-- name: copy
COPY landing (
    aanmelding_id,
    dossier_id,
    soort,
    partner,
    volgnummer,
    status,
    etag,
    inhoud_hash,
    gewijzigd_op
) FROM STDIN;

-- name: merge
WITH gewijzigd AS (
    INSERT INTO bron.crm_aanmelding AS doel (
        aanmelding_id,
        dossier_id,
        soort,
        partner,
        volgnummer,
        status,
        etag,
        inhoud_hash,
        gewijzigd_op
    )
    SELECT
        landing.aanmelding_id,
        landing.dossier_id,
        landing.soort,
        landing.partner,
        landing.volgnummer,
        landing.status,
        landing.etag,
        landing.inhoud_hash,
        landing.gewijzigd_op
    FROM landing
    ON CONFLICT (aanmelding_id) DO UPDATE
        SET
            dossier_id = excluded.dossier_id,
            soort = excluded.soort,
            partner = excluded.partner,
            volgnummer = excluded.volgnummer,
            status = excluded.status,
            etag = excluded.etag,
            inhoud_hash = excluded.inhoud_hash,
            gewijzigd_op = excluded.gewijzigd_op,
            opgehaald_op = now(),
            gezien_op = now(),
            verwijderd_op = NULL
        WHERE doel.inhoud_hash IS DISTINCT FROM excluded.inhoud_hash
        OR doel.verwijderd_op IS NOT NULL
    RETURNING doel.aanmelding_id AS object_id, doel.etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'aanmelding' AS soort,
    gewijzigd.object_id::text AS object_id,
    gewijzigd.versie
FROM gewijzigd
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: mark_seen
UPDATE bron.crm_aanmelding SET gezien_op = now()
FROM landing
WHERE crm_aanmelding.aanmelding_id = landing.aanmelding_id;

-- name: release
-- A version that lands takes its row out of quarantine.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM landing
WHERE
    quarantaine.model = 'crm_aanmelding'
    AND quarantaine.object_id = landing.aanmelding_id::text
    AND quarantaine.opgelost_op IS NULL;

-- name: drop
DROP TABLE landing;

-- name: delete
WITH weg AS (
    UPDATE bron.crm_aanmelding SET verwijderd_op = now()
    WHERE aanmelding_id = any(cast(:object_ids AS uuid[])) AND verwijderd_op IS NULL
    RETURNING aanmelding_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'aanmelding' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: delete_unseen
WITH weg AS (
    UPDATE bron.crm_aanmelding SET verwijderd_op = now()
    WHERE
        gezien_op < :sinds
        AND verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'crm_aanmelding'
                AND quarantaine.object_id = crm_aanmelding.aanmelding_id::text
                AND quarantaine.opgelost_op IS NULL
        )
    RETURNING aanmelding_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'aanmelding' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;
