-- One row per day on which messages were written down, destination, kind and state: how the
-- connections fare. Of what is open only the number: its attempts and time are not over.

-- name: create
CREATE TEMPORARY TABLE nieuw_bericht ON COMMIT DROP AS
WITH dag AS (
    -- A key begins with its moment in milliseconds: a day's messages stand together in the index.
    SELECT
        genomen.datum,
        (
            lpad(
                to_hex((
                    extract(EPOCH FROM genomen.datum::timestamp AT TIME ZONE 'Europe/Brussels')
                    * 1000
                )::bigint),
                12,
                '0'
            ) || repeat('0', 20)
        )::uuid AS eerste,
        (
            lpad(
                to_hex((
                    extract(
                        EPOCH FROM (genomen.datum + 1)::timestamp AT TIME ZONE 'Europe/Brussels'
                    ) * 1000
                )::bigint),
                12,
                '0'
            ) || repeat('0', 20)
        )::uuid AS volgende
    FROM genomen
    WHERE genomen.soort = 'bericht'
),

geteld AS (
    SELECT
        dag.datum,
        bericht.bestemming,
        bericht.soort,
        CASE
            WHEN bericht.stand IN ('klaar', 'onderweg', 'aangenomen') THEN 'open'
            ELSE bericht.stand
        END AS stand,
        CASE WHEN bericht.beeindigd_op IS NOT NULL THEN bericht.pogingen ELSE 0 END AS pogingen,
        extract(EPOCH FROM bericht.beeindigd_op - bericht.aangemaakt_op)::double precision
            AS seconden
    FROM dag
    INNER JOIN hub.bericht
        ON bericht.bericht_id >= dag.eerste AND bericht.bericht_id < dag.volgende
    WHERE uuid_extract_timestamp(bericht.bericht_id) IS NOT NULL
)

SELECT
    geteld.datum,
    geteld.bestemming,
    geteld.soort,
    geteld.stand,
    count(*)::integer AS aantal,
    sum(geteld.pogingen)::integer AS pogingen,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY geteld.seconden) AS seconden_mediaan,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY geteld.seconden) AS seconden_p90
FROM geteld
GROUP BY geteld.datum, geteld.bestemming, geteld.soort, geteld.stand;

-- name: merge
INSERT INTO rapportage.fct_bericht AS bekend (
    datum, bestemming, soort, stand, aantal, pogingen, seconden_mediaan, seconden_p90
)
SELECT
    nieuw_bericht.datum,
    nieuw_bericht.bestemming,
    nieuw_bericht.soort,
    nieuw_bericht.stand,
    nieuw_bericht.aantal,
    nieuw_bericht.pogingen,
    nieuw_bericht.seconden_mediaan,
    nieuw_bericht.seconden_p90
FROM nieuw_bericht
ON CONFLICT (datum, bestemming, soort, stand) DO UPDATE SET
    aantal = excluded.aantal,
    pogingen = excluded.pogingen,
    seconden_mediaan = excluded.seconden_mediaan,
    seconden_p90 = excluded.seconden_p90
WHERE (
    bekend.aantal, bekend.pogingen, bekend.seconden_mediaan, bekend.seconden_p90
) IS DISTINCT FROM (
    excluded.aantal, excluded.pogingen, excluded.seconden_mediaan, excluded.seconden_p90
);

-- name: remove
DELETE FROM rapportage.fct_bericht
USING genomen
WHERE
    genomen.soort = 'bericht'
    AND fct_bericht.datum = genomen.datum
    AND NOT EXISTS (
        SELECT 1 FROM nieuw_bericht
        WHERE
            nieuw_bericht.datum = fct_bericht.datum
            AND nieuw_bericht.bestemming = fct_bericht.bestemming
            AND nieuw_bericht.soort = fct_bericht.soort
            AND nieuw_bericht.stand = fct_bericht.stand
    );
