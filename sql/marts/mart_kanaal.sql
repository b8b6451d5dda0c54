-- Dossiers by month of the question, neighbourhood and channel.

-- name: tel
SELECT
    date_trunc('month', fct_dossier.vraag_op)::date AS periode,
    fct_dossier.wijk_code,
    coalesce(fct_dossier.kanaal, 'onbekend') AS kanaal,
    count(*) AS aantal
FROM rapportage.fct_dossier
WHERE fct_dossier.vraag_op <= :peildatum
GROUP BY periode, fct_dossier.wijk_code, coalesce(fct_dossier.kanaal, 'onbekend');

-- name: clear
DELETE FROM rapportage.mart_kanaal;

-- name: copy
COPY rapportage.mart_kanaal (
    niveau, periode, wijk_code, kanaal, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_kanaal.niveau,
    mart_kanaal.periode,
    mart_kanaal.wijk_code,
    mart_kanaal.kanaal,
    mart_kanaal.aantal,
    mart_kanaal.afgeschermd
FROM rapportage.mart_kanaal
ORDER BY
    mart_kanaal.niveau,
    mart_kanaal.periode,
    mart_kanaal.wijk_code,
    mart_kanaal.kanaal;
