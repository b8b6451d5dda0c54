-- Claiming: what may leave now, oldest first, one open message per (destination, dossier).

-- name: withdraw
-- Consent is read in the transaction that claims. What lost it before it was ever sent never
-- leaves; what may have been sent is claimed and asked about, not sent again.
UPDATE hub.bericht SET
    stand = 'ingetrokken',
    reden = 'geen geldige toestemming op het ogenblik van verzenden',
    beeindigd_op = now()
WHERE
    bericht.bestemming = :bestemming
    AND bericht.stand = 'klaar'
    AND NOT bericht.te_bevragen
    AND bericht.toestemming_profiel_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM bron.crm_toestemming
        WHERE
            crm_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND crm_toestemming.doel = bericht.toestemming_doel
            AND crm_toestemming.ontvanger = bericht.bestemming
            AND crm_toestemming.verwijderd_op IS NULL
            AND crm_toestemming.van <= now()
            AND (crm_toestemming.tot IS NULL OR crm_toestemming.tot > now())
    );

-- name: claim
-- A receiver that confirms later tells its receipts apart by their moment, which may count whole
-- seconds: the next message of a dossier leaves two seconds after the receipt of the one before.
WITH te_nemen AS (
    SELECT
        bericht.bericht_id,
        bericht.stand = 'onderweg' AS verlopen
    FROM hub.bericht
    INNER JOIN hub.kanaal ON bericht.bestemming = kanaal.bestemming
    WHERE
        bericht.bestemming = :bestemming
        AND kanaal.gestopt_op IS NULL
        AND (
            (bericht.stand = 'klaar' AND bericht.klaar_vanaf <= now())
            OR (bericht.stand = 'onderweg' AND bericht.lease_tot < now())
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.bericht AS ouder
            WHERE
                ouder.bestemming = bericht.bestemming
                AND ouder.dossier_id = bericht.dossier_id
                AND ouder.volgorde < bericht.volgorde
                AND ouder.stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.bericht AS vorig
            WHERE
                kanaal.bevestigt_later
                AND vorig.bestemming = bericht.bestemming
                AND vorig.dossier_id = bericht.dossier_id
                AND vorig.ontvangst IS NOT NULL
                AND vorig.beeindigd_op > now() - interval '2 seconds'
        )
    ORDER BY bericht.prioriteit, bericht.volgorde
    LIMIT :aantal
    FOR UPDATE OF bericht SKIP LOCKED
),

genomen AS (
    UPDATE hub.bericht SET
        stand = 'onderweg',
        pogingen = bericht.pogingen + 1,
        te_bevragen = bericht.te_bevragen OR te_nemen.verlopen,
        lease_van = :worker,
        lease_tot = now() + make_interval(secs => :lease_seconden),
        eerst_verzonden_op = coalesce(bericht.eerst_verzonden_op, now())
    FROM te_nemen
    WHERE bericht.bericht_id = te_nemen.bericht_id
    RETURNING
        bericht.bericht_id,
        bericht.volgorde,
        bericht.bestemming,
        bericht.sleutel,
        bericht.soort,
        bericht.kenmerk,
        bericht.dossier_id,
        bericht.pogingen AS nummer,
        bericht.te_bevragen,
        bericht.inhoud,
        bericht.sleutel_id,
        bericht.toestemming_profiel_id,
        bericht.toestemming_doel
),

opgetekend AS (
    INSERT INTO hub.poging (bericht_id, nummer, lease_van)
    SELECT
        genomen.bericht_id,
        genomen.nummer,
        :worker AS lease_van
    FROM genomen
)

SELECT
    genomen.bericht_id,
    genomen.bestemming,
    genomen.sleutel,
    genomen.soort,
    genomen.kenmerk,
    genomen.dossier_id,
    genomen.nummer,
    genomen.te_bevragen,
    (
        genomen.toestemming_profiel_id IS NULL
        OR EXISTS (
            SELECT 1 FROM bron.crm_toestemming
            WHERE
                crm_toestemming.profiel_id = genomen.toestemming_profiel_id
                AND crm_toestemming.doel = genomen.toestemming_doel
                AND crm_toestemming.ontvanger = genomen.bestemming
                AND crm_toestemming.verwijderd_op IS NULL
                AND crm_toestemming.van <= now()
                AND (crm_toestemming.tot IS NULL OR crm_toestemming.tot > now())
        )
    ) AS mag_verzenden,
    genomen.inhoud,
    genomen.sleutel_id
FROM genomen
ORDER BY genomen.volgorde;

-- name: accepted
-- Messages that the receiver accepted and still has to confirm, with the receipt of the message
-- before in the same dossier.
SELECT
    bericht.bericht_id,
    bericht.bestemming,
    bericht.sleutel,
    bericht.soort,
    bericht.kenmerk,
    bericht.dossier_id,
    bericht.pogingen AS nummer,
    bericht.te_bevragen,
    TRUE AS mag_verzenden,
    bericht.inhoud,
    bericht.sleutel_id,
    (
        SELECT vorig.ontvangst
        FROM hub.bericht AS vorig
        WHERE
            vorig.bestemming = bericht.bestemming
            AND vorig.dossier_id = bericht.dossier_id
            AND vorig.volgorde < bericht.volgorde
            AND vorig.ontvangst IS NOT NULL
        ORDER BY vorig.volgorde DESC
        LIMIT 1
    ) AS vorige_ontvangst,
    coalesce(
        poging.begonnen_op < now() - CASE
            WHEN bericht.te_bevragen THEN make_interval(mins => :twijfel_minuten)
            ELSE make_interval(mins => :verloren_minuten)
        END,
        FALSE
    ) AS te_lang
FROM hub.bericht
LEFT JOIN hub.poging
    ON bericht.bericht_id = poging.bericht_id AND bericht.pogingen = poging.nummer
WHERE bericht.bestemming = :bestemming AND bericht.stand = 'aangenomen'
ORDER BY bericht.volgorde;

-- name: channel
SELECT
    kan_ontdubbelen,
    kan_bevraagd_worden,
    bevestigt_later,
    max_gelijktijdig,
    gestopt_op IS NOT NULL AS gestopt
FROM hub.kanaal
WHERE bestemming = :bestemming;

-- name: count_waiting
SELECT count(*) AS aantal
FROM hub.bericht
WHERE stand IN ('klaar', 'onderweg', 'aangenomen');
