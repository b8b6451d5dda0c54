-- Differences that a person accepts: shown, accepted, and passed over while the same is seen.

-- name: show
-- What was found and not accepted, the oldest first.
SELECT
    incident.incident_id,
    incident.soort,
    incident.onderwerp,
    incident.tekst,
    incident.voorstel,
    incident.sinds,
    incident.laatst_gezien_op
FROM hub.incident
WHERE incident.opgelost_op IS NULL AND incident.voorstel IS NOT NULL
ORDER BY incident.sinds, incident.incident_id;

-- name: lock
-- The incidents to accept, held until the act is done.
SELECT
    incident.incident_id,
    incident.soort,
    incident.onderwerp,
    incident.voorstel IS NOT NULL AS is_verschil,
    incident.opgelost_op IS NOT NULL AS opgelost,
    aanvaard_verschil.incident_id IS NOT NULL AS aanvaard
FROM hub.incident
LEFT JOIN hub.aanvaard_verschil ON incident.incident_id = aanvaard_verschil.incident_id
WHERE incident.incident_id = any(cast(:incident_ids AS uuid[]))
ORDER BY incident.incident_id
FOR UPDATE OF incident;

-- name: accept
INSERT INTO hub.aanvaard_verschil (soort, onderwerp, tekst, incident_id)
SELECT
    incident.soort,
    incident.onderwerp,
    incident.tekst,
    incident.incident_id
FROM hub.incident
WHERE incident.incident_id = any(cast(:incident_ids AS uuid[]))
ON CONFLICT (soort, onderwerp) DO UPDATE SET
    tekst = excluded.tekst,
    incident_id = excluded.incident_id,
    aanvaard_op = now();

-- name: close
UPDATE hub.incident SET opgelost_op = now()
WHERE incident.incident_id = any(cast(:incident_ids AS uuid[]));

-- name: note
INSERT INTO hub.handeling (wie, soort, bestemming, incident_id, reden)
SELECT
    :wie AS wie,
    'aanvaard' AS soort,
    split_part(incident.onderwerp, ' ', 1) AS bestemming,
    incident.incident_id,
    :reden AS reden
FROM hub.incident
WHERE incident.incident_id = any(cast(:incident_ids AS uuid[]));

-- name: forget
-- An acceptance ends when what was seen is gone or has changed; what could not be compared says
-- nothing about it.
DELETE FROM hub.aanvaard_verschil
WHERE
    aanvaard_verschil.soort = any(cast(:soorten AS text[]))
    AND split_part(aanvaard_verschil.onderwerp, ' ', 1) = any(cast(:ontvangers AS text[]))
    AND NOT EXISTS (
        SELECT 1 FROM verschil
        WHERE
            verschil.soort = aanvaard_verschil.soort
            AND verschil.onderwerp = aanvaard_verschil.onderwerp
            AND verschil.tekst = aanvaard_verschil.tekst
    )
    AND NOT EXISTS (
        SELECT 1 FROM niet_vergeleken
        WHERE niet_vergeleken.onderwerp = aanvaard_verschil.onderwerp
    );

-- name: pass_over
DELETE FROM verschil
USING hub.aanvaard_verschil
WHERE
    verschil.soort = aanvaard_verschil.soort
    AND verschil.onderwerp = aanvaard_verschil.onderwerp
    AND verschil.tekst = aanvaard_verschil.tekst;
