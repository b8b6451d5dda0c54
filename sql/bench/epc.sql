-- The benchmark of asking certificates: dwellings that were found, in one batch.

-- name: create
CREATE TEMPORARY TABLE gevonden (
    dossier_id uuid PRIMARY KEY,
    gebouweenheid_id text NOT NULL,
    adres_id text NOT NULL
) ON COMMIT DROP;

-- name: copy
COPY gevonden (dossier_id, gebouweenheid_id, adres_id) FROM STDIN;

-- name: add_dossiers
INSERT INTO bron.crm_dossier (
    dossier_id, start_akkoord, start_akkoord_op, voorinvulling, pseudoniem, etag, inhoud_hash,
    gewijzigd_op
)
SELECT
    gevonden.dossier_id,
    TRUE AS start_akkoord,
    now() - interval '1 day' AS start_akkoord_op,
    '{}' AS voorinvulling,
    'bench' AS pseudoniem,
    'W/"1"' AS etag,
    '' AS inhoud_hash,
    now() AS gewijzigd_op
FROM gevonden;

-- name: add_woningen
INSERT INTO hub.woning (gebouweenheid_id, adres_id)
SELECT
    gevonden.gebouweenheid_id,
    gevonden.adres_id
FROM gevonden;

-- name: link
INSERT INTO hub.dossier_woning (
    dossier_id, woning_id, uitkomst, pad, adres_hash, gezocht_op
)
SELECT
    gevonden.dossier_id,
    woning.woning_id,
    'gevonden' AS uitkomst,
    'bench' AS pad,
    '' AS adres_hash,
    now() AS gezocht_op
FROM gevonden
INNER JOIN hub.woning ON gevonden.gebouweenheid_id = woning.gebouweenheid_id;

-- name: add_batch
INSERT INTO hub.batch (naam) VALUES (:naam);

-- name: fill_batch
INSERT INTO hub.batch_dossier (batch_id, dossier_id)
SELECT
    batch.batch_id,
    gevonden.dossier_id
FROM gevonden
CROSS JOIN hub.batch;

-- name: count_stored
SELECT
    (SELECT count(*) FROM hub.bronstand) AS gevraagd,
    (SELECT count(*) FROM bron.epc) AS certificaten,
    (
        SELECT count(*)
        FROM hub.toegangslog
    ) AS gelogd;
