-- What a storm sets before it starts, and what its reckoning reads of the ledger: identifiers,
-- states and moments.

-- name: hasten
-- What a dead worker held comes back soon, and so does what DOSIS never processed. The sandbox's
-- Notificaties recognises an Id here: else each death would leave a message to a person.
UPDATE hub.kanaal SET
    lease_seconden = :lease_seconden,
    verwerking_seconden = :verwerking_seconden,
    kan_ontdubbelen = kanaal.kan_ontdubbelen OR kanaal.bestemming = 'notificaties';

-- name: fetch_now
-- A document that came as another than its reference says is asked for again at once.
UPDATE bron.partner_document SET
    opnieuw_na = now()
WHERE stand = 'te_halen' AND opnieuw_na > now();

-- name: berichten
SELECT
    bericht_id::text AS bericht_id,
    volgorde,
    bestemming,
    soort,
    sleutel,
    dossier_id::text AS dossier_id,
    stand
FROM hub.bericht
ORDER BY volgorde;

-- name: pogingen
SELECT
    bericht_id::text AS bericht_id,
    begonnen_op
FROM hub.poging
ORDER BY begonnen_op;

-- name: standen
SELECT
    dossiernummer,
    stand
FROM hub.stand_dossier
WHERE dossiernummer IS NOT NULL;

-- name: inbox
SELECT inbox_id::text AS inbox_id
FROM hub.inbox
WHERE verwerkt_op IS NULL
ORDER BY inbox_id;

-- name: toestemmingen
SELECT
    profiel_id::text AS profiel_id,
    van,
    tot,
    opgehaald_op,
    doel,
    ontvanger
FROM bron.crm_toestemming
WHERE
    doel IS NOT NULL
    AND ontvanger IS NOT NULL
    AND profiel_id IS NOT NULL
    AND verwijderd_op IS NULL;

-- name: moved
-- Changes with everything that was decided, delivered or looked at.
SELECT
    (SELECT coalesce(max(bericht.volgorde), 0) FROM hub.bericht) AS berichten,
    (SELECT coalesce(max(inbox.inbox_id), 0) FROM hub.inbox) AS inbox,
    (SELECT count(bericht.beeindigd_op) FROM hub.bericht) AS beeindigd;

-- name: verschillen
-- What the comparison of the ledger with its receivers found. Kinds of steps that no list knows are
-- no difference: the judge of the statuses holds them against the CRM.
SELECT
    incident.soort,
    incident.onderwerp,
    incident.tekst
FROM hub.incident
WHERE
    incident.opgelost_op IS NULL
    AND incident.voorstel IS NOT NULL
    AND incident.soort <> 'stap_onbekend'
ORDER BY incident.soort, incident.onderwerp;

-- name: eigen
-- What the hub itself did of each dossier and what its status may follow from: filled in, signed up
-- and withdrawn. Moments as they were written down; judged elsewhere.
SELECT
    stand_dossier.dossiernummer,
    bericht.bestemming,
    bericht.soort,
    bericht.kenmerk,
    bericht.sleutel,
    bericht.stand,
    bericht.aangemaakt_op,
    bericht.beeindigd_op
FROM hub.bericht
INNER JOIN hub.stand_dossier ON bericht.dossier_id = stand_dossier.dossier_id
WHERE
    stand_dossier.dossiernummer IS NOT NULL
    AND (
        bericht.soort IN ('voorinvulling', 'aanmelding', 'intrekking')
        OR (bericht.soort = 'stap' AND bericht.kenmerk = 'woning_kiezen')
    )
ORDER BY bericht.volgorde;

-- name: onbekende_stappen
-- The kinds of steps that were reported as unknown: the subject of each open incident.
SELECT incident.onderwerp
FROM hub.incident
WHERE incident.soort = 'stap_onbekend' AND incident.opgelost_op IS NULL
ORDER BY incident.onderwerp;
