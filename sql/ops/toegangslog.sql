-- The access log: appended a batch at a time, and read back to be verified.

-- name: open
-- Serialises appending for the rest of the transaction.
SELECT
    opened.maand,
    opened.volgnummer,
    opened.vorige_hash,
    opened.gelogd_op
FROM hub.open_toegangslog() AS opened;

-- name: copy
COPY hub.toegangslog (
    maand, volgnummer, correlatie_id, gelogd_op, dossier_id, bron, operatie, object, doel,
    rechtsgrond, hoedanigheid, namens, rij_hash, keten_hash
) FROM STDIN;

-- name: close
SELECT hub.close_toegangslog() AS maand;

-- name: segments
SELECT
    toegangslog_segment.maand,
    toegangslog_segment.vorige_hash,
    toegangslog_segment.eerste,
    toegangslog_segment.laatste,
    toegangslog_segment.aantal,
    toegangslog_segment.keten_hash,
    toegangslog_segment.slot_hash,
    toegangslog_segment.gesloten_op,
    toegangslog_segment.verwijderd_op
FROM hub.toegangslog_segment
ORDER BY toegangslog_segment.maand;

-- name: months
SELECT DISTINCT toegangslog.maand
FROM hub.toegangslog
ORDER BY toegangslog.maand;

-- name: rows
SELECT
    toegangslog.volgnummer,
    toegangslog.gelogd_op,
    toegangslog.correlatie_id,
    toegangslog.dossier_id,
    toegangslog.bron,
    toegangslog.operatie,
    toegangslog.object,
    toegangslog.doel,
    toegangslog.rechtsgrond,
    toegangslog.hoedanigheid,
    toegangslog.namens,
    toegangslog.rij_hash,
    toegangslog.keten_hash
FROM hub.toegangslog
WHERE toegangslog.maand = :maand
ORDER BY toegangslog.volgnummer;

-- name: head
-- The end of the newest batch, or of the newest closed segment when nothing follows it.
SELECT
    laatste.maand,
    laatste.volgnummer,
    laatste.keten_hash
FROM (
    (
        SELECT
            toegangslog.maand,
            toegangslog.volgnummer,
            toegangslog.keten_hash
        FROM hub.toegangslog
        WHERE toegangslog.keten_hash IS NOT NULL
        ORDER BY toegangslog.maand DESC, toegangslog.volgnummer DESC
        LIMIT 1
    )
    UNION ALL
    (
        SELECT
            toegangslog_segment.maand,
            toegangslog_segment.laatste,
            toegangslog_segment.keten_hash
        FROM hub.toegangslog_segment
        ORDER BY toegangslog_segment.maand DESC
        LIMIT 1
    )
) AS laatste
ORDER BY laatste.maand DESC, laatste.volgnummer DESC
LIMIT 1;
