-- One row per living aanmelding of a counted dossier, by pseudonym: the first day of each phase at
-- its partner. One that waits in quarantine is not here.

-- name: create
CREATE TEMPORARY TABLE nieuw_aanmelding ON COMMIT DROP AS
WITH voortgang AS (
    SELECT
        partner_voortgang.aanmelding_id,
        partner_voortgang.partner,
        partner_voortgang.status,
        (
            min(least(partner_voortgang.tijdstip, partner_voortgang.gewijzigd_op))
            AT TIME ZONE 'Europe/Brussels'
        )::date AS datum
    FROM levend_dossier
    INNER JOIN bron.partner_voortgang
        ON levend_dossier.dossier_id = partner_voortgang.dossier_id
    GROUP BY
        partner_voortgang.aanmelding_id, partner_voortgang.partner, partner_voortgang.status
),

fase AS (
    SELECT
        voortgang.aanmelding_id,
        voortgang.partner,
        max(voortgang.datum) FILTER (WHERE voortgang.status = 'ontvangen') AS ontvangen_op,
        max(voortgang.datum) FILTER (WHERE voortgang.status = 'ingepland') AS gepland_op,
        max(voortgang.datum) FILTER (WHERE voortgang.status = 'advies_opgemaakt') AS advies_op,
        max(voortgang.datum) FILTER (WHERE voortgang.status = 'afgerond') AS afgerond_op,
        max(voortgang.datum) FILTER (WHERE voortgang.status = 'geweigerd') AS geweigerd_op
    FROM voortgang
    GROUP BY voortgang.aanmelding_id, voortgang.partner
)

SELECT
    pseudoniem.pseudoniem AS aanmelding_pseudoniem,
    levend_dossier.dossier_pseudoniem,
    coalesce(dim_partner.partner, 'onbekend') AS partner,
    CASE
        WHEN crm_aanmelding.soort = any(cast(:soorten AS text[])) THEN crm_aanmelding.soort
        ELSE 'onbekend'
    END AS soort,
    levend_dossier.wijk_code,
    -- The CRM's own moment moves with every change: the message is written down at the first.
    (
        least(bericht.aangemaakt_op, crm_aanmelding.gewijzigd_op) AT TIME ZONE 'Europe/Brussels'
    )::date AS gevraagd_op,
    CASE
        WHEN bericht.stand = 'bevestigd'
            THEN (bericht.eerst_verzonden_op AT TIME ZONE 'Europe/Brussels')::date
    END AS verzonden_op,
    fase.ontvangen_op,
    fase.gepland_op,
    fase.advies_op,
    fase.afgerond_op,
    fase.geweigerd_op,
    CASE
        WHEN intrekking.bericht_id IS NOT NULL
            THEN (intrekking.aangemaakt_op AT TIME ZONE 'Europe/Brussels')::date
        WHEN bericht.stand = 'ingetrokken'
            THEN (bericht.beeindigd_op AT TIME ZONE 'Europe/Brussels')::date
    END AS ingetrokken_op,
    CASE
        WHEN intrekking.bericht_id IS NOT NULL OR bericht.stand = 'ingetrokken'
            THEN 'ingetrokken'
        WHEN stand.status IS NOT NULL THEN stand.status
        WHEN bericht.stand = 'bevestigd' THEN 'verzonden'
        WHEN bericht.stand IN ('opgegeven', 'in_twijfel', 'overgeslagen') THEN bericht.stand
        ELSE 'gevraagd'
    END AS stand
FROM levend_dossier
INNER JOIN bron.crm_aanmelding ON levend_dossier.dossier_id = crm_aanmelding.dossier_id
INNER JOIN rapportage.pseudoniem
    ON crm_aanmelding.aanmelding_id = pseudoniem.object_id AND pseudoniem.doel = 'aanmelding'
LEFT JOIN rapportage.dim_partner ON crm_aanmelding.partner = dim_partner.partner
LEFT JOIN hub.bericht
    ON
        crm_aanmelding.partner = bericht.bestemming
        AND bericht.sleutel = 'aanmelding:' || crm_aanmelding.aanmelding_id::text
LEFT JOIN hub.bericht AS intrekking
    ON
        crm_aanmelding.partner = intrekking.bestemming
        AND intrekking.sleutel = 'intrekking:' || crm_aanmelding.aanmelding_id::text
LEFT JOIN fase
    ON
        crm_aanmelding.aanmelding_id = fase.aanmelding_id
        AND crm_aanmelding.partner = fase.partner
LEFT JOIN LATERAL (
    SELECT stand_aanmelding.status
    FROM hub.stand_aanmelding
    WHERE
        stand_aanmelding.dossier_id = levend_dossier.dossier_id
        AND stand_aanmelding.aanmelding_id = crm_aanmelding.aanmelding_id
        AND stand_aanmelding.partner = crm_aanmelding.partner
    ORDER BY stand_aanmelding.status
    LIMIT 1
) AS stand ON TRUE
WHERE
    crm_aanmelding.verwijderd_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.quarantaine
        WHERE
            quarantaine.model = 'stg_aanmelding'
            AND quarantaine.object_id = crm_aanmelding.aanmelding_id::text
            AND quarantaine.opgelost_op IS NULL
    );

-- name: merge
INSERT INTO rapportage.fct_aanmelding AS bekend (
    aanmelding_pseudoniem, dossier_pseudoniem, partner, soort, wijk_code, gevraagd_op,
    verzonden_op, ontvangen_op, gepland_op, advies_op, afgerond_op, geweigerd_op,
    ingetrokken_op, stand
)
SELECT
    nieuw_aanmelding.aanmelding_pseudoniem,
    nieuw_aanmelding.dossier_pseudoniem,
    nieuw_aanmelding.partner,
    nieuw_aanmelding.soort,
    nieuw_aanmelding.wijk_code,
    nieuw_aanmelding.gevraagd_op,
    nieuw_aanmelding.verzonden_op,
    nieuw_aanmelding.ontvangen_op,
    nieuw_aanmelding.gepland_op,
    nieuw_aanmelding.advies_op,
    nieuw_aanmelding.afgerond_op,
    nieuw_aanmelding.geweigerd_op,
    nieuw_aanmelding.ingetrokken_op,
    nieuw_aanmelding.stand
FROM nieuw_aanmelding
ON CONFLICT (aanmelding_pseudoniem) DO UPDATE SET
    dossier_pseudoniem = excluded.dossier_pseudoniem,
    partner = excluded.partner,
    soort = excluded.soort,
    wijk_code = excluded.wijk_code,
    gevraagd_op = excluded.gevraagd_op,
    verzonden_op = excluded.verzonden_op,
    ontvangen_op = excluded.ontvangen_op,
    gepland_op = excluded.gepland_op,
    advies_op = excluded.advies_op,
    afgerond_op = excluded.afgerond_op,
    geweigerd_op = excluded.geweigerd_op,
    ingetrokken_op = excluded.ingetrokken_op,
    stand = excluded.stand
WHERE (
    bekend.dossier_pseudoniem, bekend.partner, bekend.soort, bekend.wijk_code,
    bekend.gevraagd_op, bekend.verzonden_op, bekend.ontvangen_op, bekend.gepland_op,
    bekend.advies_op, bekend.afgerond_op, bekend.geweigerd_op, bekend.ingetrokken_op,
    bekend.stand
) IS DISTINCT FROM (
    excluded.dossier_pseudoniem, excluded.partner, excluded.soort, excluded.wijk_code,
    excluded.gevraagd_op, excluded.verzonden_op, excluded.ontvangen_op, excluded.gepland_op,
    excluded.advies_op, excluded.afgerond_op, excluded.geweigerd_op, excluded.ingetrokken_op,
    excluded.stand
);

-- name: remove
WITH weg AS (
    DELETE FROM rapportage.fct_aanmelding
    USING rapportage.pseudoniem, werk_dossier
    WHERE
        pseudoniem.doel = 'dossier'
        AND pseudoniem.object_id = werk_dossier.dossier_id
        AND fct_aanmelding.dossier_pseudoniem = pseudoniem.pseudoniem
        AND NOT EXISTS (
            SELECT 1 FROM nieuw_aanmelding
            WHERE nieuw_aanmelding.aanmelding_pseudoniem = fct_aanmelding.aanmelding_pseudoniem
        )
    RETURNING fct_aanmelding.aanmelding_pseudoniem
)

INSERT INTO weg_pseudoniem (pseudoniem)
SELECT weg.aanmelding_pseudoniem FROM weg;
