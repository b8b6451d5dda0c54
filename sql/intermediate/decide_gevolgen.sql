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
    hub.heeft_toestemming(
        bericht.toestemming_profiel_id, bericht.toestemming_doel, bericht.bestemming
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
-- Withdrawals that a partner answered and that the CRM does not know of yet.
SELECT
    bericht.dossier_id,
    bericht.ontvangst,
    crm_aanmelding.aanmelding_id
FROM hub.bericht
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'intrekking:' || crm_aanmelding.aanmelding_id::text
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
-- The status that each filled-in dossier should show, where the ledger does not hold it yet.
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
        max(bericht.volgorde) AS volgorde
    FROM hub.bericht
    WHERE bericht.soort = 'aanmelding' AND bericht.stand = 'bevestigd'
    GROUP BY bericht.dossier_id
),

gewenst AS (
    SELECT
        ingevuld.dossier_id,
        CASE WHEN aangemeld.dossier_id IS NULL THEN 'gestart' ELSE 'aangemeld' END AS status
    FROM ingevuld
    LEFT JOIN aangemeld ON ingevuld.dossier_id = aangemeld.dossier_id
)

SELECT
    gewenst.dossier_id,
    gewenst.status,
    crm_profiel.insz_status
FROM gewenst
INNER JOIN bron.crm_dossier ON gewenst.dossier_id = crm_dossier.dossier_id
INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
WHERE
    crm_profiel.insz_status IN ('geldig', 'ontbreekt')
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.sleutel
            = gewenst.dossier_id::text || ':' || gewenst.status || CASE
                WHEN crm_profiel.insz_status = 'ontbreekt' THEN ' zonder insz' ELSE ''
            END
    )
ORDER BY gewenst.dossier_id;

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
