-- Dossiers as the CRM holds them: one row per dossier.
-- A page is copied into a temporary table and merged by content hash: a row that did not change is
-- not written, a row that did is noted once in the inbox, in the same transaction.

-- name: create
CREATE TEMPORARY TABLE landing (LIKE bron.crm_dossier INCLUDING DEFAULTS) ON COMMIT DROP;

-- name: copy
COPY landing (
    dossier_id,
    dossiernummer,
    profiel_id,
    vraag_id,
    status,
    start_akkoord,
    start_akkoord_op,
    consulent,
    straat,
    huisnummer,
    busnummer,
    postcode,
    gemeente,
    voorinvulling,
    pseudoniem,
    etag,
    inhoud_hash,
    gewijzigd_op
) FROM STDIN;

-- name: merge
WITH gewijzigd AS (
    INSERT INTO bron.crm_dossier AS doel (
        dossier_id,
        dossiernummer,
        profiel_id,
        vraag_id,
        status,
        start_akkoord,
        start_akkoord_op,
        consulent,
        straat,
        huisnummer,
        busnummer,
        postcode,
        gemeente,
        voorinvulling,
        pseudoniem,
        etag,
        inhoud_hash,
        gewijzigd_op
    )
    SELECT
        landing.dossier_id,
        landing.dossiernummer,
        landing.profiel_id,
        landing.vraag_id,
        landing.status,
        landing.start_akkoord,
        landing.start_akkoord_op,
        landing.consulent,
        landing.straat,
        landing.huisnummer,
        landing.busnummer,
        landing.postcode,
        landing.gemeente,
        landing.voorinvulling,
        landing.pseudoniem,
        landing.etag,
        landing.inhoud_hash,
        landing.gewijzigd_op
    FROM landing
    ON CONFLICT (dossier_id) DO UPDATE
        SET
            dossiernummer = excluded.dossiernummer,
            profiel_id = excluded.profiel_id,
            vraag_id = excluded.vraag_id,
            status = excluded.status,
            start_akkoord = excluded.start_akkoord,
            start_akkoord_op = excluded.start_akkoord_op,
            consulent = excluded.consulent,
            straat = excluded.straat,
            huisnummer = excluded.huisnummer,
            busnummer = excluded.busnummer,
            postcode = excluded.postcode,
            gemeente = excluded.gemeente,
            voorinvulling = excluded.voorinvulling,
            pseudoniem = excluded.pseudoniem,
            etag = excluded.etag,
            inhoud_hash = excluded.inhoud_hash,
            gewijzigd_op = excluded.gewijzigd_op,
            opgehaald_op = now(),
            gezien_op = now(),
            verwijderd_op = NULL
        WHERE doel.inhoud_hash IS DISTINCT FROM excluded.inhoud_hash
        OR doel.verwijderd_op IS NOT NULL
    RETURNING doel.dossier_id AS object_id, doel.etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'dossier' AS soort,
    gewijzigd.object_id::text AS object_id,
    gewijzigd.versie
FROM gewijzigd
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: mark_seen
UPDATE bron.crm_dossier SET gezien_op = now()
FROM landing
WHERE crm_dossier.dossier_id = landing.dossier_id;

-- name: release
-- A version that lands takes its row out of quarantine.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM landing
WHERE
    quarantaine.model = 'crm_dossier'
    AND quarantaine.object_id = landing.dossier_id::text
    AND quarantaine.opgelost_op IS NULL;

-- name: drop
DROP TABLE landing;

-- name: delete
WITH weg AS (
    UPDATE bron.crm_dossier SET verwijderd_op = now()
    WHERE dossier_id = any(cast(:object_ids AS uuid[])) AND verwijderd_op IS NULL
    RETURNING dossier_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'dossier' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: delete_unseen
WITH weg AS (
    UPDATE bron.crm_dossier SET verwijderd_op = now()
    WHERE
        gezien_op < :sinds
        AND verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'crm_dossier'
                AND quarantaine.object_id = crm_dossier.dossier_id::text
                AND quarantaine.opgelost_op IS NULL
        )
    RETURNING dossier_id AS object_id, etag AS versie
)

INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'crm' AS bron,
    'dossier' AS soort,
    weg.object_id::text AS object_id,
    'verwijderd na ' || weg.versie AS versie
FROM weg
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;
