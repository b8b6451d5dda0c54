-- Messages are written down in one set; a key that is known adds nothing.

-- name: lock
-- Until this transaction ends nobody else writes messages down: their order is the order in which
-- they become visible, so that a later one can never leave first.
SELECT pg_advisory_xact_lock(hashtextextended('hub.bericht', 0));

-- name: create
CREATE TEMPORARY TABLE nieuw_bericht (
    nummer bigint GENERATED ALWAYS AS IDENTITY,
    bestemming text NOT NULL,
    sleutel text NOT NULL,
    soort text NOT NULL,
    kenmerk text,
    dossier_id uuid NOT NULL,
    prioriteit smallint NOT NULL,
    stand text NOT NULL,
    reden text,
    niet_voor timestamptz,
    inhoud bytea,
    sleutel_id text,
    toestemming_profiel_id uuid,
    toestemming_doel text
) ON COMMIT DROP;

-- name: copy
COPY nieuw_bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, prioriteit, stand, reden, niet_voor, inhoud,
    sleutel_id, toestemming_profiel_id, toestemming_doel
) FROM STDIN;

-- name: add
-- A message stands behind when an older one of its destination and dossier is open that does not
-- stand behind itself, or comes earlier in this set. The older one is held, so that it cannot end
-- before this message can be seen; one that another holds at this moment is passed over, and then
-- the message stands in front, which is always right (hub.wake_next tells the rule).
WITH nieuw AS (
    SELECT DISTINCT ON (gegeven.bestemming, gegeven.sleutel)
        gegeven.nummer,
        gegeven.bestemming,
        gegeven.sleutel,
        gegeven.soort,
        gegeven.kenmerk,
        gegeven.dossier_id,
        gegeven.prioriteit,
        gegeven.stand,
        gegeven.reden,
        gegeven.niet_voor,
        gegeven.inhoud,
        gegeven.sleutel_id,
        gegeven.toestemming_profiel_id,
        gegeven.toestemming_doel
    FROM nieuw_bericht AS gegeven
    WHERE
        NOT EXISTS (
            SELECT 1 FROM hub.bericht
            WHERE
                bericht.bestemming = gegeven.bestemming
                AND bericht.sleutel = gegeven.sleutel
        )
    ORDER BY gegeven.bestemming, gegeven.sleutel, gegeven.nummer
),

eerste AS (
    SELECT
        nieuw.bestemming,
        nieuw.dossier_id,
        min(nieuw.nummer) AS nummer
    FROM nieuw
    WHERE nieuw.stand = 'klaar'
    GROUP BY nieuw.bestemming, nieuw.dossier_id
),

ervoor AS (
    SELECT
        eerste.bestemming,
        eerste.dossier_id
    FROM eerste
    CROSS JOIN LATERAL (
        SELECT bericht.bericht_id
        FROM hub.bericht
        WHERE
            bericht.bestemming = eerste.bestemming
            AND bericht.dossier_id = eerste.dossier_id
            AND bericht.stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
            AND NOT bericht.achter
        ORDER BY bericht.volgorde
        LIMIT 1
        FOR SHARE SKIP LOCKED
    ) AS ouder
)

INSERT INTO hub.bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, prioriteit, stand, reden, niet_voor,
    klaar_vanaf, inhoud, sleutel_id, toestemming_profiel_id, toestemming_doel, beeindigd_op, achter
)
SELECT
    nieuw.bestemming,
    nieuw.sleutel,
    nieuw.soort,
    nieuw.kenmerk,
    nieuw.dossier_id,
    nieuw.prioriteit,
    nieuw.stand,
    nieuw.reden,
    nieuw.niet_voor,
    coalesce(nieuw.niet_voor, now()) AS klaar_vanaf,
    nieuw.inhoud,
    nieuw.sleutel_id,
    nieuw.toestemming_profiel_id,
    nieuw.toestemming_doel,
    CASE WHEN nieuw.stand = 'overgeslagen' THEN now() END AS beeindigd_op,
    coalesce(
        nieuw.stand = 'klaar'
        AND (nieuw.nummer > eerste.nummer OR ervoor.dossier_id IS NOT NULL),
        FALSE
    ) AS achter
FROM nieuw
LEFT JOIN eerste
    ON nieuw.bestemming = eerste.bestemming AND nieuw.dossier_id = eerste.dossier_id
LEFT JOIN ervoor
    ON nieuw.bestemming = ervoor.bestemming AND nieuw.dossier_id = ervoor.dossier_id
ORDER BY nieuw.nummer
RETURNING bericht_id, bestemming, sleutel;

-- name: drop
DROP TABLE nieuw_bericht;
