-- What a source takes: one budget per host, taken in leased blocks by every worker that asks.

-- name: open
INSERT INTO hub.bronbudget (host, grens, hoogstens, bekend)
VALUES (:host, :grens, :hoogstens, :bekend)
ON CONFLICT (host) DO NOTHING;

-- name: lock
-- One worker at a time counts. Times come as seconds from now, or ago.
SELECT
    bronbudget.grens,
    bronbudget.hoogstens,
    bronbudget.bekend,
    bronbudget.gelukt,
    bronbudget.proef_pauze,
    greatest(
        extract(EPOCH FROM bronbudget.gepauzeerd_tot - now())::float8, 0
    ) AS pauze,
    extract(EPOCH FROM now() - bronbudget.verlaagd_op)::float8 AS sinds_verlaging,
    greatest(
        extract(EPOCH FROM bronbudget.proef_na - now())::float8, 0
    ) AS tot_proef,
    CASE WHEN bronbudget.proef_tot > now() THEN bronbudget.proef_van END AS proef_van
FROM hub.bronbudget
WHERE bronbudget.host = :host
FOR NO KEY UPDATE;

-- name: sweep
DELETE FROM hub.bronbudget_houder
WHERE host = :host AND geldig_tot < now() AND houder <> :houder;

-- name: others
SELECT
    bronbudget_houder.plaatsen,
    bronbudget_houder.gewenst
FROM hub.bronbudget_houder
WHERE bronbudget_houder.host = :host AND bronbudget_houder.houder <> :houder;

-- name: take
INSERT INTO hub.bronbudget_houder (host, houder, plaatsen, gewenst, geldig_tot)
VALUES (
    :host, :houder, :plaatsen, :gewenst, now() + make_interval(secs => cast(:seconden AS float8))
)
ON CONFLICT (host, houder) DO UPDATE SET
    plaatsen = excluded.plaatsen,
    gewenst = excluded.gewenst,
    geldig_tot = excluded.geldig_tot;

-- name: give_back
DELETE FROM hub.bronbudget_houder
WHERE host = :host AND houder = :houder;

-- name: learn
UPDATE hub.bronbudget SET
    grens = :grens,
    hoogstens = :hoogstens,
    bekend = :bekend,
    gelukt = :gelukt,
    gepauzeerd_tot = now() + make_interval(secs => cast(:pauze AS float8)),
    verlaagd_op = now() - make_interval(secs => cast(:sinds_verlaging AS float8)),
    proef_van = cast(:proef_van AS text),
    proef_tot = now() + make_interval(secs => cast(:seconden AS float8)),
    proef_na = now() + make_interval(secs => cast(:tot_proef AS float8)),
    proef_pauze = :proef_pauze
WHERE host = :host;

-- name: close_block
-- What was sent of a block counts from now; what was not is free again.
UPDATE hub.bronbudget_minuut SET
    aantal = :aantal,
    geldig_tot = now()
WHERE host = :host AND houder = :houder AND volgnummer = :volgnummer;

-- name: drop_block
DELETE FROM hub.bronbudget_minuut
WHERE host = :host AND houder = :houder AND volgnummer = :volgnummer;

-- name: sweep_blocks
DELETE FROM hub.bronbudget_minuut
WHERE host = :host AND geldig_tot < now() - make_interval(secs => cast(:venster AS float8));

-- name: count_blocks
SELECT coalesce(sum(bronbudget_minuut.aantal), 0) AS aantal
FROM hub.bronbudget_minuut
WHERE
    bronbudget_minuut.host = :host
    AND bronbudget_minuut.geldig_tot >= now() - make_interval(secs => cast(:venster AS float8));

-- name: open_block
INSERT INTO hub.bronbudget_minuut (host, houder, volgnummer, aantal, geldig_tot)
VALUES (
    :host, :houder, :volgnummer, :aantal, now() + make_interval(secs => cast(:seconden AS float8))
);
