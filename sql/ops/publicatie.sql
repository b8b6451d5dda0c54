-- Publications of the marts.

-- name: lock
-- One publication at a time; the next one sees what this one left.
SELECT pg_advisory_xact_lock(7203115);

-- name: last
SELECT
    publicatie.peildatum,
    publicatie.regelversie,
    publicatie.behouden,
    publicatie.gepubliceerd_op
FROM rapportage.publicatie
ORDER BY publicatie.gepubliceerd_op DESC, publicatie.publicatie_id DESC
LIMIT 1;

-- name: note
INSERT INTO rapportage.publicatie
(peildatum, regelversie, vernieuwd, behouden, cellen, afgeschermd)
VALUES (:peildatum, :regelversie, :vernieuwd, :behouden, :cellen, :afgeschermd);
