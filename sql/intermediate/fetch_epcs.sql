-- The energy certificates of the dwellings of a batch.

-- name: to_ask
-- One dossier speaks for a dwelling; a source that was asked lately has nothing new to say. A
-- dwelling without unit is asked by its address as the register spells it.
WITH adres AS (
    SELECT
        gegeven.woning_id,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'straatnaam') AS straat,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'huisnummer') AS huisnummer,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'busnummer') AS busnummer,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'postcode') AS postcode
    FROM hub.batch_dossier
    INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
    INNER JOIN hub.gegeven ON dossier_woning.woning_id = gegeven.woning_id
    WHERE
        batch_dossier.batch_id = :batch_id
        AND gegeven.vervangen_op IS NULL
        AND gegeven.bron = 'basisregisters'
    GROUP BY gegeven.woning_id
)

SELECT DISTINCT ON (woning.woning_id)
    woning.woning_id,
    woning.gebouweenheid_id,
    woning.adres_id,
    crm_dossier.dossier_id,
    crm_dossier.consulent,
    coalesce(adres.straat, crm_dossier.straat) AS straat,
    coalesce(adres.huisnummer, crm_dossier.huisnummer) AS huisnummer,
    CASE
        WHEN adres.huisnummer IS NULL THEN crm_dossier.busnummer
        ELSE adres.busnummer
    END AS busnummer,
    coalesce(adres.postcode, crm_dossier.postcode) AS postcode,
    crm_dossier.gemeente
FROM hub.batch_dossier
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
INNER JOIN hub.woning ON dossier_woning.woning_id = woning.woning_id
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
LEFT JOIN adres ON woning.woning_id = adres.woning_id
LEFT JOIN hub.bronstand ON woning.woning_id = bronstand.woning_id AND bronstand.bron = 'epc'
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND NOT batch_dossier.opnieuw
    AND (bronstand.woning_id IS NULL OR bronstand.opnieuw_na < now())
ORDER BY woning.woning_id, crm_dossier.dossier_id;

-- name: create_epcs
CREATE TEMPORARY TABLE landing_epc (LIKE bron.epc) ON COMMIT DROP;

-- name: copy
COPY landing_epc (
    attestnummer, epc_id, adres_id, gebouweenheid_ids, actief, status, datum_ingediend,
    datum_geldigheid, inhoud, inhoud_hash, opgehaald_op
) FROM STDIN;

-- name: merge_epcs
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

-- name: create_asked
CREATE TEMPORARY TABLE gevraagd (
    woning_id uuid PRIMARY KEY,
    uitkomst text NOT NULL,
    gevraagd_op timestamptz NOT NULL,
    opnieuw_na timestamptz NOT NULL
) ON COMMIT DROP;

-- name: copy_asked
COPY gevraagd (woning_id, uitkomst, gevraagd_op, opnieuw_na) FROM STDIN;

-- name: note_asked
INSERT INTO hub.bronstand (woning_id, bron, uitkomst, gevraagd_op, opnieuw_na)
SELECT
    gevraagd.woning_id,
    'epc' AS bron,
    gevraagd.uitkomst,
    gevraagd.gevraagd_op,
    gevraagd.opnieuw_na
FROM gevraagd
ON CONFLICT (woning_id, bron) DO UPDATE SET
    uitkomst = excluded.uitkomst,
    gevraagd_op = excluded.gevraagd_op,
    opnieuw_na = excluded.opnieuw_na;

-- name: dossiers_of
SELECT batch_dossier.dossier_id
FROM hub.batch_dossier
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND dossier_woning.woning_id = any(cast(:woning_ids AS uuid[]));
