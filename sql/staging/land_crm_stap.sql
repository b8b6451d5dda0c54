-- Tasks and steps as the CRM holds them, without their texts: one row each. Only what the hub asked
-- about a dwelling makes it look again.
-- A page is copied into a temporary table and merged by content hash: a row that did not change is
-- not written, a row that did is noted once in the inbox, in the same transaction. An older version
-- that comes late changes nothing; a table that is read as a whole is the truth, whatever its
-- moments.

-- name: create
CREATE TEMPORARY TABLE landing (LIKE bron.crm_stap INCLUDING DEFAULTS) ON COMMIT DROP;

-- name: copy
COPY landing (
    stap_id,
    sleutel,
    dossier_id,
    soort,
    status,
    keuze,
    gebeurd_op,
    vervaldatum,
    etag,
    inhoud_hash,
    gewijzigd_op
) FROM STDIN;

-- name: merge
WITH gewijzigd AS (
    INSERT INTO bron.crm_stap AS doel (
        stap_id,
        sleutel,
        dossier_id,
        soort,
        status,
        keuze,
        gekozen_op,
        gebeurd_op,
        vervaldatum,
        etag,
        inhoud_hash,
        gewijzigd_op
    )
    SELECT
        landing.stap_id,
        landing.sleutel,
        landing.dossier_id,
        landing.soort,
        landing.status,
        landing.keuze,
        CASE WHEN landing.keuze IS NOT NULL THEN clock_timestamp() END AS gekozen_op,
        landing.gebeurd_op,
        landing.vervaldatum,
        landing.etag,
        landing.inhoud_hash,
        landing.gewijzigd_op
    FROM landing
    ON CONFLICT (stap_id) DO UPDATE
        SET
            sleutel = excluded.sleutel,
            dossier_id = excluded.dossier_id,
            soort = excluded.soort,
            status = excluded.status,
            keuze = excluded.keuze,
            gekozen_op = CASE
                WHEN doel.keuze IS DISTINCT FROM excluded.keuze THEN excluded.gekozen_op
                ELSE doel.gekozen_op
            END,
            gebeurd_op = excluded.gebeurd_op,
            vervaldatum = excluded.vervaldatum,
            etag = excluded.etag,
            inhoud_hash = excluded.inhoud_hash,
            gewijzigd_op = excluded.gewijzigd_op,
            opgehaald_op = now(),
            gezien_op = now(),
            verwijderd_op = NULL
        WHERE (
            doel.inhoud_hash IS DISTINCT FROM excluded.inhoud_hash
            OR doel.verwijderd_op IS NOT NULL
        )
        AND (excluded.gewijzigd_op >= doel.gewijzigd_op OR :volledig)
    RETURNING doel.stap_id AS object_id, doel.etag AS versie, doel.soort
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'stap' AS soort,
    gewijzigd.object_id::text AS object_id,
    gewijzigd.versie
FROM gewijzigd
WHERE gewijzigd.soort = 'woning_kiezen'
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: mark_seen
UPDATE bron.crm_stap SET gezien_op = now()
FROM landing
WHERE crm_stap.stap_id = landing.stap_id;

-- name: release
-- A version that lands takes its row out of quarantine.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM landing
WHERE
    quarantaine.model = 'crm_stap'
    AND quarantaine.object_id = landing.stap_id::text
    AND quarantaine.opgelost_op IS NULL;

-- name: drop
DROP TABLE landing;

-- name: delete
WITH weg AS (
    UPDATE bron.crm_stap SET verwijderd_op = now()
    WHERE stap_id = any(cast(:object_ids AS uuid[])) AND verwijderd_op IS NULL
    RETURNING stap_id AS object_id, etag AS versie, soort
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'stap' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
WHERE weg.soort = 'woning_kiezen'
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: delete_unseen
WITH weg AS (
    UPDATE bron.crm_stap SET verwijderd_op = now()
    WHERE
        gezien_op < :sinds
        AND verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'crm_stap'
                AND quarantaine.object_id = crm_stap.stap_id::text
                AND quarantaine.opgelost_op IS NULL
        )
    RETURNING stap_id AS object_id, etag AS versie, soort
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'stap' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
WHERE weg.soort = 'woning_kiezen'
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;
