-- The ledger benchmark: what waits and what is finished, made in the database itself. Messages
-- that may leave carry 'vrij' as their kenmerk; a number gives its dossier, so that what waits
-- belongs to dossiers with a past.

-- name: add_due
-- Each of a dossier of its own, due now, with a consent to be read.
INSERT INTO hub.bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, inhoud, sleutel_id,
    toestemming_profiel_id, toestemming_doel
)
SELECT
    :bestemming AS bestemming,
    'vrij:' || nummer AS sleutel,
    'aanmelding' AS soort,
    'vrij' AS kenmerk,
    md5('dossier' || nummer)::uuid AS dossier_id,
    decode(repeat(md5(nummer::text), 40), 'hex') AS inhoud,
    'bench' AS sleutel_id,
    md5('profiel' || nummer)::uuid AS toestemming_profiel_id,
    'bench' AS toestemming_doel
FROM generate_series(1, cast(:aantal AS integer)) AS nummer;

-- name: add_not_due
-- Written down earlier, to be tried again only tomorrow.
INSERT INTO hub.bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, klaar_vanaf, pogingen, inhoud, sleutel_id
)
SELECT
    :bestemming AS bestemming,
    'later:' || nummer AS sleutel,
    'aanmelding' AS soort,
    'later' AS kenmerk,
    md5('later' || nummer)::uuid AS dossier_id,
    now() + interval '1 day' AS klaar_vanaf,
    1 AS pogingen,
    decode(repeat(md5(nummer::text), 40), 'hex') AS inhoud,
    'bench' AS sleutel_id
FROM generate_series(1, cast(:aantal AS integer)) AS nummer;

-- name: add_blocked
-- A hundred per dossier, all due, behind a first one that a person must decide about.
INSERT INTO hub.bericht (
    bestemming, sleutel, soort, kenmerk, dossier_id, stand, achter, inhoud, sleutel_id
)
SELECT
    :bestemming AS bestemming,
    'geblokkeerd:' || nummer AS sleutel,
    'status' AS soort,
    'geblokkeerd' AS kenmerk,
    md5('geblokkeerd' || nummer / 100)::uuid AS dossier_id,
    CASE WHEN nummer % 100 = 0 THEN 'in_twijfel' ELSE 'klaar' END AS stand,
    nummer % 100 <> 0 AS achter,
    decode(repeat(md5(nummer::text), 40), 'hex') AS inhoud,
    'bench' AS sleutel_id
FROM generate_series(0, cast(:aantal AS integer) - 1) AS nummer;

-- name: add_finished
-- Twenty per dossier, delivered long ago, each with its attempt.
WITH beeindigd AS (
    INSERT INTO hub.bericht (
        bestemming, sleutel, soort, dossier_id, stand, pogingen, ontvangst, eerst_verzonden_op,
        beeindigd_op, inhoud, sleutel_id
    )
    SELECT
        :bestemming AS bestemming,
        'klaar:' || lpad(nummer::text, 9, '0') AS sleutel,
        'status' AS soort,
        md5('dossier' || nummer / 20)::uuid AS dossier_id,
        'bevestigd' AS stand,
        1 AS pogingen,
        'ontvangst ' || nummer AS ontvangst,
        now() - interval '30 days' AS eerst_verzonden_op,
        now() - interval '30 days' AS beeindigd_op,
        decode(repeat(md5(nummer::text), 10), 'hex') AS inhoud,
        'bench' AS sleutel_id
    FROM generate_series(cast(:van AS integer), cast(:tot AS integer)) AS nummer
    RETURNING bericht_id
)

INSERT INTO hub.poging (bericht_id, nummer, begonnen_op, beeindigd_op, lease_van, uitkomst)
SELECT
    beeindigd.bericht_id,
    1 AS nummer,
    now() - interval '30 days' AS begonnen_op,
    now() - interval '30 days' AS beeindigd_op,
    'bench' AS lease_van,
    'aanvaard' AS uitkomst
FROM beeindigd;

-- name: tidy
-- What autovacuum does in time.
VACUUM (ANALYZE) hub.bericht, hub.poging, bron.crm_toestemming;
