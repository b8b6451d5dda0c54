-- One row per dossier, by pseudonym. Only what changed is written. What waits in quarantine is not
-- here: nothing of a row that breaks a rule reaches a figure.

-- name: merge
WITH huidig_gegeven AS (
    SELECT
        gegeven.woning_id,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'epc_label') AS epc_label,
        bool_or(gegeven.afgeleid) FILTER (WHERE gegeven.veld = 'epc_label') AS epc_label_afgeleid,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'epc_kengetal')::numeric AS epc_kengetal,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'bouwjaar')::integer AS bouwjaar
    FROM hub.gegeven
    WHERE
        gegeven.vervangen_op IS NULL
        AND gegeven.veld IN ('epc_label', 'epc_kengetal', 'bouwjaar')
    GROUP BY gegeven.woning_id
),

laatste_status AS (
    SELECT DISTINCT ON (bericht.dossier_id)
        bericht.dossier_id,
        bericht.kenmerk,
        bericht.stand
    FROM hub.bericht
    WHERE bericht.bestemming = 'dosis'
    ORDER BY bericht.dossier_id, bericht.volgorde DESC
),

laatste_aanmelding AS (
    SELECT DISTINCT ON (bericht.dossier_id)
        bericht.dossier_id,
        bericht.stand
    FROM hub.bericht
    WHERE bericht.soort = 'aanmelding'
    ORDER BY bericht.dossier_id, bericht.volgorde DESC
),

feiten AS (
    SELECT
        crm_dossier.pseudoniem AS dossier_pseudoniem,
        crm_dossier.postcode,
        crm_vraag.kanaal,
        date_trunc('month', crm_vraag.ontvangen_op AT TIME ZONE 'Europe/Brussels')::date
            AS vraag_maand,
        crm_dossier.start_akkoord,
        stand_dossier.stand,
        dossier_woning.uitkomst AS woning_uitkomst,
        huidig_gegeven.epc_label,
        huidig_gegeven.epc_label_afgeleid,
        huidig_gegeven.epc_kengetal,
        huidig_gegeven.bouwjaar,
        laatste_aanmelding.stand AS aanmelding_stand,
        laatste_status.kenmerk AS dossierstatus,
        laatste_status.stand AS dossierstatus_stand
    FROM bron.crm_dossier
    INNER JOIN hub.stand_dossier ON crm_dossier.dossier_id = stand_dossier.dossier_id
    LEFT JOIN bron.crm_vraag ON crm_dossier.vraag_id = crm_vraag.vraag_id
    LEFT JOIN hub.dossier_woning ON crm_dossier.dossier_id = dossier_woning.dossier_id
    LEFT JOIN huidig_gegeven ON dossier_woning.woning_id = huidig_gegeven.woning_id
    LEFT JOIN laatste_aanmelding ON crm_dossier.dossier_id = laatste_aanmelding.dossier_id
    LEFT JOIN laatste_status ON crm_dossier.dossier_id = laatste_status.dossier_id
    WHERE
        NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'stg_dossier'
                AND quarantaine.object_id = crm_dossier.dossier_id::text
                AND quarantaine.opgelost_op IS NULL
        )
)

INSERT INTO rapportage.fct_dossier AS bekend (
    dossier_pseudoniem, postcode, kanaal, vraag_maand, start_akkoord, stand, woning_uitkomst,
    epc_label, epc_label_afgeleid, epc_kengetal, bouwjaar, aanmelding_stand, dossierstatus,
    dossierstatus_stand, geladen_op
)
SELECT
    feiten.dossier_pseudoniem,
    feiten.postcode,
    feiten.kanaal,
    feiten.vraag_maand,
    feiten.start_akkoord,
    feiten.stand,
    feiten.woning_uitkomst,
    feiten.epc_label,
    feiten.epc_label_afgeleid,
    feiten.epc_kengetal,
    feiten.bouwjaar,
    feiten.aanmelding_stand,
    feiten.dossierstatus,
    feiten.dossierstatus_stand,
    now() AS geladen_op
FROM feiten
ON CONFLICT (dossier_pseudoniem) DO UPDATE SET
    postcode = excluded.postcode,
    kanaal = excluded.kanaal,
    vraag_maand = excluded.vraag_maand,
    start_akkoord = excluded.start_akkoord,
    stand = excluded.stand,
    woning_uitkomst = excluded.woning_uitkomst,
    epc_label = excluded.epc_label,
    epc_label_afgeleid = excluded.epc_label_afgeleid,
    epc_kengetal = excluded.epc_kengetal,
    bouwjaar = excluded.bouwjaar,
    aanmelding_stand = excluded.aanmelding_stand,
    dossierstatus = excluded.dossierstatus,
    dossierstatus_stand = excluded.dossierstatus_stand,
    geladen_op = excluded.geladen_op
WHERE
(
    bekend.postcode, bekend.kanaal, bekend.vraag_maand, bekend.start_akkoord, bekend.stand,
    bekend.woning_uitkomst, bekend.epc_label, bekend.epc_label_afgeleid, bekend.epc_kengetal,
    bekend.bouwjaar, bekend.aanmelding_stand, bekend.dossierstatus, bekend.dossierstatus_stand
) IS DISTINCT FROM (
    excluded.postcode, excluded.kanaal, excluded.vraag_maand, excluded.start_akkoord,
    excluded.stand, excluded.woning_uitkomst, excluded.epc_label, excluded.epc_label_afgeleid,
    excluded.epc_kengetal, excluded.bouwjaar, excluded.aanmelding_stand,
    excluded.dossierstatus, excluded.dossierstatus_stand
);

-- name: remove
DELETE FROM rapportage.fct_dossier
WHERE NOT EXISTS (
    SELECT 1 FROM bron.crm_dossier
    WHERE
        crm_dossier.pseudoniem = fct_dossier.dossier_pseudoniem
        AND crm_dossier.verwijderd_op IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'stg_dossier'
                AND quarantaine.object_id = crm_dossier.dossier_id::text
                AND quarantaine.opgelost_op IS NULL
        )
);

-- name: note
INSERT INTO rapportage.lading (model, nieuw_of_gewijzigd, verwijderd)
VALUES ('fct_dossier', :nieuw_of_gewijzigd, :verwijderd);
