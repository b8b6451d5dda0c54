-- One row per counted dossier and step that it reached: the first day on which it did, and by whom.

-- name: create
CREATE TEMPORARY TABLE nieuw_stap ON COMMIT DROP AS
WITH gebeurd AS (
    SELECT
        levend_dossier.dossier_pseudoniem,
        'vraag' AS stap,
        crm_vraag.ontvangen_op AS moment,
        'bewoner' AS uitvoerder
    FROM levend_dossier
    INNER JOIN bron.crm_vraag ON levend_dossier.vraag_id = crm_vraag.vraag_id
    WHERE crm_vraag.verwijderd_op IS NULL
    UNION ALL
    SELECT
        levend_dossier.dossier_pseudoniem,
        'start' AS stap,
        levend_dossier.start_akkoord_op AS moment,
        'bewoner' AS uitvoerder
    FROM levend_dossier
    WHERE levend_dossier.start_akkoord
    UNION ALL
    SELECT
        levend_dossier.dossier_pseudoniem,
        CASE bericht.soort WHEN 'aanmelding' THEN 'aangemeld' ELSE 'voorgevuld' END AS stap,
        bericht.beeindigd_op AS moment,
        'hub' AS uitvoerder
    FROM levend_dossier
    INNER JOIN hub.bericht ON levend_dossier.dossier_id = bericht.dossier_id
    WHERE
        bericht.stand = 'bevestigd'
        AND (
            bericht.soort = 'aanmelding'
            OR (
                bericht.bestemming = 'crm'
                AND (
                    bericht.soort = 'voorinvulling'
                    OR (bericht.soort = 'stap' AND bericht.kenmerk = 'woning_kiezen')
                )
            )
        )
    UNION ALL
    -- What a partner recorded before it happened, happened when it was recorded (decision 0030).
    SELECT
        levend_dossier.dossier_pseudoniem,
        CASE partner_voortgang.status
            WHEN 'ontvangen' THEN 'ontvangen'
            WHEN 'plaatsbezoek' THEN 'huisbezoek'
            WHEN 'advies_opgemaakt' THEN 'advies'
        END AS stap,
        least(partner_voortgang.tijdstip, partner_voortgang.gewijzigd_op) AS moment,
        partner_voortgang.partner AS uitvoerder
    FROM levend_dossier
    INNER JOIN bron.partner_voortgang
        ON levend_dossier.dossier_id = partner_voortgang.dossier_id
    WHERE partner_voortgang.status IN ('ontvangen', 'plaatsbezoek', 'advies_opgemaakt')
    UNION ALL
    -- A step that a consultant closed; one without its moment happened when it was closed at last.
    SELECT
        levend_dossier.dossier_pseudoniem,
        CASE crm_stap.soort
            WHEN 'huisbezoek' THEN 'huisbezoek'
            WHEN 'dubo_advies_ontvangen' THEN 'advies'
            WHEN 'renovatieplan_opgemaakt' THEN 'renovatieplan'
            WHEN 'offertes' THEN 'offertes'
            WHEN 'opdracht_aannemer' THEN 'opdracht'
            WHEN 'uitvoering' THEN 'uitvoering'
            WHEN 'oplevering' THEN 'oplevering'
            WHEN 'dossier_afgerond' THEN 'afgerond'
            WHEN 'dossier_stopgezet' THEN 'stopgezet'
        END AS stap,
        least(crm_stap.gebeurd_op, crm_stap.gewijzigd_op) AS moment,
        'consulent' AS uitvoerder
    FROM levend_dossier
    INNER JOIN bron.crm_stap ON levend_dossier.dossier_id = crm_stap.dossier_id
    WHERE crm_stap.verwijderd_op IS NULL AND crm_stap.status = 'gedaan'
)

SELECT DISTINCT ON (gebeurd.dossier_pseudoniem, gebeurd.stap)
    gebeurd.dossier_pseudoniem,
    gebeurd.stap,
    dim_stap.volgnummer,
    (gebeurd.moment AT TIME ZONE 'Europe/Brussels')::date AS datum,
    gebeurd.uitvoerder
FROM gebeurd
INNER JOIN rapportage.dim_stap ON gebeurd.stap = dim_stap.stap
WHERE gebeurd.moment IS NOT NULL
ORDER BY gebeurd.dossier_pseudoniem, gebeurd.stap, gebeurd.moment, gebeurd.uitvoerder;

-- name: analyze
ANALYZE nieuw_stap;

-- name: merge
INSERT INTO rapportage.fct_stap AS bekend (
    dossier_pseudoniem, stap, volgnummer, datum, uitvoerder
)
SELECT
    nieuw_stap.dossier_pseudoniem,
    nieuw_stap.stap,
    nieuw_stap.volgnummer,
    nieuw_stap.datum,
    nieuw_stap.uitvoerder
FROM nieuw_stap
ON CONFLICT (dossier_pseudoniem, stap) DO UPDATE SET
    volgnummer = excluded.volgnummer,
    datum = excluded.datum,
    uitvoerder = excluded.uitvoerder
WHERE
(bekend.volgnummer, bekend.datum, bekend.uitvoerder) IS DISTINCT FROM
(excluded.volgnummer, excluded.datum, excluded.uitvoerder);

-- name: remove
DELETE FROM rapportage.fct_stap
USING rapportage.pseudoniem, werk_dossier
WHERE
    pseudoniem.doel = 'dossier'
    AND pseudoniem.object_id = werk_dossier.dossier_id
    AND fct_stap.dossier_pseudoniem = pseudoniem.pseudoniem
    AND NOT EXISTS (
        SELECT 1 FROM nieuw_stap
        WHERE
            nieuw_stap.dossier_pseudoniem = fct_stap.dossier_pseudoniem
            AND nieuw_stap.stap = fct_stap.stap
    );
