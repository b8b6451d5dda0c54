-- The push benchmark: a destination of its own, consents, and how it ended.

-- name: add_channel
INSERT INTO hub.kanaal
(bestemming, kan_ontdubbelen, kan_bevraagd_worden, bevestigt_later, max_gelijktijdig)
VALUES (:bestemming, TRUE, TRUE, FALSE, :gelijktijdig);

-- name: grant_consents
-- Every consent that a message needs is given.
INSERT INTO bron.crm_toestemming (
    toestemming_id, profiel_id, doel, ontvanger, van, etag, inhoud_hash, gewijzigd_op
)
SELECT
    gen_random_uuid() AS toestemming_id,
    nodig.toestemming_profiel_id,
    nodig.toestemming_doel,
    nodig.bestemming,
    now() - interval '1 day' AS van,
    'W/"1"' AS etag,
    '' AS inhoud_hash,
    now() AS gewijzigd_op
FROM (
    SELECT DISTINCT
        bericht.toestemming_profiel_id,
        bericht.toestemming_doel,
        bericht.bestemming
    FROM hub.bericht
    WHERE bericht.toestemming_profiel_id IS NOT NULL
) AS nodig;

-- name: count_states
SELECT
    stand,
    count(*) AS aantal
FROM hub.bericht
GROUP BY stand;
