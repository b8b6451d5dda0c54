-- The right to ask a source for a dossier, by the facts of this moment.

-- name: judge
-- One row per dossier, with the reason why not; a refusal is noted once, and closed when it no
-- longer holds.
WITH oordeel AS (
    SELECT
        gevraagd.dossier_id,
        CASE
            WHEN NOT :toegestaan THEN 'bron_niet_voor_doel'
            WHEN crm_dossier.dossier_id IS NULL THEN 'dossier_onbekend'
            WHEN crm_dossier.verwijderd_op IS NOT NULL THEN 'dossier_verwijderd'
            WHEN NOT crm_dossier.start_akkoord AND crm_dossier.start_akkoord_op IS NOT NULL
                THEN 'startakkoord_ingetrokken'
            WHEN NOT crm_dossier.start_akkoord THEN 'geen_startakkoord'
            WHEN crm_dossier.status = 'afgesloten' THEN 'dossier_afgesloten'
            WHEN
                :aanmelding
                AND NOT EXISTS (
                    SELECT 1 FROM bron.crm_aanmelding
                    WHERE
                        crm_aanmelding.dossier_id = crm_dossier.dossier_id
                        AND crm_aanmelding.soort = :doel
                        AND crm_aanmelding.verwijderd_op IS NULL
                )
                THEN 'geen_aanmelding'
        END AS reden
    FROM unnest(cast(:dossier_ids AS uuid[])) AS gevraagd (dossier_id)
    LEFT JOIN bron.crm_dossier ON gevraagd.dossier_id = crm_dossier.dossier_id
),

geweigerd AS (
    INSERT INTO hub.bronweigering AS bekend (dossier_id, bron, doel, reden)
    SELECT
        oordeel.dossier_id,
        :bron AS bron,
        :doel AS doel,
        oordeel.reden
    FROM oordeel
    WHERE oordeel.reden IS NOT NULL
    ON CONFLICT (dossier_id, bron, doel, reden) DO UPDATE SET
        sinds = CASE WHEN bekend.opgelost_op IS NULL THEN bekend.sinds ELSE excluded.sinds END,
        laatst_gezien_op = now(),
        opgelost_op = NULL
),

opgelost AS (
    UPDATE hub.bronweigering SET opgelost_op = now()
    FROM oordeel
    WHERE
        bronweigering.dossier_id = oordeel.dossier_id
        AND bronweigering.bron = :bron
        AND bronweigering.doel = :doel
        AND bronweigering.reden IS DISTINCT FROM oordeel.reden
        AND bronweigering.opgelost_op IS NULL
)

SELECT
    oordeel.dossier_id,
    oordeel.reden
FROM oordeel;

-- name: show
SELECT
    bronweigering.dossier_id,
    bronweigering.bron,
    bronweigering.doel,
    bronweigering.reden,
    bronweigering.sinds,
    bronweigering.laatst_gezien_op
FROM hub.bronweigering
WHERE bronweigering.opgelost_op IS NULL
ORDER BY bronweigering.laatst_gezien_op DESC, bronweigering.dossier_id;
