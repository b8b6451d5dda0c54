-- What of an erased resident stays, per kind of hub/config/bewaring.yml that says why (na_wissing).

-- name: dossier
SELECT
    (
        SELECT count(*)
        FROM hub.wissing_object
        WHERE
            wissing_object.wissing_id = :wissing_id
            AND wissing_object.soort IN ('dossier', 'aanvraag')
    )
    + (
        SELECT count(*)
        FROM hub.bericht
        INNER JOIN hub.wissing_object ON bericht.dossier_id = wissing_object.object_id
        WHERE
            wissing_object.wissing_id = :wissing_id
            AND wissing_object.soort IN ('dossier', 'aanvraag')
    ) AS aantal;

-- name: crm_toestemming
SELECT count(*) AS aantal
FROM bron.crm_toestemming
INNER JOIN hub.wissing_object ON crm_toestemming.toestemming_id = wissing_object.object_id
WHERE wissing_object.wissing_id = :wissing_id AND wissing_object.soort = 'toestemming';

-- name: toegangslog
SELECT count(*) AS aantal
FROM hub.toegangslog
INNER JOIN hub.wissing_object ON toegangslog.dossier_id = wissing_object.object_id
WHERE wissing_object.wissing_id = :wissing_id AND wissing_object.soort = 'dossier';

-- name: verantwoording
SELECT count(*) AS aantal
FROM hub.handeling
INNER JOIN hub.wissing_object
    ON
        handeling.onderwerp
        IN (
            'profiel ' || wissing_object.object_id::text,
            'dossier ' || wissing_object.object_id::text
        )
WHERE wissing_object.wissing_id = :wissing_id AND wissing_object.soort IN ('profiel', 'dossier');

-- name: gewist
SELECT count(*) AS aantal
FROM hub.gewist
WHERE gewist.wissing_id = :wissing_id;

-- name: kept
-- Messages whose content a person keeps longer, and until when.
SELECT
    count(*) AS aantal,
    max(bericht.bewaren_tot) AS tot
FROM hub.bericht
INNER JOIN hub.wissing_object ON bericht.dossier_id = wissing_object.object_id
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.bewaren_tot >= now();
