-- The dwellings of a batch for which a source can have something new to say, and what it said.

-- name: to_ask
-- One dossier speaks for a dwelling. A source is asked again when its answer can have changed: it
-- was never asked or is past its date, or the register has moved the dwelling or its parcel since.
SELECT DISTINCT ON (woning.woning_id)
    woning.woning_id,
    woning.gebouweenheid_id,
    woning.adres_id,
    crm_dossier.dossier_id,
    crm_dossier.consulent,
    crm_dossier.straat,
    crm_dossier.huisnummer,
    crm_dossier.busnummer,
    crm_dossier.postcode,
    crm_dossier.gemeente,
    (
        SELECT gegeven.waarde FROM hub.gegeven
        WHERE
            gegeven.woning_id = woning.woning_id
            AND gegeven.veld = 'positie'
            AND gegeven.vervangen_op IS NULL
    ) AS positie,
    (
        SELECT coalesce(jsonb_object_agg(gegeven.onderdeel, cast(gegeven.waarde AS jsonb)), '{}')
        FROM hub.gegeven
        WHERE
            gegeven.woning_id = woning.woning_id
            AND gegeven.veld = 'perceel'
            AND gegeven.vervangen_op IS NULL
    ) AS percelen
FROM hub.batch_dossier
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
INNER JOIN hub.woning ON dossier_woning.woning_id = woning.woning_id
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
LEFT JOIN hub.bronstand ON woning.woning_id = bronstand.woning_id AND bronstand.bron = :bron
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND (
        bronstand.woning_id IS NULL
        OR bronstand.opnieuw_na <= now()
        OR (
            :volgt_ligging
            AND EXISTS (
                SELECT 1 FROM hub.gegeven
                WHERE
                    gegeven.woning_id = woning.woning_id
                    AND gegeven.veld IN ('positie', 'perceel')
                    AND gegeven.vervangen_op IS NULL
                    AND gegeven.opgehaald_op > bronstand.gevraagd_op
            )
        )
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
INSERT INTO hub.quarantaine (model, object_id, redenen)
SELECT
    :bron AS model,
    gevraagd.woning_id::text AS object_id,
    ARRAY[gevraagd.fout] AS redenen
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
