-- What a person does to messages and channels; every act is written down beside it.

-- name: hold_newer
-- A newer status that still waits must not leave before this act is done.
SELECT nieuwer.bericht_id
FROM hub.bericht
INNER JOIN hub.bericht AS nieuwer
    ON
        bericht.bestemming = nieuwer.bestemming
        AND bericht.dossier_id = nieuwer.dossier_id
        AND bericht.soort = nieuwer.soort
        AND bericht.volgorde < nieuwer.volgorde
WHERE
    bericht.bericht_id = any(cast(:bericht_ids AS uuid[]))
    AND bericht.soort IN ('dossierstatus', 'melding')
    AND nieuwer.stand = 'klaar'
ORDER BY nieuwer.volgorde
FOR UPDATE OF nieuwer;

-- name: lock_berichten
-- The messages to act on, held until the act is done. A status that a newer one has overtaken must
-- not be sent after it.
SELECT
    bericht.bericht_id,
    bericht.bestemming,
    bericht.stand,
    bericht.te_bevragen,
    bericht.bewaren_tot,
    kanaal.kan_ontdubbelen OR kanaal.kan_bevraagd_worden AS herkent_herhaling,
    bericht.soort IN ('dossierstatus', 'melding') AND EXISTS (
        SELECT 1 FROM hub.bericht AS nieuwer
        WHERE
            nieuwer.bestemming = bericht.bestemming
            AND nieuwer.dossier_id = bericht.dossier_id
            AND nieuwer.soort = bericht.soort
            AND nieuwer.volgorde > bericht.volgorde
            AND (
                nieuwer.stand IN ('onderweg', 'aangenomen', 'in_twijfel', 'bevestigd')
                OR (nieuwer.stand = 'klaar' AND nieuwer.te_bevragen)
            )
    ) AS ingehaald
FROM hub.bericht
INNER JOIN hub.kanaal ON bericht.bestemming = kanaal.bestemming
WHERE bericht.bericht_id = any(cast(:bericht_ids AS uuid[]))
ORDER BY bericht.bericht_id
FOR UPDATE OF bericht;

-- name: resend
-- What may have arrived is asked about first, unless a person says that it did not.
UPDATE hub.bericht SET
    stand = 'klaar',
    reden = NULL,
    te_bevragen = (bericht.te_bevragen OR bericht.stand = 'in_twijfel') AND NOT :niet_aangekomen,
    klaar_vanaf = now(),
    beeindigd_op = NULL
WHERE bericht.bericht_id = any(cast(:bericht_ids AS uuid[]));

-- name: confirm
UPDATE hub.bericht SET
    stand = 'bevestigd',
    reden = NULL,
    te_bevragen = FALSE,
    beeindigd_op = now()
WHERE bericht.bericht_id = any(cast(:bericht_ids AS uuid[]));

-- name: set_aside
UPDATE hub.bericht SET
    stand = 'overgeslagen',
    reden = :reden,
    beeindigd_op = now()
WHERE bericht.bericht_id = any(cast(:bericht_ids AS uuid[]));

-- name: keep
UPDATE hub.bericht SET bewaren_tot = :tot
WHERE bericht.bericht_id = any(cast(:bericht_ids AS uuid[]));

-- name: lock_kanaal
SELECT
    kanaal.bestemming,
    kanaal.gestopt_op IS NOT NULL AS gestopt
FROM hub.kanaal
WHERE kanaal.bestemming = :bestemming
FOR NO KEY UPDATE;

-- name: open_kanaal
UPDATE hub.kanaal SET
    gestopt_op = NULL,
    stopreden = NULL
WHERE kanaal.bestemming = :bestemming;

-- name: now_kanaal
-- What waits for a later attempt is tried now; its setbacks are forgotten. What must not leave yet
-- still does not.
UPDATE hub.bericht SET
    klaar_vanaf = greatest(now(), bericht.niet_voor),
    tegenslagen = 0
WHERE
    bericht.bestemming = :bestemming
    AND bericht.stand = 'klaar'
    AND bericht.klaar_vanaf > greatest(now(), bericht.niet_voor);

-- name: note_berichten
INSERT INTO hub.handeling (wie, soort, bericht_id, bestemming, vorige_stand, reden)
SELECT
    :wie AS wie,
    :soort AS soort,
    gedaan.bericht_id,
    gedaan.bestemming,
    gedaan.vorige_stand,
    :reden AS reden
FROM unnest(
    cast(:bericht_ids AS uuid[]), cast(:bestemmingen AS text[]), cast(:standen AS text[])
) AS gedaan (bericht_id, bestemming, vorige_stand);

-- name: note_kanaal
INSERT INTO hub.handeling (wie, soort, bestemming, reden)
VALUES (:wie, :soort, :bestemming, :reden);

-- name: show_kanalen
SELECT
    kanaal.bestemming,
    kanaal.gestopt_op,
    kanaal.stopreden,
    (
        SELECT count(*)
        FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'klaar'
    ) AS klaar,
    (
        SELECT count(*)
        FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'opgegeven'
    ) AS opgegeven,
    (
        SELECT count(*)
        FROM hub.bericht
        WHERE bericht.bestemming = kanaal.bestemming AND bericht.stand = 'in_twijfel'
    ) AS in_twijfel
FROM hub.kanaal
WHERE cast(:bestemming AS text) IS NULL OR kanaal.bestemming = :bestemming
ORDER BY kanaal.bestemming;

-- name: show_berichten
SELECT
    bericht.bericht_id,
    bericht.bestemming,
    bericht.soort,
    bericht.kenmerk,
    bericht.sleutel,
    bericht.dossier_id,
    bericht.stand,
    bericht.reden,
    bericht.pogingen,
    bericht.te_bevragen,
    bericht.klaar_vanaf,
    bericht.aangemaakt_op,
    bericht.eerst_verzonden_op,
    bericht.beeindigd_op,
    bericht.bewaren_tot,
    bericht.ontvangst
FROM hub.bericht
WHERE bericht.bericht_id = any(cast(:bericht_ids AS uuid[]))
ORDER BY bericht.volgorde;

-- name: show_waiting
-- What waits for a person, the oldest first.
SELECT
    bericht.bericht_id,
    bericht.bestemming,
    bericht.soort,
    bericht.kenmerk,
    bericht.dossier_id,
    bericht.stand,
    bericht.reden,
    bericht.pogingen,
    bericht.aangemaakt_op
FROM hub.bericht
WHERE bericht.stand IN ('opgegeven', 'in_twijfel')
ORDER BY bericht.volgorde
LIMIT :aantal;

-- name: show_pogingen
SELECT
    poging.bericht_id,
    poging.nummer,
    poging.begonnen_op,
    poging.beeindigd_op,
    poging.uitkomst,
    poging.uitleg
FROM hub.poging
WHERE poging.bericht_id = any(cast(:bericht_ids AS uuid[]))
ORDER BY poging.bericht_id, poging.nummer;

-- name: show_handelingen
SELECT
    handeling.bericht_id,
    handeling.gedaan_op,
    handeling.wie,
    handeling.soort,
    handeling.vorige_stand,
    handeling.reden
FROM hub.handeling
WHERE handeling.bericht_id = any(cast(:bericht_ids AS uuid[]))
ORDER BY handeling.gedaan_op;
