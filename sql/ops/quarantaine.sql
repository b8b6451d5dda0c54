-- Rows that broke a rule are kept with every reason, and let go when a later version passes.

-- name: create_bad
CREATE TEMPORARY TABLE afgekeurd (
    object_id uuid PRIMARY KEY,
    redenen text[] NOT NULL
) ON COMMIT DROP;

-- name: keep
INSERT INTO hub.quarantaine (model, object_id, redenen)
SELECT
    :model AS model,
    afgekeurd.object_id::text AS object_id,
    afgekeurd.redenen
FROM afgekeurd
ON CONFLICT (model, object_id) WHERE opgelost_op IS NULL DO UPDATE SET
    redenen = excluded.redenen,
    laatst_gezien_op = now();

-- name: keep_one
INSERT INTO hub.quarantaine (model, object_id, redenen)
VALUES (:model, :object_id, :redenen)
ON CONFLICT (model, object_id) WHERE opgelost_op IS NULL DO UPDATE SET
    redenen = excluded.redenen,
    laatst_gezien_op = now();

-- name: release
UPDATE hub.quarantaine SET opgelost_op = now()
FROM hub.batch_dossier
WHERE
    batch_dossier.batch_id = :batch_id
    AND quarantaine.model = :model
    AND quarantaine.object_id = batch_dossier.dossier_id::text
    AND quarantaine.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM afgekeurd
        WHERE afgekeurd.object_id = batch_dossier.dossier_id
    );

-- name: mark
UPDATE hub.batch_dossier SET uitkomst = 'quarantaine'
FROM afgekeurd
WHERE batch_dossier.batch_id = :batch_id AND batch_dossier.dossier_id = afgekeurd.object_id;
