-- Rows set apart by month, model and rule, and how many were mended. No person is in it.

-- name: tel
SELECT
    quarantaine.model,
    reden.reden,
    date_trunc('month', quarantaine.sinds AT TIME ZONE 'Europe/Brussels')::date AS periode,
    count(*) AS aantal,
    count(quarantaine.opgelost_op) AS hersteld
FROM hub.quarantaine
CROSS JOIN LATERAL unnest(quarantaine.redenen) AS reden (reden)
WHERE (quarantaine.sinds AT TIME ZONE 'Europe/Brussels')::date <= :peildatum
GROUP BY quarantaine.model, reden.reden, periode;

-- name: clear
DELETE FROM rapportage.mart_kwaliteit;

-- name: copy
COPY rapportage.mart_kwaliteit (
    model, reden, periode, aantal, hersteld
) FROM STDIN;

-- name: read
SELECT
    mart_kwaliteit.model,
    mart_kwaliteit.reden,
    mart_kwaliteit.periode,
    mart_kwaliteit.aantal,
    mart_kwaliteit.hersteld
FROM rapportage.mart_kwaliteit
ORDER BY
    mart_kwaliteit.model,
    mart_kwaliteit.reden,
    mart_kwaliteit.periode,
    mart_kwaliteit.hersteld;
