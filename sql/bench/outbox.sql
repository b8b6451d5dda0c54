-- The peer of the push benchmark: a plain outbox, one row per commit.

-- name: create
CREATE TABLE hub.outbox (
    sleutel text PRIMARY KEY,
    verzonden_op timestamptz
);
CREATE INDEX outbox_wachtend ON hub.outbox (sleutel) WHERE verzonden_op IS NULL;

-- name: copy
COPY hub.outbox (sleutel) FROM STDIN;

-- name: look
SELECT sleutel
FROM hub.outbox
ORDER BY sleutel
LIMIT 1;

-- name: take
SELECT sleutel
FROM hub.outbox
WHERE verzonden_op IS NULL
ORDER BY sleutel
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: mark
UPDATE hub.outbox SET verzonden_op = now()
WHERE sleutel = :sleutel;
