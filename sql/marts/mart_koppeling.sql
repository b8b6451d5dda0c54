-- How the messages of a day to a destination ended, by order of magnitude.

-- name: tel
SELECT
    fct_bericht.datum,
    fct_bericht.bestemming,
    CASE
        WHEN sum(fct_bericht.aantal) >= 1000 THEN '1000+'
        WHEN sum(fct_bericht.aantal) >= 100 THEN '100-999'
        WHEN sum(fct_bericht.aantal) >= 10 THEN '10-99'
        ELSE '1-9'
    END AS orde,
    CASE
        WHEN sum(fct_bericht.aantal) >= 10
            THEN
                round(
                    100.0 * coalesce(
                        sum(fct_bericht.aantal) FILTER (WHERE fct_bericht.stand = 'bevestigd'), 0
                    ) / sum(fct_bericht.aantal)
                )::integer
    END AS geslaagd_procent,
    CASE
        WHEN sum(fct_bericht.aantal) >= 10
            THEN
                round(
                    sum(fct_bericht.aantal * fct_bericht.seconden_mediaan)
                    / sum(fct_bericht.aantal)
                )::integer
    END AS seconden_mediaan
FROM rapportage.fct_bericht
WHERE fct_bericht.datum <= :peildatum
GROUP BY fct_bericht.datum, fct_bericht.bestemming;

-- name: clear
DELETE FROM rapportage.mart_koppeling;

-- name: copy
COPY rapportage.mart_koppeling (
    datum, bestemming, orde, geslaagd_procent, seconden_mediaan
) FROM STDIN;

-- name: read
SELECT
    mart_koppeling.datum,
    mart_koppeling.bestemming,
    mart_koppeling.orde,
    mart_koppeling.geslaagd_procent,
    mart_koppeling.seconden_mediaan
FROM rapportage.mart_koppeling
ORDER BY
    mart_koppeling.datum,
    mart_koppeling.bestemming,
    mart_koppeling.orde,
    mart_koppeling.geslaagd_procent,
    mart_koppeling.seconden_mediaan;
