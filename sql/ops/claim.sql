-- Claiming: what may leave now, the most urgent first, one open message per (destination, dossier).

-- name: claim
-- Consent is read here, in the transaction that claims: what lost it before it was ever sent
-- goes to ingetrokken; what may have been sent is claimed and asked about, not sent again. A
-- worker's lease that ended is taken over, and its outcome is unknown.
--
-- A receiver that confirms later tells its receipts apart by their moment, which may count whole
-- seconds: the next message of a dossier leaves two seconds after the receipt of the one before.
WITH verlopen AS (
    SELECT bericht.bericht_id
    FROM hub.bericht
    WHERE
        bericht.bestemming = :bestemming
        AND bericht.stand = 'onderweg'
        AND bericht.lease_tot < now()
    ORDER BY bericht.lease_tot
    LIMIT :aantal
    FOR UPDATE SKIP LOCKED
),

aan_de_beurt AS (
    SELECT bericht.bericht_id
    FROM hub.bericht
    INNER JOIN hub.kanaal ON bericht.bestemming = kanaal.bestemming
    WHERE
        bericht.bestemming = :bestemming
        AND kanaal.gestopt_op IS NULL
        AND bericht.stand = 'klaar'
        AND NOT bericht.achter
        AND bericht.klaar_vanaf <= now()
        -- What is not behind may still have an older one before it: this keeps the order.
        -- Scalar and with <=, on purpose: so the planner can only look up the one dossier, whatever
        -- it believes about a table that was just filled.
        AND bericht.volgorde <= (
            SELECT min(ouder.volgorde)
            FROM hub.bericht AS ouder
            WHERE
                ouder.bestemming = bericht.bestemming
                AND ouder.dossier_id = bericht.dossier_id
                AND ouder.stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
        )
        AND coalesce(
            (
                SELECT max(vorig.beeindigd_op)
                FROM hub.bericht AS vorig
                WHERE
                    kanaal.bevestigt_later
                    AND vorig.bestemming = bericht.bestemming
                    AND vorig.dossier_id = bericht.dossier_id
                    AND vorig.ontvangst IS NOT NULL
            ) <= now() - interval '2 seconds',
            TRUE
        )
    ORDER BY bericht.prioriteit, bericht.klaar_vanaf, bericht.volgorde
    LIMIT :aantal
    FOR UPDATE OF bericht SKIP LOCKED
),

gekozen AS (
    SELECT
        verlopen.bericht_id,
        TRUE AS overgenomen
    FROM verlopen
    UNION ALL
    SELECT
        aan_de_beurt.bericht_id,
        FALSE AS overgenomen
    FROM aan_de_beurt
),

gelezen AS (
    SELECT
        gekozen.bericht_id,
        gekozen.overgenomen,
        bericht.te_bevragen OR gekozen.overgenomen AS te_bevragen,
        (
            bericht.toestemming_profiel_id IS NULL
            OR EXISTS (
                SELECT 1 FROM hub.geldige_toestemming
                WHERE
                    geldige_toestemming.profiel_id = bericht.toestemming_profiel_id
                    AND geldige_toestemming.doel = bericht.toestemming_doel
                    AND geldige_toestemming.ontvanger = bericht.bestemming
            )
        ) AS mag_verzenden
    FROM gekozen
    INNER JOIN hub.bericht ON gekozen.bericht_id = bericht.bericht_id
),

te_nemen AS (
    SELECT
        gelezen.bericht_id,
        gelezen.overgenomen,
        gelezen.te_bevragen,
        gelezen.mag_verzenden,
        gelezen.mag_verzenden OR gelezen.te_bevragen AS vertrekt
    FROM gelezen
),

genomen AS (
    UPDATE hub.bericht SET
        stand = CASE WHEN te_nemen.vertrekt THEN 'onderweg' ELSE 'ingetrokken' END,
        reden = CASE
            WHEN te_nemen.vertrekt THEN bericht.reden
            ELSE 'geen geldige toestemming op het ogenblik van verzenden'
        END,
        pogingen = bericht.pogingen + CASE WHEN te_nemen.vertrekt THEN 1 ELSE 0 END,
        te_bevragen = te_nemen.te_bevragen,
        lease_van = CASE WHEN te_nemen.vertrekt THEN :worker END,
        lease_tot = CASE
            WHEN te_nemen.vertrekt THEN now() + make_interval(secs => :lease_seconden)
        END,
        eerst_verzonden_op = CASE
            WHEN te_nemen.vertrekt THEN coalesce(bericht.eerst_verzonden_op, now())
        END,
        beeindigd_op = CASE WHEN NOT te_nemen.vertrekt THEN now() END
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
        bericht.tegenslagen,
        extract(EPOCH FROM now() - bericht.eerst_verzonden_op)::double precision AS leeftijd,
        bericht.te_bevragen,
        te_nemen.overgenomen,
        te_nemen.mag_verzenden,
        te_nemen.vertrekt,
        bericht.inhoud,
        bericht.sleutel_id
),

opgetekend AS (
    INSERT INTO hub.poging (bericht_id, nummer, lease_van)
    SELECT
        genomen.bericht_id,
        genomen.nummer,
        :worker AS lease_van
    FROM genomen
    WHERE genomen.vertrekt
)

SELECT
    genomen.bericht_id,
    genomen.bestemming,
    genomen.sleutel,
    genomen.soort,
    genomen.kenmerk,
    genomen.dossier_id,
    genomen.nummer,
    genomen.tegenslagen,
    genomen.leeftijd,
    genomen.te_bevragen,
    genomen.overgenomen,
    genomen.mag_verzenden,
    genomen.vertrekt,
    genomen.inhoud,
    genomen.sleutel_id
FROM genomen
ORDER BY genomen.volgorde;

-- name: freeze
-- The content that was composed for messages which had none, from now on the same at every attempt.
UPDATE hub.bericht SET
    inhoud = samengesteld.inhoud,
    sleutel_id = samengesteld.sleutel_id
FROM
    unnest(
        cast(:bericht_ids AS uuid[]), cast(:inhouden AS bytea[]), cast(:sleutel_ids AS text[])
    ) AS samengesteld (bericht_id, inhoud, sleutel_id)
WHERE bericht.bericht_id = samengesteld.bericht_id AND bericht.inhoud IS NULL;

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
    bericht.tegenslagen,
    extract(EPOCH FROM now() - bericht.eerst_verzonden_op)::double precision AS leeftijd,
    bericht.te_bevragen,
    FALSE AS overgenomen,
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
            WHEN bericht.te_bevragen THEN make_interval(secs => :verwerking_seconden)
            ELSE make_interval(secs => :verloren_seconden)
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
    lease_seconden,
    verwerking_seconden,
    gestopt_op IS NOT NULL AS gestopt
FROM hub.kanaal
WHERE bestemming = :bestemming;

-- name: count_waiting
-- What may not leave yet is no work.
SELECT count(*) AS aantal
FROM hub.bericht
WHERE
    stand IN ('klaar', 'onderweg', 'aangenomen')
    AND coalesce(niet_voor <= now(), TRUE);
