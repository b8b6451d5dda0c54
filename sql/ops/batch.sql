-- A batch: the dossiers that one run of the enrichment looks at, by name.

-- name: create
INSERT INTO hub.batch (naam)
VALUES (:naam)
ON CONFLICT (naam) DO UPDATE SET naam = excluded.naam
RETURNING batch_id;

-- name: count_waiting
SELECT count(*) AS aantal
FROM hub.inbox
WHERE verwerkt_op IS NULL AND bron IN ('crm', 'hub');

-- name: claim_inbox
-- Every waiting change, also one that an earlier run claimed and did not finish.
UPDATE hub.inbox SET batch_id = :batch_id
WHERE verwerkt_op IS NULL AND bron IN ('crm', 'hub');

-- name: fill
INSERT INTO hub.batch_dossier (batch_id, dossier_id)
SELECT
    :batch_id AS batch_id,
    geraakt.dossier_id
FROM (
    SELECT crm_dossier.dossier_id
    FROM hub.inbox
    INNER JOIN bron.crm_dossier ON crm_dossier.dossier_id = cast(inbox.object_id AS uuid)
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'dossier'
    UNION
    SELECT crm_dossier.dossier_id
    FROM hub.inbox
    INNER JOIN bron.crm_profiel ON crm_profiel.profiel_id = cast(inbox.object_id AS uuid)
    INNER JOIN bron.crm_dossier ON crm_profiel.profiel_id = crm_dossier.profiel_id
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'profiel'
    UNION
    SELECT crm_dossier.dossier_id
    FROM hub.inbox
    INNER JOIN
        bron.crm_toestemming
        ON crm_toestemming.toestemming_id = cast(inbox.object_id AS uuid)
    INNER JOIN bron.crm_dossier ON crm_toestemming.profiel_id = crm_dossier.profiel_id
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'toestemming'
    UNION
    SELECT crm_aanmelding.dossier_id
    FROM hub.inbox
    INNER JOIN bron.crm_aanmelding ON crm_aanmelding.aanmelding_id = cast(inbox.object_id AS uuid)
    INNER JOIN bron.crm_dossier ON crm_aanmelding.dossier_id = crm_dossier.dossier_id
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'aanmelding'
    UNION
    SELECT crm_dossier.dossier_id
    FROM hub.inbox
    INNER JOIN bron.crm_vraag ON crm_vraag.vraag_id = cast(inbox.object_id AS uuid)
    INNER JOIN bron.crm_dossier ON crm_vraag.vraag_id = crm_dossier.vraag_id
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'vraag'
    UNION
    SELECT crm_dossier.dossier_id
    FROM hub.inbox
    INNER JOIN bron.crm_stap ON crm_stap.stap_id = cast(inbox.object_id AS uuid)
    INNER JOIN bron.crm_dossier ON crm_stap.dossier_id = crm_dossier.dossier_id
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'stap'
    UNION
    SELECT crm_dossier.dossier_id
    FROM hub.inbox
    INNER JOIN bron.crm_gegeven ON crm_gegeven.gegeven_id = cast(inbox.object_id AS uuid)
    INNER JOIN bron.crm_dossier ON crm_gegeven.dossier_id = crm_dossier.dossier_id
    WHERE inbox.batch_id = :batch_id AND inbox.verwerkt_op IS NULL AND inbox.soort = 'gegeven'
) AS geraakt
ON CONFLICT (batch_id, dossier_id) DO NOTHING;

-- name: mark_not_started
-- A dossier that the resident did not agree to start, or that is closed or gone: nothing is asked.
UPDATE hub.batch_dossier SET
    uitkomst = CASE
        WHEN crm_dossier.status = 'afgesloten' OR crm_dossier.verwijderd_op IS NOT NULL
            THEN 'afgesloten'
        ELSE 'geen_start'
    END
FROM bron.crm_dossier
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND crm_dossier.dossier_id = batch_dossier.dossier_id
    AND (
        NOT crm_dossier.start_akkoord
        OR crm_dossier.status = 'afgesloten'
        OR crm_dossier.verwijderd_op IS NOT NULL
    );

-- name: mark_again
UPDATE hub.batch_dossier SET opnieuw = TRUE
WHERE batch_id = :batch_id AND dossier_id = any(cast(:dossier_ids AS uuid[]));

-- name: requeue
-- A dossier whose source did not answer comes back with the next run.
INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'hub' AS bron,
    'dossier' AS soort,
    batch_dossier.dossier_id::text AS object_id,
    'opnieuw na ' || batch.naam AS versie
FROM hub.batch_dossier
INNER JOIN hub.batch ON batch_dossier.batch_id = batch.batch_id
WHERE batch_dossier.batch_id = :batch_id AND batch_dossier.opnieuw
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: finish_inbox
UPDATE hub.inbox SET verwerkt_op = now()
WHERE batch_id = :batch_id AND verwerkt_op IS NULL;

-- name: finish
UPDATE hub.batch SET beeindigd_op = now()
WHERE batch_id = :batch_id AND beeindigd_op IS NULL;

-- name: summary
SELECT
    count(*) AS dossiers,
    count(*) FILTER (WHERE uitkomst = 'quarantaine') AS quarantaine,
    count(*) FILTER (WHERE uitkomst = 'geen_start') AS geen_start,
    count(*) FILTER (WHERE opnieuw) AS opnieuw
FROM hub.batch_dossier
WHERE batch_id = :batch_id;

-- name: find
SELECT batch_id
FROM hub.batch
WHERE naam = :naam;
