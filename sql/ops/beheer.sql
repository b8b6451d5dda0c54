-- What operators see: channels, failed messages, rows in quarantine, incidents; no content.

-- name: kanalen
-- What waits is few rows of a small index per state; what ended is not counted here.
SELECT
    kanaal.bestemming,
    kanaal.gestopt_op,
    kanaal.stopreden,
    (
        SELECT count(*) FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'klaar'
    ) AS klaar,
    (
        SELECT min(bericht.klaar_vanaf) FROM hub.bericht
        WHERE
            bericht.bestemming = kanaal.bestemming
            AND bericht.stand = 'klaar'
            AND NOT bericht.achter
    ) AS eerste_vanaf,
    (
        SELECT count(*) FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'onderweg'
    ) AS onderweg,
    (
        SELECT count(*) FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'aangenomen'
    ) AS aangenomen,
    (
        SELECT count(*) FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'opgegeven'
    ) AS opgegeven,
    (
        SELECT count(*) FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'in_twijfel'
    ) AS in_twijfel
FROM hub.kanaal
ORDER BY kanaal.bestemming;

-- name: incidenten
SELECT
    incident.incident_id,
    incident.soort,
    incident.onderwerp,
    incident.tekst,
    incident.voorstel,
    incident.sinds,
    incident.laatst_gezien_op
FROM hub.incident
WHERE incident.opgelost_op IS NULL
ORDER BY incident.sinds DESC, incident.incident_id
LIMIT :aantal;

-- name: regels
-- How each rule ended last, and the number of rows that broke it in its last runs.
WITH laatste AS (
    SELECT DISTINCT ON (regelmeting.model, regelmeting.regel)
        regelmeting.model,
        regelmeting.regel,
        regelmeting.ernst,
        regelmeting.gemeten_op,
        regelmeting.rijen,
        regelmeting.gebroken
    FROM hub.regelmeting
    ORDER BY regelmeting.model, regelmeting.regel, regelmeting.gemeten_op DESC
)

SELECT
    laatste.model,
    laatste.regel,
    laatste.ernst,
    laatste.gemeten_op,
    laatste.rijen,
    laatste.gebroken,
    array(
        SELECT eerder.gebroken
        FROM (
            SELECT
                regelmeting.gebroken,
                regelmeting.gemeten_op
            FROM hub.regelmeting
            WHERE regelmeting.model = laatste.model AND regelmeting.regel = laatste.regel
            ORDER BY regelmeting.gemeten_op DESC
            LIMIT 10
        ) AS eerder
        ORDER BY eerder.gemeten_op
    ) AS verloop
FROM laatste
ORDER BY
    laatste.gebroken > 0 DESC,
    laatste.ernst,
    laatste.model,
    laatste.regel;

-- name: berichten
-- A page of failed messages. A reason is meant by its fingerprint: without the system, operation
-- and key that it begins with, which differ from message to message.
SELECT
    bericht.bericht_id,
    bericht.volgorde,
    bericht.bestemming,
    bericht.soort,
    bericht.kenmerk,
    bericht.stand,
    bericht.reden,
    bericht.pogingen,
    bericht.aangemaakt_op,
    bericht.beeindigd_op,
    crm_dossier.dossiernummer
FROM hub.bericht
LEFT JOIN bron.crm_dossier ON bericht.dossier_id = crm_dossier.dossier_id
WHERE
    bericht.stand IN ('opgegeven', 'in_twijfel')
    AND bericht.volgorde > :na
    AND (cast(:bestemming AS text) IS NULL OR bericht.bestemming = :bestemming)
    AND (cast(:soort AS text) IS NULL OR bericht.soort = :soort)
    AND (cast(:stand AS text) IS NULL OR bericht.stand = :stand)
    AND (
        cast(:reden AS text) IS NULL
        OR md5(regexp_replace(coalesce(bericht.reden, ''), '^\S+ \S+ \S+: ', '')) = :reden
    )
ORDER BY bericht.volgorde
LIMIT :aantal;

-- name: bericht_ids
SELECT bericht.bericht_id
FROM hub.bericht
WHERE
    bericht.stand IN ('opgegeven', 'in_twijfel')
    AND (cast(:bestemming AS text) IS NULL OR bericht.bestemming = :bestemming)
    AND (cast(:soort AS text) IS NULL OR bericht.soort = :soort)
    AND (cast(:stand AS text) IS NULL OR bericht.stand = :stand)
    AND (
        cast(:reden AS text) IS NULL
        OR md5(regexp_replace(coalesce(bericht.reden, ''), '^\S+ \S+ \S+: ', '')) = :reden
    )
ORDER BY bericht.volgorde
LIMIT :aantal;

-- name: redenen
SELECT
    mislukt.bestemming,
    mislukt.soort,
    mislukt.stand,
    mislukt.tekst,
    md5(mislukt.tekst) AS reden,
    count(*) AS aantal,
    min(mislukt.beeindigd_op) AS sinds
FROM (
    SELECT
        bericht.bestemming,
        bericht.soort,
        bericht.stand,
        bericht.beeindigd_op,
        regexp_replace(coalesce(bericht.reden, ''), '^\S+ \S+ \S+: ', '') AS tekst
    FROM hub.bericht
    WHERE bericht.stand IN ('opgegeven', 'in_twijfel')
) AS mislukt
GROUP BY mislukt.bestemming, mislukt.soort, mislukt.stand, mislukt.tekst
ORDER BY aantal DESC, mislukt.bestemming, mislukt.soort, reden
LIMIT 50;

-- name: zoek
SELECT bericht.bericht_id
FROM hub.bericht
WHERE
    bericht.bericht_id = cast(:nummer AS uuid)
    OR bericht.dossier_id = cast(:nummer AS uuid)
    OR bericht.dossier_id IN (
        SELECT crm_dossier.dossier_id FROM bron.crm_dossier
        WHERE crm_dossier.dossiernummer = :dossiernummer
    )
ORDER BY bericht.volgorde DESC
LIMIT 100;

-- name: quarantaine
SELECT
    quarantaine.quarantaine_id,
    quarantaine.model,
    quarantaine.object_id,
    quarantaine.redenen,
    quarantaine.sinds,
    quarantaine.laatst_gezien_op
FROM hub.quarantaine
WHERE
    quarantaine.opgelost_op IS NULL
    AND (cast(:model AS text) IS NULL OR quarantaine.model = :model)
    AND (cast(:na AS uuid) IS NULL OR quarantaine.quarantaine_id > :na)
ORDER BY quarantaine.quarantaine_id
LIMIT :aantal;

-- name: quarantaine_telling
SELECT
    quarantaine.model,
    count(*) AS aantal,
    min(quarantaine.sinds) AS sinds
FROM hub.quarantaine
WHERE quarantaine.opgelost_op IS NULL
GROUP BY quarantaine.model
ORDER BY quarantaine.model;
