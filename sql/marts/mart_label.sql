-- Dossiers by month of the question, neighbourhood and label, at the question and now.

-- name: tel
SELECT
    date_trunc('month', fct_dossier.vraag_op)::date AS periode,
    fct_dossier.wijk_code,
    meting.moment,
    coalesce(meting.epc_label, 'onbekend') AS epc_label,
    count(*) AS aantal
FROM rapportage.fct_dossier
CROSS JOIN
    LATERAL (
        VALUES ('start', fct_dossier.epc_label_start), ('nu', fct_dossier.epc_label_nu)
    ) AS meting (moment, epc_label)
WHERE fct_dossier.vraag_op <= :peildatum
GROUP BY periode, fct_dossier.wijk_code, meting.moment, coalesce(meting.epc_label, 'onbekend');

-- name: clear
DELETE FROM rapportage.mart_label;

-- name: copy
COPY rapportage.mart_label (
    niveau, periode, wijk_code, moment, epc_label, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_label.niveau,
    mart_label.periode,
    mart_label.wijk_code,
    mart_label.moment,
    mart_label.epc_label,
    mart_label.aantal,
    mart_label.afgeschermd
FROM rapportage.mart_label
ORDER BY
    mart_label.niveau,
    mart_label.periode,
    mart_label.wijk_code,
    mart_label.moment,
    mart_label.epc_label;
