-- A row that was refused before it could be held against the rules of a model; it is let go when a
-- later version lands. What the rules themselves set apart is written by sql/ops/kwaliteit.sql.

-- name: keep_one
INSERT INTO hub.quarantaine (
    model, object_id, redenen, regels, waarden, persoonsgegevens, sleutel_id, herkomst, versie
)
VALUES (
    :model, :object_id, :redenen, cast(:regels AS text[]), cast(:waarden AS jsonb),
    :persoonsgegevens, :sleutel_id, :herkomst, :versie
)
ON CONFLICT (model, object_id) WHERE opgelost_op IS NULL DO UPDATE SET
    redenen = excluded.redenen,
    regels = excluded.regels,
    waarden = excluded.waarden,
    persoonsgegevens = excluded.persoonsgegevens,
    sleutel_id = excluded.sleutel_id,
    versie = excluded.versie,
    laatst_gezien_op = now();
