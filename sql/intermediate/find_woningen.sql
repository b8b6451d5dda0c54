-- The dwelling of each dossier of a batch.

-- name: to_find
-- Dossiers whose dwelling was never looked for, or whose look is older than the register's answer
-- is good for; whether the address changed is seen by its hash. What an earlier look found stands
-- beside it, with the versions (ETag) of the objects.
SELECT
    crm_dossier.dossier_id,
    crm_dossier.consulent,
    crm_dossier.straat,
    crm_dossier.huisnummer,
    crm_dossier.busnummer,
    crm_dossier.postcode,
    crm_dossier.gemeente,
    dossier_woning.uitkomst,
    dossier_woning.adres_hash,
    dossier_woning.kandidaten,
    dossier_woning.keuze,
    dossier_woning.keuze_stap_id,
    dossier_woning.adres_id,
    dossier_woning.adres_etag,
    dossier_woning.gebouweenheid_etag,
    woning.gebouweenheid_id,
    coalesce(
        dossier_woning.uitkomst = 'geweigerd'
        OR dossier_woning.gezocht_op < now() - make_interval(days => :geldig_dagen),
        TRUE
    ) AS verlopen,
    -- The register told of a change: other units may stand at an address that is the same.
    exists(
        SELECT 1 FROM hub.inbox
        WHERE
            inbox.batch_id = :batch_id
            AND inbox.verwerkt_op IS NULL
            AND inbox.soort = 'dossier'
            AND inbox.object_id = crm_dossier.dossier_id::text
            AND starts_with(inbox.versie, 'basisregisters ')
    ) AS gewijzigd
FROM hub.batch_dossier
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
LEFT JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
LEFT JOIN hub.woning ON dossier_woning.woning_id = woning.woning_id
WHERE batch_dossier.batch_id = :batch_id AND batch_dossier.uitkomst IS NULL
ORDER BY crm_dossier.dossier_id;

-- name: choices
-- What consultants filled in on the tasks of the hub that ask for the dwelling; the latest last.
SELECT
    crm_stap.stap_id,
    crm_stap.sleutel,
    crm_stap.keuze
FROM hub.batch_dossier
INNER JOIN bron.crm_stap ON batch_dossier.dossier_id = crm_stap.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND crm_stap.soort = 'woning_kiezen'
    AND crm_stap.sleutel IS NOT NULL
    AND crm_stap.keuze IS NOT NULL
    AND crm_stap.verwijderd_op IS NULL
ORDER BY crm_stap.gekozen_op, crm_stap.stap_id;

-- name: note_unchanged
-- Looked at again and found the same: nothing but the moment is written.
UPDATE hub.dossier_woning SET gezocht_op = now()
WHERE dossier_id = any(cast(:dossier_ids AS uuid[]));

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
    gebouw_id text,
    adres_ids text[] NOT NULL,
    keuze text,
    keuze_stap_id uuid,
    adres_etag text,
    gebouweenheid_etag text
) ON COMMIT DROP;

-- name: copy
COPY gevonden (
    dossier_id, uitkomst, pad, score, kandidaten, adres_hash, gezocht_op, adres_id,
    gebouweenheid_id, gebouw_id, adres_ids, keuze, keuze_stap_id, adres_etag, gebouweenheid_etag
) FROM STDIN;

-- name: add_woningen_with_unit
-- A unit may have several addresses: the one by which it is known stays while it is one of them.
INSERT INTO hub.woning AS bekend (gebouweenheid_id, adres_id, gebouw_id)
SELECT DISTINCT ON (gevonden.gebouweenheid_id)
    gevonden.gebouweenheid_id,
    CASE
        WHEN eerder.adres_id = any(gevonden.adres_ids) THEN eerder.adres_id
        ELSE gevonden.adres_id
    END AS adres_id,
    gevonden.gebouw_id
FROM gevonden
LEFT JOIN hub.woning AS eerder ON gevonden.gebouweenheid_id = eerder.gebouweenheid_id
WHERE gevonden.uitkomst = 'gevonden' AND gevonden.gebouweenheid_id IS NOT NULL
ORDER BY gevonden.gebouweenheid_id, gevonden.dossier_id
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
    dossier_id, woning_id, uitkomst, pad, score, kandidaten, adres_hash, gezocht_op, adres_id,
    keuze, keuze_stap_id, adres_etag, gebouweenheid_etag
)
SELECT
    gevonden.dossier_id,
    coalesce(met_eenheid.woning_id, zonder_eenheid.woning_id) AS woning_id,
    gevonden.uitkomst,
    gevonden.pad,
    gevonden.score,
    gevonden.kandidaten,
    gevonden.adres_hash,
    gevonden.gezocht_op,
    gevonden.adres_id,
    gevonden.keuze,
    gevonden.keuze_stap_id,
    gevonden.adres_etag,
    gevonden.gebouweenheid_etag
FROM gevonden
LEFT JOIN hub.woning AS met_eenheid
    ON
        gevonden.uitkomst = 'gevonden'
        AND gevonden.gebouweenheid_id = met_eenheid.gebouweenheid_id
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
    gezocht_op = excluded.gezocht_op,
    adres_id = excluded.adres_id,
    keuze = excluded.keuze,
    keuze_stap_id = excluded.keuze_stap_id,
    adres_etag = excluded.adres_etag,
    gebouweenheid_etag = excluded.gebouweenheid_etag;

-- name: found_woningen
SELECT
    gevonden.dossier_id,
    woning.woning_id,
    woning.adres_id
FROM gevonden
INNER JOIN hub.dossier_woning ON gevonden.dossier_id = dossier_woning.dossier_id
INNER JOIN hub.woning ON dossier_woning.woning_id = woning.woning_id;
