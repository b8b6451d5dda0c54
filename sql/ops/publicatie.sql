-- Publications of the marts.

-- name: limit
-- No statement of this transaction takes longer.
SELECT set_config('statement_timeout', :duur, TRUE);

-- name: lock
-- One publication at a time; the next one sees what this one left.
SELECT pg_advisory_xact_lock(7203115);

-- name: last
SELECT
    publicatie.publicatie_id,
    publicatie.peildatum,
    publicatie.regelversie,
    publicatie.behouden,
    publicatie.gepubliceerd_op
FROM rapportage.publicatie
ORDER BY publicatie.gepubliceerd_op DESC, publicatie.publicatie_id DESC
LIMIT 1;

-- name: note
INSERT INTO rapportage.publicatie
(peildatum, regelversie, vernieuwd, behouden, cellen, afgeschermd, ruim)
VALUES (:peildatum, :regelversie, :vernieuwd, :behouden, :cellen, :afgeschermd, :ruim);

-- name: counted
SELECT
    publicatie_telling.sleutels,
    publicatie_telling.aantal
FROM rapportage.publicatie_telling
WHERE publicatie_telling.mart = :mart;

-- name: forget_counted
DELETE FROM rapportage.publicatie_telling
WHERE publicatie_telling.mart = :mart;

-- name: copy_counted
COPY rapportage.publicatie_telling (mart, sleutels, aantal) FROM STDIN;

-- name: stand
-- Of which day each mart is, for who reads published figures only.
SELECT
    mart_stand.mart,
    mart_stand.peildatum,
    mart_stand.gepubliceerd_op,
    mart_stand.regelversie,
    mart_stand.ruim
FROM rapportage.mart_stand
ORDER BY mart_stand.mart;
