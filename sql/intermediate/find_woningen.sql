-- The dwelling of each dossier of a batch.

-- name: to_find
-- Dossiers whose dwelling was never looked for, or whose look is older than the register's answer
-- is good for; whether the address changed is seen by its hash.
SELECT
    crm_dossier.dossier_id,
    crm_dossier.consulent,
    crm_dossier.straat,
    crm_dossier.huisnummer,
    crm_dossier.busnummer,
    crm_dossier.postcode,
    crm_dossier.gemeente,
    dossier_woning.adres_hash,
    coalesce(
        dossier_woning.uitkomst = 'geweigerd'
        OR dossier_woning.gezocht_op < now() - make_interval(days => :geldig_dagen),
        TRUE
    ) AS verlopen
FROM hub.batch_dossier
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
LEFT JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
WHERE batch_dossier.batch_id = :batch_id AND batch_dossier.uitkomst IS NULL
ORDER BY crm_dossier.dossier_id;

-- name: create_found
CREATE TEMPORARY TABLE gevonden (
    dossier_id uuid PRIMARY KEY,
    uitkomst text NOT NULL,
    pad text NOT NULL,
    score numeric,
    kandidaten jsonb NOT NULL,
    adres_hash bytea NOT NULL,
    gezocht_op timestamptz NOT NULL,
    adres_id text,
    gebouweenheid_id text,
    gebouw_id text
) ON COMMIT DROP;

-- name: copy
COPY gevonden (
    dossier_id, uitkomst, pad, score, kandidaten, adres_hash, gezocht_op, adres_id,
    gebouweenheid_id, gebouw_id
) FROM STDIN;

-- name: add_woningen_with_unit
INSERT INTO hub.woning AS bekend (gebouweenheid_id, adres_id, gebouw_id)
SELECT DISTINCT ON (gevonden.gebouweenheid_id)
    gevonden.gebouweenheid_id,
    gevonden.adres_id,
    gevonden.gebouw_id
FROM gevonden
WHERE gevonden.gebouweenheid_id IS NOT NULL
ON CONFLICT (gebouweenheid_id) DO UPDATE SET
    adres_id = excluded.adres_id,
    gebouw_id = excluded.gebouw_id
WHERE (bekend.adres_id, bekend.gebouw_id) IS DISTINCT FROM (excluded.adres_id, excluded.gebouw_id);

-- name: add_woningen_without_unit
INSERT INTO hub.woning (adres_id)
SELECT DISTINCT gevonden.adres_id
FROM gevonden
WHERE
    gevonden.uitkomst = 'gevonden'
    AND gevonden.gebouweenheid_id IS NULL
ON CONFLICT (adres_id) WHERE gebouweenheid_id IS NULL DO NOTHING;

-- name: link
INSERT INTO hub.dossier_woning (
    dossier_id, woning_id, uitkomst, pad, score, kandidaten, adres_hash, gezocht_op
)
SELECT
    gevonden.dossier_id,
    coalesce(met_eenheid.woning_id, zonder_eenheid.woning_id) AS woning_id,
    gevonden.uitkomst,
    gevonden.pad,
    gevonden.score,
    gevonden.kandidaten,
    gevonden.adres_hash,
    gevonden.gezocht_op
FROM gevonden
LEFT JOIN hub.woning AS met_eenheid
    ON gevonden.gebouweenheid_id = met_eenheid.gebouweenheid_id
LEFT JOIN hub.woning AS zonder_eenheid
    ON
        gevonden.uitkomst = 'gevonden'
        AND gevonden.gebouweenheid_id IS NULL
        AND gevonden.adres_id = zonder_eenheid.adres_id
        AND zonder_eenheid.gebouweenheid_id IS NULL
ON CONFLICT (dossier_id) DO UPDATE SET
    woning_id = excluded.woning_id,
    uitkomst = excluded.uitkomst,
    pad = excluded.pad,
    score = excluded.score,
    kandidaten = excluded.kandidaten,
    adres_hash = excluded.adres_hash,
    gezocht_op = excluded.gezocht_op;

-- name: found_woningen
SELECT
    gevonden.dossier_id,
    dossier_woning.woning_id
FROM gevonden
INNER JOIN hub.dossier_woning ON gevonden.dossier_id = dossier_woning.dossier_id
WHERE dossier_woning.woning_id IS NOT NULL;
