-- Where every resident of a demonstration stands, and what is still under way.

-- name: residents
SELECT
    count(*) AS landed,
    count(*) FILTER (WHERE stand_dossier.stand = 'quarantaine') AS quarantined,
    count(*) FILTER (WHERE stand_dossier.stand = 'geen_start') AS no_start,
    count(*) FILTER (
        WHERE stand_dossier.verrijkt AND stand_dossier.voorgevuld
        AND stand_dossier.stand NOT IN ('quarantaine', 'geen_start')
    ) AS enriched,
    count(*) FILTER (
        WHERE stand_dossier.voorgevuld AND stand_dossier.stand NOT IN ('quarantaine', 'geen_start')
    ) AS prefilled,
    count(*) FILTER (WHERE stand_dossier.stand = 'geen_toestemming') AS no_consent,
    count(*) FILTER (WHERE stand_dossier.stand = 'bezorgd') AS delivered,
    count(*) FILTER (WHERE stand_dossier.stand = 'bevestigd') AS confirmed
FROM hub.stand_dossier
WHERE
    stand_dossier.dossiernummer >= :eerste
    AND stand_dossier.dossiernummer <= :laatste;

-- name: informed
-- Dossiers whose status the resident's portal confirmed.
SELECT count(DISTINCT bericht.dossier_id) AS dossiers
FROM hub.bericht
INNER JOIN hub.stand_dossier ON bericht.dossier_id = stand_dossier.dossier_id
WHERE
    bericht.bestemming = 'dosis'
    AND bericht.stand = 'bevestigd'
    AND stand_dossier.dossiernummer >= :eerste
    AND stand_dossier.dossiernummer <= :laatste;

-- name: notified
-- Dossiers whose resident got a message, and how many messages that were.
SELECT
    count(DISTINCT bericht.dossier_id) AS dossiers,
    count(*) AS berichten
FROM hub.bericht
INNER JOIN hub.stand_dossier ON bericht.dossier_id = stand_dossier.dossier_id
WHERE
    bericht.bestemming = 'notificaties'
    AND bericht.stand = 'bevestigd'
    AND stand_dossier.dossiernummer >= :eerste
    AND stand_dossier.dossiernummer <= :laatste;

-- name: sent
-- Dossiers of which a partner confirmed an aanmelding, per partner.
SELECT
    kanaal.bestemming,
    count(DISTINCT stand_dossier.dossier_id) AS dossiers
FROM hub.kanaal
LEFT JOIN hub.bericht
    ON
        kanaal.bestemming = bericht.bestemming
        AND bericht.soort = 'aanmelding'
        AND bericht.stand = 'bevestigd'
LEFT JOIN hub.stand_dossier
    ON
        bericht.dossier_id = stand_dossier.dossier_id
        AND stand_dossier.dossiernummer >= :eerste
        AND stand_dossier.dossiernummer <= :laatste
GROUP BY kanaal.bestemming;

-- name: under_way
SELECT
    (
        SELECT count(*) FROM hub.bericht
        WHERE
            bericht.stand IN ('klaar', 'onderweg', 'aangenomen')
            -- What may not leave yet is not under way.
            AND coalesce(bericht.niet_voor <= now(), TRUE)
    ) AS berichten,
    (
        SELECT count(*) FROM hub.inbox
        WHERE inbox.verwerkt_op IS NULL
    ) AS inbox;

-- name: quarantine_reasons
SELECT
    reden.reden,
    count(*) AS aantal
FROM hub.quarantaine
INNER JOIN bron.crm_dossier ON quarantaine.object_id = crm_dossier.dossier_id::text
CROSS JOIN LATERAL unnest(quarantaine.redenen) AS reden (reden)
WHERE
    quarantaine.model = 'stg_dossier'
    AND quarantaine.opgelost_op IS NULL
    AND crm_dossier.dossiernummer >= :eerste
    AND crm_dossier.dossiernummer <= :laatste
GROUP BY reden.reden
ORDER BY aantal DESC, reden.reden;
