-- How often each rule was held against a model in a month, how often it broke, and in what share
-- of the rows. No person is in it.

-- name: tel
WITH meting AS (
    SELECT
        regelmeting.model,
        regelmeting.regel,
        regelmeting.ernst,
        date_trunc('month', regelmeting.gemeten_op AT TIME ZONE 'Europe/Brussels')::date
            AS periode,
        regelmeting.rijen,
        regelmeting.gebroken
    FROM hub.regelmeting
    WHERE (regelmeting.gemeten_op AT TIME ZONE 'Europe/Brussels')::date <= :peildatum
),

maand AS (
    SELECT
        meting.model,
        meting.regel,
        meting.ernst,
        meting.periode,
        count(*) AS metingen,
        count(*) FILTER (WHERE meting.gebroken > 0) AS gebroken_metingen,
        max(meting.gebroken) AS meeste,
        sum(meting.rijen) AS rijen,
        sum(meting.gebroken) AS gebroken
    FROM meting
    GROUP BY meting.model, meting.regel, meting.ernst, meting.periode
)

SELECT
    maand.model,
    maand.regel,
    maand.ernst,
    maand.periode,
    maand.metingen,
    maand.gebroken_metingen,
    CASE
        WHEN maand.meeste = 0 THEN '0'
        WHEN maand.meeste < 10 THEN '1-9'
        WHEN maand.meeste < 100 THEN '10-99'
        WHEN maand.meeste < 1000 THEN '100-999'
        ELSE '1000+'
    END AS orde,
    CASE
        WHEN maand.rijen >= 100 THEN round(100 * maand.gebroken / maand.rijen)::integer
    END AS gebroken_procent
FROM maand;

-- name: clear
DELETE FROM rapportage.mart_kwaliteit;

-- name: copy
COPY rapportage.mart_kwaliteit (
    model, regel, ernst, periode, metingen, gebroken_metingen, orde, gebroken_procent
) FROM STDIN;

-- name: read
SELECT
    mart_kwaliteit.model,
    mart_kwaliteit.regel,
    mart_kwaliteit.ernst,
    mart_kwaliteit.periode,
    mart_kwaliteit.metingen,
    mart_kwaliteit.gebroken_metingen,
    mart_kwaliteit.orde,
    mart_kwaliteit.gebroken_procent
FROM rapportage.mart_kwaliteit
ORDER BY
    mart_kwaliteit.model,
    mart_kwaliteit.regel,
    mart_kwaliteit.ernst,
    mart_kwaliteit.periode;
