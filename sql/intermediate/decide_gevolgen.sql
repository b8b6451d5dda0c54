-- What follows from what was delivered: facts only, so that deciding again gives the same.

-- name: sent_aanmeldingen
-- Aanmeldingen that a partner confirmed and that the CRM does not know of yet.
SELECT
    bericht.bericht_id,
    bericht.bestemming,
    bericht.sleutel,
    bericht.dossier_id,
    bericht.ontvangst,
    bericht.beeindigd_op,
    crm_aanmelding.aanmelding_id,
    exists(
        SELECT 1 FROM hub.geldige_toestemming
        WHERE
            geldige_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND geldige_toestemming.doel = bericht.toestemming_doel
            AND geldige_toestemming.ontvanger = bericht.bestemming
    ) AS toegestaan
FROM hub.bericht
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'aanmelding:' || crm_aanmelding.aanmelding_id::text
WHERE
    bericht.soort = 'aanmelding'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS gemeld
        WHERE
            gemeld.bestemming = 'crm'
            AND gemeld.sleutel = 'verzonden:' || crm_aanmelding.aanmelding_id::text
    )
ORDER BY bericht.volgorde;

-- name: withdrawn_aanmeldingen
-- Withdrawals that a partner answered and that the CRM does not know of yet. Where progress of this
-- aanmelding came, the dossier's is that of the others again, or none.
SELECT
    bericht.dossier_id,
    bericht.ontvangst,
    crm_aanmelding.aanmelding_id,
    dossier_voortgang.status AS dossier_voortgang,
    exists(
        SELECT 1 FROM bron.partner_voortgang
        INNER JOIN bron.crm_dossier ON partner_voortgang.dossier_id = crm_dossier.dossier_id
        WHERE
            partner_voortgang.aanmelding_id = crm_aanmelding.aanmelding_id
            AND crm_dossier.verwijderd_op IS NULL
    ) AS had_voortgang
FROM hub.bericht
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'intrekking:' || crm_aanmelding.aanmelding_id::text
LEFT JOIN hub.dossier_voortgang ON bericht.dossier_id = dossier_voortgang.dossier_id
WHERE
    bericht.soort = 'intrekking'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS gemeld
        WHERE
            gemeld.bestemming = 'crm'
            AND gemeld.sleutel = 'ingetrokken:' || crm_aanmelding.aanmelding_id::text
    )
ORDER BY bericht.volgorde;

-- name: statuses
-- The status that each filled-in dossier should show, where it is not the last that the ledger
-- holds of it. The newest progress of its aanmeldingen decides; one that is withdrawn says nothing
-- any more, and when all are, that is what there is to say. A status that was told before and holds
-- again is told under a key of its own.
WITH ingevuld AS (
    SELECT DISTINCT bericht.dossier_id
    FROM hub.bericht
    WHERE
        bericht.bestemming = 'crm'
        AND (
            bericht.soort = 'voorinvulling'
            OR (bericht.soort = 'stap' AND bericht.kenmerk = 'woning_kiezen')
        )
        AND bericht.stand = 'bevestigd'
),

aangemeld AS (
    SELECT
        bericht.dossier_id,
        CASE
            WHEN
                bool_and(EXISTS (
                    SELECT 1 FROM hub.bericht AS intrekking
                    WHERE
                        intrekking.bestemming = bericht.bestemming
                        AND intrekking.sleutel
                        = replace(bericht.sleutel, 'aanmelding:', 'intrekking:')
                ))
                THEN 'ingetrokken'
            ELSE 'aangemeld'
        END AS status
    FROM hub.bericht
    WHERE
        bericht.soort = 'aanmelding'
        AND bericht.stand = 'bevestigd'
    GROUP BY bericht.dossier_id
),

gewenst AS (
    SELECT
        ingevuld.dossier_id,
        crm_profiel.insz_status,
        coalesce(dossier_voortgang.status, aangemeld.status, 'gestart') AS status,
        ingevuld.dossier_id::text || ':' || coalesce(
            dossier_voortgang.partner || ':' || dossier_voortgang.voortgang_id,
            aangemeld.status,
            'gestart'
        ) || CASE
            WHEN crm_profiel.insz_status = 'ontbreekt' THEN ' zonder insz' ELSE ''
        END AS sleutel
    FROM ingevuld
    INNER JOIN bron.crm_dossier ON ingevuld.dossier_id = crm_dossier.dossier_id
    INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
    LEFT JOIN aangemeld ON ingevuld.dossier_id = aangemeld.dossier_id
    LEFT JOIN hub.dossier_voortgang ON ingevuld.dossier_id = dossier_voortgang.dossier_id
    WHERE crm_profiel.insz_status IN ('geldig', 'ontbreekt')
),

laatste AS (
    SELECT DISTINCT ON (bericht.dossier_id)
        bericht.dossier_id,
        bericht.volgorde,
        bericht.sleutel
    FROM hub.bericht
    WHERE bericht.bestemming = 'dosis' AND bericht.soort = 'dossierstatus'
    ORDER BY bericht.dossier_id, bericht.volgorde DESC
)

SELECT
    gewenst.dossier_id,
    gewenst.status,
    gewenst.insz_status,
    gewenst.sleutel || CASE
        WHEN eerder.sleutel IS NULL THEN '' ELSE ' na ' || laatste.volgorde::text
    END AS sleutel
FROM gewenst
LEFT JOIN laatste ON gewenst.dossier_id = laatste.dossier_id
LEFT JOIN hub.bericht AS eerder
    ON eerder.bestemming = 'dosis' AND gewenst.sleutel = eerder.sleutel
WHERE
    laatste.sleutel IS DISTINCT FROM gewenst.sleutel
    AND NOT coalesce(
        starts_with(laatste.sleutel, gewenst.sleutel || ' na ')
        AND substr(laatste.sleutel, length(gewenst.sleutel) + 5) ~ '^[0-9]+$',
        FALSE
    )
ORDER BY gewenst.dossier_id;

-- name: removals
-- Dossiers that the CRM removed some days ago and of which a status left. One that came back and
-- was removed again is removed again.
WITH verwijderd AS (
    SELECT
        crm_dossier.dossier_id,
        crm_dossier.dossiernummer,
        crm_dossier.dossier_id::text || ':verwijdering:'
        || extract(EPOCH FROM crm_dossier.verwijderd_op)::text AS sleutel
    FROM bron.crm_dossier
    WHERE
        crm_dossier.verwijderd_op < now() - make_interval(days => :dagen)
        AND crm_dossier.dossiernummer IS NOT NULL
)

SELECT
    verwijderd.dossier_id,
    verwijderd.dossiernummer,
    verwijderd.sleutel
FROM verwijderd
WHERE
    EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.dossier_id = verwijderd.dossier_id
            AND bericht.eerst_verzonden_op IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE bericht.bestemming = 'dosis' AND bericht.sleutel = verwijderd.sleutel
    )
ORDER BY verwijderd.dossier_id;

-- name: supersede
-- A newer status takes the place of an older one that still waits and was never sent.
UPDATE hub.bericht SET
    stand = 'overgeslagen',
    reden = 'een nieuwere status neemt de plaats in',
    beeindigd_op = now()
WHERE
    bericht.bestemming = 'dosis'
    AND bericht.soort = 'dossierstatus'
    AND bericht.stand = 'klaar'
    AND bericht.pogingen = 0
    AND EXISTS (
        SELECT 1 FROM hub.bericht AS nieuwer
        WHERE
            nieuwer.bestemming = 'dosis'
            AND nieuwer.soort = 'dossierstatus'
            AND nieuwer.dossier_id = bericht.dossier_id
            AND nieuwer.volgorde > bericht.volgorde
            AND nieuwer.stand = 'klaar'
    );
