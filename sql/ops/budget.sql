-- How many messages a worker may send at once: one budget per destination, taken in leased blocks.

-- name: lock
-- One worker at a time counts; messages can be written down meanwhile.
SELECT
    kanaal.max_gelijktijdig,
    kanaal.gestopt_op IS NOT NULL AS gestopt
FROM hub.kanaal
WHERE kanaal.bestemming = :bestemming
FOR NO KEY UPDATE;

-- name: sweep
DELETE FROM hub.budget
WHERE bestemming = :bestemming AND geldig_tot < now() AND houder <> :houder;

-- name: others
SELECT
    count(*) AS houders,
    coalesce(sum(plaatsen), 0) AS plaatsen
FROM hub.budget
WHERE bestemming = :bestemming AND houder <> :houder;

-- name: take
INSERT INTO hub.budget (bestemming, houder, plaatsen, geldig_tot)
VALUES (:bestemming, :houder, :plaatsen, now() + make_interval(secs => :seconden))
ON CONFLICT (bestemming, houder) DO UPDATE SET
    plaatsen = excluded.plaatsen,
    geldig_tot = excluded.geldig_tot;

-- name: give_back
DELETE FROM hub.budget
WHERE bestemming = :bestemming AND houder = :houder;
