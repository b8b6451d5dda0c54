-- The energy certificates as they came, each kept once.

-- name: create
CREATE TEMPORARY TABLE landing_epc (LIKE bron.epc) ON COMMIT DROP;

-- name: copy
COPY landing_epc (
    attestnummer, epc_id, adres_id, gebouweenheid_ids, actief, status, datum_ingediend,
    datum_geldigheid, inhoud, inhoud_hash, opgehaald_op
) FROM STDIN;

-- name: merge
INSERT INTO bron.epc AS bekend (
    attestnummer, epc_id, adres_id, gebouweenheid_ids, actief, status, datum_ingediend,
    datum_geldigheid, inhoud, inhoud_hash, opgehaald_op
)
SELECT DISTINCT ON (landing_epc.attestnummer)
    landing_epc.attestnummer,
    landing_epc.epc_id,
    landing_epc.adres_id,
    landing_epc.gebouweenheid_ids,
    landing_epc.actief,
    landing_epc.status,
    landing_epc.datum_ingediend,
    landing_epc.datum_geldigheid,
    landing_epc.inhoud,
    landing_epc.inhoud_hash,
    landing_epc.opgehaald_op
FROM landing_epc
ORDER BY landing_epc.attestnummer
ON CONFLICT (attestnummer) DO UPDATE SET
    epc_id = excluded.epc_id,
    adres_id = excluded.adres_id,
    gebouweenheid_ids = excluded.gebouweenheid_ids,
    actief = excluded.actief,
    status = excluded.status,
    datum_ingediend = excluded.datum_ingediend,
    datum_geldigheid = excluded.datum_geldigheid,
    inhoud = excluded.inhoud,
    inhoud_hash = excluded.inhoud_hash,
    opgehaald_op = excluded.opgehaald_op
WHERE bekend.inhoud_hash IS DISTINCT FROM excluded.inhoud_hash;
