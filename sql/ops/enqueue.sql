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
    inhoud bytea,
    sleutel_id text,
    toestemming_profiel_id uuid,
    toestemming_doel text
) ON COMMIT DROP;

-- name: copy
COPY nieuw_bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, prioriteit, stand, reden, inhoud, sleutel_id,
    toestemming_profiel_id, toestemming_doel
) FROM STDIN;

-- name: add
INSERT INTO hub.bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, prioriteit, stand, reden, inhoud, sleutel_id,
    toestemming_profiel_id, toestemming_doel, beeindigd_op
)
SELECT
    nieuw_bericht.bestemming,
    nieuw_bericht.sleutel,
    nieuw_bericht.soort,
    nieuw_bericht.kenmerk,
    nieuw_bericht.dossier_id,
    nieuw_bericht.prioriteit,
    nieuw_bericht.stand,
    nieuw_bericht.reden,
    nieuw_bericht.inhoud,
    nieuw_bericht.sleutel_id,
    nieuw_bericht.toestemming_profiel_id,
    nieuw_bericht.toestemming_doel,
    CASE WHEN nieuw_bericht.stand = 'overgeslagen' THEN now() END AS beeindigd_op
FROM nieuw_bericht
ORDER BY nieuw_bericht.nummer
ON CONFLICT (bestemming, sleutel) DO NOTHING
RETURNING bericht_id, bestemming, sleutel;

-- name: drop
DROP TABLE nieuw_bericht;
