-- One row per dossier and step that it reached: the first day on which it did.

-- name: create
CREATE TEMPORARY TABLE nieuw_stap ON COMMIT DROP AS
WITH gebeurd AS (
    SELECT
        crm_dossier.dossier_id,
        'vraag' AS stap,
        crm_vraag.ontvangen_op AS moment,
        'bewoner' AS uitvoerder
    FROM werk_dossier
    INNER JOIN bron.crm_dossier ON werk_dossier.dossier_id = crm_dossier.dossier_id
    INNER JOIN bron.crm_vraag ON crm_dossier.vraag_id = crm_vraag.vraag_id
    UNION ALL
    SELECT
        crm_dossier.dossier_id,
        'start' AS stap,
        crm_dossier.start_akkoord_op AS moment,
        'bewoner' AS uitvoerder
    FROM werk_dossier
    INNER JOIN bron.crm_dossier ON werk_dossier.dossier_id = crm_dossier.dossier_id
    WHERE crm_dossier.start_akkoord
    UNION ALL
    SELECT
        bericht.dossier_id,
        'voorgevuld' AS stap,
        bericht.beeindigd_op AS moment,
        'hub' AS uitvoerder
    FROM werk_dossier
    INNER JOIN hub.bericht ON werk_dossier.dossier_id = bericht.dossier_id
    WHERE
        bericht.bestemming = 'crm'
        AND bericht.stand = 'bevestigd'
        AND (
            bericht.soort = 'voorinvulling'
            OR (bericht.soort = 'stap' AND bericht.kenmerk = 'woning_kiezen')
        )
    UNION ALL
    SELECT
        bericht.dossier_id,
        'aangemeld' AS stap,
        bericht.beeindigd_op AS moment,
        'hub' AS uitvoerder
    FROM werk_dossier
    INNER JOIN hub.bericht ON werk_dossier.dossier_id = bericht.dossier_id
    WHERE bericht.soort = 'aanmelding' AND bericht.stand = 'bevestigd'
    UNION ALL
    SELECT
        partner_voortgang.dossier_id,
        CASE partner_voortgang.status
            WHEN 'ontvangen' THEN 'ontvangen'
            WHEN 'plaatsbezoek' THEN 'huisbezoek'
            WHEN 'advies_opgemaakt' THEN 'advies'
        END AS stap,
        partner_voortgang.tijdstip AS moment,
        partner_voortgang.partner AS uitvoerder
    FROM werk_dossier
    INNER JOIN bron.partner_voortgang ON werk_dossier.dossier_id = partner_voortgang.dossier_id
    WHERE partner_voortgang.status IN ('ontvangen', 'plaatsbezoek', 'advies_opgemaakt')
    UNION ALL
    -- A step that a consultant closed: when its row was last changed says when.
    SELECT
        crm_stap.dossier_id,
        CASE crm_stap.soort
            WHEN 'huisbezoek' THEN 'huisbezoek'
            WHEN 'dubo_advies_ontvangen' THEN 'advies'
            WHEN 'renovatieplan_opgemaakt' THEN 'renovatieplan'
            WHEN 'offertes' THEN 'offertes'
            WHEN 'opdracht_aannemer' THEN 'opdracht'
            WHEN 'start_werken' THEN 'uitvoering'
            WHEN 'oplevering' THEN 'oplevering'
            WHEN 'premie_aangevraagd' THEN 'premie'
            WHEN 'dossier_afgerond' THEN 'afgerond'
            WHEN 'dossier_stopgezet' THEN 'stopgezet'
        END AS stap,
        crm_stap.gewijzigd_op AS moment,
        'consulent' AS uitvoerder
    FROM werk_dossier
    INNER JOIN bron.crm_stap ON werk_dossier.dossier_id = crm_stap.dossier_id
    WHERE crm_stap.verwijderd_op IS NULL AND crm_stap.status = 'gedaan'
)

SELECT DISTINCT ON (gebeurd.dossier_id, gebeurd.stap)
    gebeurd.dossier_id,
    pseudoniem.pseudoniem AS dossier_pseudoniem,
    gebeurd.stap,
    dim_stap.volgnummer,
    (gebeurd.moment AT TIME ZONE 'Europe/Brussels')::date AS datum,
    gebeurd.uitvoerder
FROM gebeurd
INNER JOIN bron.crm_dossier ON gebeurd.dossier_id = crm_dossier.dossier_id
INNER JOIN rapportage.pseudoniem
    ON gebeurd.dossier_id = pseudoniem.object_id AND pseudoniem.doel = 'dossier'
INNER JOIN rapportage.dim_stap ON gebeurd.stap = dim_stap.stap
WHERE crm_dossier.verwijderd_op IS NULL AND gebeurd.moment IS NOT NULL
ORDER BY gebeurd.dossier_id, gebeurd.stap, gebeurd.moment, gebeurd.uitvoerder;

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
