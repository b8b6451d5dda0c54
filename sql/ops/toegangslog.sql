-- The access log: appended in one chain, so appending is serialised for the length of one batch.

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('hub.toegangslog', 0));

-- name: tail
SELECT
    volgnummer,
    hash
FROM hub.toegangslog
ORDER BY volgnummer DESC
LIMIT 1;

-- name: now
SELECT clock_timestamp() AS nu;

-- name: copy
COPY hub.toegangslog (
    volgnummer, correlatie_id, gelogd_op, dossier_id, bron, operatie, object, doel, rechtsgrond,
    hoedanigheid, namens, vorige_hash, hash
) FROM STDIN;

-- name: chain
SELECT
    volgnummer,
    correlatie_id,
    gelogd_op,
    dossier_id,
    bron,
    operatie,
    object,
    doel,
    rechtsgrond,
    hoedanigheid,
    namens,
    vorige_hash,
    hash
FROM hub.toegangslog
ORDER BY volgnummer;
