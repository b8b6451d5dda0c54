-- The owner's code lists as they were read last.

-- name: age
-- Seconds since each list was read.
SELECT
    codelijst.codetype,
    extract(EPOCH FROM now() - min(codelijst.opgehaald_op))::double precision AS seconden
FROM hub.codelijst
WHERE codelijst.taal = :taal
GROUP BY codelijst.codetype;

-- name: put
INSERT INTO hub.codelijst (codetype, taal, code, tekst)
SELECT
    :codetype AS codetype,
    :taal AS taal,
    nieuw.code,
    nieuw.tekst
FROM unnest(cast(:codes AS text[]), cast(:teksten AS text[])) AS nieuw (code, tekst)
ORDER BY nieuw.code
ON CONFLICT (codetype, taal, code) DO UPDATE SET
    tekst = excluded.tekst,
    opgehaald_op = excluded.opgehaald_op;

-- name: drop_gone
DELETE FROM hub.codelijst
WHERE
    codelijst.codetype = :codetype
    AND codelijst.taal = :taal
    AND NOT codelijst.code = any(cast(:codes AS text[]));

-- name: read
SELECT
    codelijst.codetype,
    codelijst.code,
    codelijst.opgehaald_op
FROM hub.codelijst
WHERE codelijst.taal = :taal;
