-- The dwellings of a batch for which a source can have something new to say, and what it said.

-- name: to_ask
-- One dossier speaks for a dwelling; one without unit is told by its address as the register spells
-- it. A source is asked again when its answer can have changed: it
-- was never asked or is past its date, or the register has moved the dwelling or its parcel since.
WITH adres AS (
    SELECT
        gegeven.woning_id,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'straatnaam') AS straat,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'huisnummer') AS huisnummer,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'busnummer') AS busnummer,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'postcode') AS postcode,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'positie') AS positie,
        jsonb_object_agg(gegeven.onderdeel, cast(gegeven.waarde AS jsonb))
        FILTER (WHERE gegeven.veld = 'perceel') AS percelen,
        max(gegeven.opgehaald_op) FILTER (WHERE gegeven.veld IN ('positie', 'perceel')) AS gelegd_op
    FROM hub.batch_dossier
    INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
    INNER JOIN hub.gegeven ON dossier_woning.woning_id = gegeven.woning_id
    WHERE
        batch_dossier.batch_id = :batch_id
        AND gegeven.vervangen_op IS NULL
        AND gegeven.bron IN ('basisregisters', 'ligging')
    GROUP BY gegeven.woning_id
)

SELECT DISTINCT ON (woning.woning_id)
    woning.woning_id,
    woning.gebouweenheid_id,
    woning.gebouw_id,
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
    crm_dossier.gemeente,
    adres.positie,
    coalesce(adres.percelen, '{}') AS percelen
FROM hub.batch_dossier
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
INNER JOIN hub.woning ON dossier_woning.woning_id = woning.woning_id
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
LEFT JOIN adres ON woning.woning_id = adres.woning_id
LEFT JOIN hub.bronstand ON woning.woning_id = bronstand.woning_id AND bronstand.bron = :bron
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND (
        bronstand.woning_id IS NULL
        OR bronstand.opnieuw_na <= now()
        OR (:volgt_ligging AND adres.gelegd_op > bronstand.gevraagd_op)
    )
ORDER BY woning.woning_id, crm_dossier.dossier_id;

-- name: create_asked
CREATE TEMPORARY TABLE gevraagd (
    woning_id uuid PRIMARY KEY,
    uitkomst text NOT NULL,
    reden text,
    fout text,
    gevraagd_op timestamptz NOT NULL,
    opnieuw_na timestamptz NOT NULL
) ON COMMIT DROP;

-- name: copy
COPY gevraagd (woning_id, uitkomst, reden, fout, gevraagd_op, opnieuw_na) FROM STDIN;

-- name: note_asked
INSERT INTO hub.bronstand (woning_id, bron, uitkomst, reden, gevraagd_op, opnieuw_na)
SELECT
    gevraagd.woning_id,
    :bron AS bron,
    gevraagd.uitkomst,
    gevraagd.reden,
    gevraagd.gevraagd_op,
    gevraagd.opnieuw_na
FROM gevraagd
ON CONFLICT (woning_id, bron) DO UPDATE SET
    uitkomst = excluded.uitkomst,
    reden = excluded.reden,
    gevraagd_op = excluded.gevraagd_op,
    opnieuw_na = excluded.opnieuw_na;

-- name: keep_refused
INSERT INTO hub.quarantaine (model, object_id, redenen, regels, herkomst)
SELECT
    :bron AS model,
    gevraagd.woning_id::text AS object_id,
    ARRAY[gevraagd.fout] AS redenen,
    ARRAY['antwoord_klopt'] AS regels,
    :bron AS herkomst
FROM gevraagd
WHERE gevraagd.uitkomst = 'geweigerd'
ON CONFLICT (model, object_id) WHERE opgelost_op IS NULL DO UPDATE SET
    redenen = excluded.redenen,
    laatst_gezien_op = now();

-- name: release
-- The source answered as it should.
UPDATE hub.quarantaine SET opgelost_op = now()
FROM gevraagd
WHERE
    quarantaine.model = :bron
    AND quarantaine.object_id = gevraagd.woning_id::text
    AND quarantaine.opgelost_op IS NULL
    AND gevraagd.uitkomst IN ('gevonden', 'geen');

-- name: dossiers_of
SELECT batch_dossier.dossier_id
FROM hub.batch_dossier
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND dossier_woning.woning_id = any(cast(:woning_ids AS uuid[]));
