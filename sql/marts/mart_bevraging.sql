-- How often a source was asked on a day, by order of magnitude, and whether it answered.

-- name: tel
SELECT
    fct_bevraging.datum,
    fct_bevraging.bron,
    CASE
        WHEN sum(fct_bevraging.aantal) >= 1000 THEN '1000+'
        WHEN sum(fct_bevraging.aantal) >= 100 THEN '100-999'
        WHEN sum(fct_bevraging.aantal) >= 10 THEN '10-99'
        ELSE '1-9'
    END AS orde,
    CASE
        WHEN sum(fct_bevraging.aantal) >= 10
            THEN
                round(
                    100.0 * coalesce(
                        sum(fct_bevraging.aantal)
                        FILTER (WHERE fct_bevraging.uitkomst IN ('gevonden', 'geen')),
                        0
                    ) / sum(fct_bevraging.aantal)
                )::integer
    END AS geslaagd_procent
FROM rapportage.fct_bevraging
WHERE fct_bevraging.datum <= :peildatum
GROUP BY fct_bevraging.datum, fct_bevraging.bron;

-- name: clear
DELETE FROM rapportage.mart_bevraging;

-- name: copy
COPY rapportage.mart_bevraging (
    datum, bron, orde, geslaagd_procent
) FROM STDIN;

-- name: read
SELECT
    mart_bevraging.datum,
    mart_bevraging.bron,
    mart_bevraging.orde,
    mart_bevraging.geslaagd_procent
FROM rapportage.mart_bevraging
ORDER BY
    mart_bevraging.datum,
    mart_bevraging.bron,
    mart_bevraging.orde,
    mart_bevraging.geslaagd_procent;
