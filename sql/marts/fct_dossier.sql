-- One row per counted dossier, by pseudonym: where it stands, and the day on which it reached each
-- step. What waits in quarantine is not here: nothing of a row that breaks a rule reaches a figure.

-- name: create
CREATE TEMPORARY TABLE nieuw_dossier ON COMMIT DROP AS
WITH dag AS (
    SELECT
        nieuw_stap.dossier_pseudoniem,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'vraag') AS vraag_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'start') AS start_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'voorgevuld') AS voorgevuld_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'aangemeld') AS aangemeld_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'ontvangen') AS ontvangen_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'huisbezoek') AS huisbezoek_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'advies') AS advies_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'renovatieplan') AS renovatieplan_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'offertes') AS offertes_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'opdracht') AS opdracht_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'uitvoering') AS uitvoering_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'oplevering') AS oplevering_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'premie') AS premie_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'afgerond') AS afgerond_op,
        max(nieuw_stap.datum) FILTER (WHERE nieuw_stap.stap = 'stopgezet') AS stopgezet_op
    FROM nieuw_stap
    GROUP BY nieuw_stap.dossier_pseudoniem
),

huidig_gegeven AS (
    SELECT
        gegeven.woning_id,
        max(gegeven.waarde) FILTER (WHERE gegeven.veld = 'epc_label') AS epc_label,
        bool_or(gegeven.afgeleid) FILTER (WHERE gegeven.veld = 'epc_label') AS epc_label_afgeleid,
        max(gegeven.waarde) FILTER (
            WHERE gegeven.veld = 'epc_kengetal' AND pg_input_is_valid(gegeven.waarde, 'numeric')
        )::numeric AS epc_kengetal,
        max(gegeven.waarde) FILTER (
            WHERE gegeven.veld = 'bouwjaar' AND pg_input_is_valid(gegeven.waarde, 'integer')
        )::integer AS bouwjaar
    FROM werk_woning
    INNER JOIN hub.gegeven ON werk_woning.woning_id = gegeven.woning_id
    WHERE
        gegeven.vervangen_op IS NULL
        AND gegeven.veld IN ('epc_label', 'epc_kengetal', 'bouwjaar')
    GROUP BY gegeven.woning_id
)

SELECT
    levend_dossier.dossier_pseudoniem,
    levend_dossier.woning_pseudoniem,
    levend_dossier.wijk_code,
    CASE
        WHEN btrim(levend_dossier.postcode) ~ '^[1-9][0-9]{3}$'
            THEN btrim(levend_dossier.postcode)
    END AS postcode,
    CASE
        WHEN crm_vraag.kanaal IS NULL THEN NULL
        WHEN dim_kanaal.kanaal IS NULL THEN 'onbekend'
        ELSE dim_kanaal.kanaal
    END AS kanaal,
    levend_dossier.start_akkoord,
    stand.stand,
    levend_dossier.woning_uitkomst,
    dag.vraag_op,
    dag.start_op,
    dag.voorgevuld_op,
    dag.aangemeld_op,
    dag.ontvangen_op,
    dag.huisbezoek_op,
    dag.advies_op,
    dag.renovatieplan_op,
    dag.offertes_op,
    dag.opdracht_op,
    dag.uitvoering_op,
    dag.oplevering_op,
    dag.premie_op,
    dag.afgerond_op,
    dag.stopgezet_op,
    dag.start_op - dag.vraag_op AS dagen_tot_start,
    dag.advies_op - dag.vraag_op AS dagen_tot_advies,
    dag.afgerond_op - dag.vraag_op AS dagen_tot_afgerond,
    eerste_label.epc_label AS epc_label_start,
    huidig_gegeven.epc_label AS epc_label_nu,
    huidig_gegeven.epc_label_afgeleid,
    huidig_gegeven.epc_kengetal,
    huidig_gegeven.bouwjaar,
    aanmelding.stand AS aanmelding_stand,
    status.kenmerk AS dossierstatus,
    status.stand AS dossierstatus_stand
FROM levend_dossier
-- Per dossier: the view over all of them would be made whole for every slice.
CROSS JOIN
    LATERAL (
        SELECT stand_dossier.stand
        FROM hub.stand_dossier
        WHERE stand_dossier.dossier_id = levend_dossier.dossier_id
        ORDER BY stand_dossier.stand
        LIMIT 1
    ) AS stand
LEFT JOIN dag ON levend_dossier.dossier_pseudoniem = dag.dossier_pseudoniem
LEFT JOIN bron.crm_vraag
    ON levend_dossier.vraag_id = crm_vraag.vraag_id AND crm_vraag.verwijderd_op IS NULL
LEFT JOIN rapportage.dim_kanaal ON crm_vraag.kanaal = dim_kanaal.kanaal
LEFT JOIN huidig_gegeven ON levend_dossier.woning_id = huidig_gegeven.woning_id
-- The label in force on the day of the start, else the first that was known after it.
LEFT JOIN LATERAL (
    SELECT dim_woning.epc_label
    FROM rapportage.dim_woning
    WHERE
        dim_woning.woning_pseudoniem = levend_dossier.woning_pseudoniem
        AND dim_woning.epc_label IS NOT NULL
        AND (dim_woning.geldig_tot IS NULL OR dim_woning.geldig_tot > dag.start_op)
    ORDER BY dim_woning.geldig_van
    LIMIT 1
) AS eerste_label ON TRUE
LEFT JOIN LATERAL (
    SELECT
        CASE
            WHEN bericht.stand IN ('klaar', 'onderweg', 'aangenomen') THEN 'open'
            ELSE bericht.stand
        END AS stand
    FROM hub.bericht
    WHERE bericht.dossier_id = levend_dossier.dossier_id AND bericht.soort = 'aanmelding'
    ORDER BY bericht.volgorde DESC
    LIMIT 1
) AS aanmelding ON TRUE
LEFT JOIN LATERAL (
    SELECT
        bericht.kenmerk,
        CASE
            WHEN bericht.stand IN ('klaar', 'onderweg', 'aangenomen') THEN 'open'
            ELSE bericht.stand
        END AS stand
    FROM hub.bericht
    WHERE bericht.dossier_id = levend_dossier.dossier_id AND bericht.bestemming = 'dosis'
    ORDER BY bericht.volgorde DESC
    LIMIT 1
) AS status ON TRUE;

-- name: merge
INSERT INTO rapportage.fct_dossier AS bekend (
    dossier_pseudoniem, woning_pseudoniem, wijk_code, postcode, kanaal, start_akkoord, stand,
    woning_uitkomst, vraag_op, start_op, voorgevuld_op, aangemeld_op, ontvangen_op,
    huisbezoek_op, advies_op, renovatieplan_op, offertes_op, opdracht_op, uitvoering_op,
    oplevering_op, premie_op, afgerond_op, stopgezet_op, dagen_tot_start, dagen_tot_advies,
    dagen_tot_afgerond, epc_label_start, epc_label_nu, epc_label_afgeleid, epc_kengetal,
    bouwjaar, aanmelding_stand, dossierstatus, dossierstatus_stand
)
SELECT
    nieuw_dossier.dossier_pseudoniem,
    nieuw_dossier.woning_pseudoniem,
    nieuw_dossier.wijk_code,
    nieuw_dossier.postcode,
    nieuw_dossier.kanaal,
    nieuw_dossier.start_akkoord,
    nieuw_dossier.stand,
    nieuw_dossier.woning_uitkomst,
    nieuw_dossier.vraag_op,
    nieuw_dossier.start_op,
    nieuw_dossier.voorgevuld_op,
    nieuw_dossier.aangemeld_op,
    nieuw_dossier.ontvangen_op,
    nieuw_dossier.huisbezoek_op,
    nieuw_dossier.advies_op,
    nieuw_dossier.renovatieplan_op,
    nieuw_dossier.offertes_op,
    nieuw_dossier.opdracht_op,
    nieuw_dossier.uitvoering_op,
    nieuw_dossier.oplevering_op,
    nieuw_dossier.premie_op,
    nieuw_dossier.afgerond_op,
    nieuw_dossier.stopgezet_op,
    nieuw_dossier.dagen_tot_start,
    nieuw_dossier.dagen_tot_advies,
    nieuw_dossier.dagen_tot_afgerond,
    nieuw_dossier.epc_label_start,
    nieuw_dossier.epc_label_nu,
    nieuw_dossier.epc_label_afgeleid,
    nieuw_dossier.epc_kengetal,
    nieuw_dossier.bouwjaar,
    nieuw_dossier.aanmelding_stand,
    nieuw_dossier.dossierstatus,
    nieuw_dossier.dossierstatus_stand
FROM nieuw_dossier
ON CONFLICT (dossier_pseudoniem) DO UPDATE SET
    woning_pseudoniem = excluded.woning_pseudoniem,
    wijk_code = excluded.wijk_code,
    postcode = excluded.postcode,
    kanaal = excluded.kanaal,
    start_akkoord = excluded.start_akkoord,
    stand = excluded.stand,
    woning_uitkomst = excluded.woning_uitkomst,
    vraag_op = excluded.vraag_op,
    start_op = excluded.start_op,
    voorgevuld_op = excluded.voorgevuld_op,
    aangemeld_op = excluded.aangemeld_op,
    ontvangen_op = excluded.ontvangen_op,
    huisbezoek_op = excluded.huisbezoek_op,
    advies_op = excluded.advies_op,
    renovatieplan_op = excluded.renovatieplan_op,
    offertes_op = excluded.offertes_op,
    opdracht_op = excluded.opdracht_op,
    uitvoering_op = excluded.uitvoering_op,
    oplevering_op = excluded.oplevering_op,
    premie_op = excluded.premie_op,
    afgerond_op = excluded.afgerond_op,
    stopgezet_op = excluded.stopgezet_op,
    dagen_tot_start = excluded.dagen_tot_start,
    dagen_tot_advies = excluded.dagen_tot_advies,
    dagen_tot_afgerond = excluded.dagen_tot_afgerond,
    epc_label_start = excluded.epc_label_start,
    epc_label_nu = excluded.epc_label_nu,
    epc_label_afgeleid = excluded.epc_label_afgeleid,
    epc_kengetal = excluded.epc_kengetal,
    bouwjaar = excluded.bouwjaar,
    aanmelding_stand = excluded.aanmelding_stand,
    dossierstatus = excluded.dossierstatus,
    dossierstatus_stand = excluded.dossierstatus_stand
WHERE (
    bekend.woning_pseudoniem, bekend.wijk_code, bekend.postcode, bekend.kanaal,
    bekend.start_akkoord, bekend.stand, bekend.woning_uitkomst, bekend.vraag_op,
    bekend.start_op, bekend.voorgevuld_op, bekend.aangemeld_op, bekend.ontvangen_op,
    bekend.huisbezoek_op, bekend.advies_op, bekend.renovatieplan_op, bekend.offertes_op,
    bekend.opdracht_op, bekend.uitvoering_op, bekend.oplevering_op, bekend.premie_op,
    bekend.afgerond_op, bekend.stopgezet_op, bekend.dagen_tot_start, bekend.dagen_tot_advies,
    bekend.dagen_tot_afgerond, bekend.epc_label_start, bekend.epc_label_nu,
    bekend.epc_label_afgeleid, bekend.epc_kengetal, bekend.bouwjaar, bekend.aanmelding_stand,
    bekend.dossierstatus, bekend.dossierstatus_stand
) IS DISTINCT FROM (
    excluded.woning_pseudoniem, excluded.wijk_code, excluded.postcode, excluded.kanaal,
    excluded.start_akkoord, excluded.stand, excluded.woning_uitkomst, excluded.vraag_op,
    excluded.start_op, excluded.voorgevuld_op, excluded.aangemeld_op, excluded.ontvangen_op,
    excluded.huisbezoek_op, excluded.advies_op, excluded.renovatieplan_op, excluded.offertes_op,
    excluded.opdracht_op, excluded.uitvoering_op, excluded.oplevering_op, excluded.premie_op,
    excluded.afgerond_op, excluded.stopgezet_op, excluded.dagen_tot_start,
    excluded.dagen_tot_advies, excluded.dagen_tot_afgerond, excluded.epc_label_start,
    excluded.epc_label_nu, excluded.epc_label_afgeleid, excluded.epc_kengetal,
    excluded.bouwjaar, excluded.aanmelding_stand, excluded.dossierstatus,
    excluded.dossierstatus_stand
);

-- name: remove
DELETE FROM rapportage.fct_dossier
USING rapportage.pseudoniem, werk_dossier
WHERE
    pseudoniem.doel = 'dossier'
    AND pseudoniem.object_id = werk_dossier.dossier_id
    AND fct_dossier.dossier_pseudoniem = pseudoniem.pseudoniem
    AND NOT EXISTS (
        SELECT 1 FROM nieuw_dossier
        WHERE nieuw_dossier.dossier_pseudoniem = fct_dossier.dossier_pseudoniem
    );
