-- Applications for a premie or a loan, as the CRM holds them: one row each. What is shown of them
-- is decided at every delivery, from these rows alone: they need no inbox.
-- A page is copied into a temporary table and merged by content hash: a row that did not change is
-- not written. An older version that comes late changes nothing; a table that is read as a whole is
-- the truth, whatever its moments.

-- name: create
CREATE TEMPORARY TABLE landing (LIKE bron.crm_aanvraag INCLUDING DEFAULTS) ON COMMIT DROP;

-- name: copy
COPY landing (
    aanvraag_id,
    nummer,
    dossier_id,
    soort,
    regeling,
    status,
    etag,
    inhoud_hash,
    gewijzigd_op
) FROM STDIN;

-- name: merge
INSERT INTO bron.crm_aanvraag AS doel (
    aanvraag_id,
    nummer,
    dossier_id,
    soort,
    regeling,
    status,
    etag,
    inhoud_hash,
    gewijzigd_op
)
SELECT
    landing.aanvraag_id,
    landing.nummer,
    landing.dossier_id,
    landing.soort,
    landing.regeling,
    landing.status,
    landing.etag,
    landing.inhoud_hash,
    landing.gewijzigd_op
FROM landing
ON CONFLICT (aanvraag_id) DO UPDATE
    SET
        nummer = excluded.nummer,
        dossier_id = excluded.dossier_id,
        soort = excluded.soort,
        regeling = excluded.regeling,
        status = excluded.status,
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
    AND (excluded.gewijzigd_op >= doel.gewijzigd_op OR :volledig);

-- name: mark_seen
UPDATE bron.crm_aanvraag SET gezien_op = now()
FROM landing
WHERE crm_aanvraag.aanvraag_id = landing.aanvraag_id;

-- name: release
-- A version that lands takes its row out of quarantine.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM landing
WHERE
    quarantaine.model = 'crm_aanvraag'
    AND quarantaine.object_id = landing.aanvraag_id::text
    AND quarantaine.opgelost_op IS NULL;

-- name: drop
DROP TABLE landing;

-- name: delete
UPDATE bron.crm_aanvraag SET verwijderd_op = now()
WHERE aanvraag_id = any(cast(:object_ids AS uuid[])) AND verwijderd_op IS NULL;

-- name: delete_unseen
UPDATE bron.crm_aanvraag SET verwijderd_op = now()
WHERE
    gezien_op < :sinds
    AND verwijderd_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.quarantaine
        WHERE
            quarantaine.model = 'crm_aanvraag'
            AND quarantaine.object_id = crm_aanvraag.aanvraag_id::text
            AND quarantaine.opgelost_op IS NULL
    );
