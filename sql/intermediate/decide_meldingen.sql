-- What residents are told: facts only, so that deciding again gives the same. A change is a status
-- that DOSIS confirmed, or that never left; its message at Notificaties has the same key.

-- name: pending
-- The dossiers with a change without outcome, or with a message that still waits. One row per
-- dossier.
SELECT wijziging.dossier_id
FROM hub.bericht AS wijziging
WHERE
    wijziging.bestemming = 'dosis'
    AND wijziging.soort = 'dossierstatus'
    AND wijziging.stand IN ('bevestigd', 'overgeslagen')
    AND wijziging.beeindigd_op > cast(:sinds AS timestamptz)
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS melding
        WHERE melding.bestemming = 'notificaties' AND melding.sleutel = wijziging.sleutel
    )
UNION
SELECT wachtend.dossier_id
FROM hub.bericht AS wachtend
WHERE
    wachtend.soort = 'melding'
    AND wachtend.stand = 'klaar'
    AND NOT wachtend.te_bevragen;

-- name: dossiers
-- One row per dossier or application; what the CRM no longer has is told so.
SELECT
    gevraagd.dossier_id,
    crm_profiel.insz_status,
    crm_profiel.contact_voorkeur,
    coalesce(
        burgerdossier.verwijderd_op IS NOT NULL OR crm_profiel.verwijderd_op IS NOT NULL, FALSE
    ) OR crm_profiel.profiel_id IS NULL AS is_weg
FROM unnest(cast(:dossier_ids AS uuid[])) AS gevraagd (dossier_id)
LEFT JOIN hub.burgerdossier ON gevraagd.dossier_id = burgerdossier.burgerdossier_id
LEFT JOIN bron.crm_profiel ON burgerdossier.profiel_id = crm_profiel.profiel_id
ORDER BY gevraagd.dossier_id;

-- name: changes
-- Every change of these dossiers in its order, with its message.
SELECT
    wijziging.dossier_id,
    wijziging.sleutel,
    wijziging.kenmerk AS status,
    wijziging.beeindigd_op,
    wijziging.stand = 'bevestigd' AS is_getoond,
    wijziging.inhoud,
    wijziging.sleutel_id,
    melding.bericht_id,
    melding.stand,
    melding.te_bevragen
FROM hub.bericht AS wijziging
LEFT JOIN hub.bericht AS melding
    ON wijziging.sleutel = melding.sleutel AND melding.bestemming = 'notificaties'
WHERE
    wijziging.dossier_id = any(cast(:dossier_ids AS uuid[]))
    AND wijziging.bestemming = 'dosis'
    AND wijziging.soort = 'dossierstatus'
    AND wijziging.stand IN ('bevestigd', 'overgeslagen')
ORDER BY wijziging.dossier_id, wijziging.volgorde;

-- name: skip
-- What waits and must no longer leave; what was claimed meanwhile stays as it is.
UPDATE hub.bericht SET
    stand = 'overgeslagen',
    reden = oordeel.reden,
    beeindigd_op = now()
FROM unnest(cast(:bericht_ids AS uuid[]), cast(:redenen AS text[])) AS oordeel (bericht_id, reden)
WHERE
    bericht.bericht_id = oordeel.bericht_id
    AND bericht.stand = 'klaar'
    AND NOT bericht.te_bevragen;

-- name: residents
-- Who a message is for, at the moment it leaves: one row per dossier or application whose resident
-- may be told.
SELECT
    burgerdossier.burgerdossier_id,
    burgerdossier.nummer,
    burgerdossier.dossiernummer,
    burgerdossier.profiel_id,
    crm_profiel.persoonsgegevens,
    crm_profiel.sleutel_id
FROM hub.burgerdossier
INNER JOIN bron.crm_profiel ON burgerdossier.profiel_id = crm_profiel.profiel_id
WHERE
    burgerdossier.burgerdossier_id = any(cast(:dossier_ids AS uuid[]))
    AND burgerdossier.verwijderd_op IS NULL
    AND crm_profiel.verwijderd_op IS NULL
    AND crm_profiel.insz_status = 'geldig'
    AND crm_profiel.contact_voorkeur = 'mijnburgerprofiel';

-- name: statuses
-- What DOSIS was given of these changes. One row per change.
SELECT
    wijziging.sleutel,
    wijziging.inhoud,
    wijziging.sleutel_id
FROM hub.bericht AS wijziging
WHERE wijziging.bestemming = 'dosis' AND wijziging.sleutel = any(cast(:sleutels AS text[]));
