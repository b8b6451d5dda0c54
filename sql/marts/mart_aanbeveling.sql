-- Dwellings by neighbourhood and kind of work that their certificate recommends.

-- name: tel
WITH woning AS (
    SELECT
        dim_woning.woning_pseudoniem,
        dim_woning.wijk_code
    FROM rapportage.dim_woning
    WHERE dim_woning.huidig
),

aanbevolen AS (
    SELECT DISTINCT
        fct_aanbeveling.woning_pseudoniem,
        fct_aanbeveling.soort
    FROM rapportage.fct_aanbeveling
    UNION
    SELECT
        fct_aanbeveling.woning_pseudoniem,
        'alle' AS soort
    FROM rapportage.fct_aanbeveling
)

SELECT
    woning.wijk_code,
    aanbevolen.soort,
    count(*) AS aantal
FROM aanbevolen
INNER JOIN woning ON aanbevolen.woning_pseudoniem = woning.woning_pseudoniem
GROUP BY woning.wijk_code, aanbevolen.soort;

-- name: clear
DELETE FROM rapportage.mart_aanbeveling;

-- name: copy
COPY rapportage.mart_aanbeveling (
    niveau, wijk_code, soort, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_aanbeveling.niveau,
    mart_aanbeveling.wijk_code,
    mart_aanbeveling.soort,
    mart_aanbeveling.aantal,
    mart_aanbeveling.afgeschermd
FROM rapportage.mart_aanbeveling
ORDER BY
    mart_aanbeveling.niveau,
    mart_aanbeveling.wijk_code,
    mart_aanbeveling.soort;
