-- One row per day, source and outcome: the dwellings about which that source was last asked on it.

-- name: create
CREATE TEMPORARY TABLE nieuw_bevraging ON COMMIT DROP AS
SELECT
    genomen.datum,
    bronstand.bron,
    bronstand.uitkomst,
    count(*)::integer AS aantal
FROM genomen
INNER JOIN hub.bronstand
    ON
        bronstand.gevraagd_op >= genomen.datum::timestamp AT TIME ZONE 'Europe/Brussels'
        AND bronstand.gevraagd_op < (genomen.datum + 1)::timestamp AT TIME ZONE 'Europe/Brussels'
WHERE genomen.soort = 'bevraging'
GROUP BY genomen.datum, bronstand.bron, bronstand.uitkomst;

-- name: merge
INSERT INTO rapportage.fct_bevraging AS bekend (
    datum, bron, uitkomst, aantal
)
SELECT
    nieuw_bevraging.datum,
    nieuw_bevraging.bron,
    nieuw_bevraging.uitkomst,
    nieuw_bevraging.aantal
FROM nieuw_bevraging
ON CONFLICT (datum, bron, uitkomst) DO UPDATE SET
    aantal = excluded.aantal
WHERE (
    bekend.aantal
) IS DISTINCT FROM (
    excluded.aantal
);

-- name: remove
DELETE FROM rapportage.fct_bevraging
USING genomen
WHERE
    genomen.soort = 'bevraging'
    AND fct_bevraging.datum = genomen.datum
    AND NOT EXISTS (
        SELECT 1 FROM nieuw_bevraging
        WHERE
            nieuw_bevraging.datum = fct_bevraging.datum
            AND nieuw_bevraging.bron = fct_bevraging.bron
            AND nieuw_bevraging.uitkomst = fct_bevraging.uitkomst
    );
