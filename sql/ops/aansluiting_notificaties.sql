-- The messages to residents, beside what the receiver holds.

-- name: messages
-- Every message of the ledger to Notificaties: one row each.
SELECT
    bericht.bericht_id,
    bericht.sleutel,
    bericht.kenmerk,
    bericht.stand
FROM hub.bericht
WHERE bericht.bestemming = 'notificaties'
ORDER BY bericht.volgorde;
