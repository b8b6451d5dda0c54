-- The extract of the access log for one citizen, dwelling or dossier, and the act of making it.

-- name: profiel
SELECT
    toegangslog.gelogd_op,
    crm_dossier.dossiernummer,
    toegangslog.dossier_id,
    toegangslog.bron,
    toegangslog.operatie,
    toegangslog.object,
    toegangslog.doel,
    toegangslog.rechtsgrond,
    toegangslog.hoedanigheid,
    toegangslog.namens,
    toegangslog.correlatie_id
FROM hub.toegangslog
INNER JOIN bron.crm_dossier ON toegangslog.dossier_id = crm_dossier.dossier_id
WHERE crm_dossier.profiel_id = :object_id
ORDER BY toegangslog.maand, toegangslog.volgnummer;

-- name: woning
-- Looks for the dossiers of this dwelling, and looks that named its unit, or its address when it
-- has no unit (an address may hold several).
SELECT
    toegangslog.gelogd_op,
    crm_dossier.dossiernummer,
    toegangslog.dossier_id,
    toegangslog.bron,
    toegangslog.operatie,
    toegangslog.object,
    toegangslog.doel,
    toegangslog.rechtsgrond,
    toegangslog.hoedanigheid,
    toegangslog.namens,
    toegangslog.correlatie_id
FROM hub.toegangslog
LEFT JOIN bron.crm_dossier ON toegangslog.dossier_id = crm_dossier.dossier_id
WHERE
    toegangslog.dossier_id IN (
        SELECT dossier_woning.dossier_id
        FROM hub.dossier_woning
        WHERE dossier_woning.woning_id = :object_id
    )
    OR toegangslog.object IN (
        SELECT
            coalesce(
                'gebouweenheid ' || woning.gebouweenheid_id, 'adres ' || woning.adres_id
            ) AS object
        FROM hub.woning
        WHERE woning.woning_id = :object_id
    )
ORDER BY toegangslog.maand, toegangslog.volgnummer;

-- name: dossier
SELECT
    toegangslog.gelogd_op,
    crm_dossier.dossiernummer,
    toegangslog.dossier_id,
    toegangslog.bron,
    toegangslog.operatie,
    toegangslog.object,
    toegangslog.doel,
    toegangslog.rechtsgrond,
    toegangslog.hoedanigheid,
    toegangslog.namens,
    toegangslog.correlatie_id
FROM hub.toegangslog
LEFT JOIN bron.crm_dossier ON toegangslog.dossier_id = crm_dossier.dossier_id
WHERE toegangslog.dossier_id = :object_id
ORDER BY toegangslog.maand, toegangslog.volgnummer;

-- name: note
INSERT INTO hub.handeling (wie, soort, onderwerp, reden)
VALUES (:wie, :soort, :onderwerp, :reden);
