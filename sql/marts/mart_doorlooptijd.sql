-- Dossiers by month of the question, neighbourhood and number of days up to a step.

-- name: tel
SELECT
    date_trunc('month', fct_dossier.vraag_op)::date AS periode,
    fct_dossier.wijk_code,
    reis.traject,
    reis.dagen,
    count(*) AS aantal
FROM rapportage.fct_dossier
CROSS JOIN
    LATERAL (
        VALUES
        ('start', fct_dossier.start_op, fct_dossier.dagen_tot_start),
        ('advies', fct_dossier.advies_op, fct_dossier.dagen_tot_advies),
        ('afgerond', fct_dossier.afgerond_op, fct_dossier.dagen_tot_afgerond)
    ) AS reis (traject, datum, dagen)
WHERE
    fct_dossier.vraag_op <= :peildatum
    AND reis.datum <= :peildatum
    AND reis.dagen IS NOT NULL
GROUP BY periode, fct_dossier.wijk_code, reis.traject, reis.dagen;

-- name: clear
DELETE FROM rapportage.mart_doorlooptijd;

-- name: copy
COPY rapportage.mart_doorlooptijd (
    niveau, periode, wijk_code, traject, aantal, mediaan, p90, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_doorlooptijd.niveau,
    mart_doorlooptijd.periode,
    mart_doorlooptijd.wijk_code,
    mart_doorlooptijd.traject,
    mart_doorlooptijd.aantal,
    mart_doorlooptijd.mediaan,
    mart_doorlooptijd.p90,
    mart_doorlooptijd.afgeschermd
FROM rapportage.mart_doorlooptijd
ORDER BY
    mart_doorlooptijd.niveau,
    mart_doorlooptijd.periode,
    mart_doorlooptijd.wijk_code,
    mart_doorlooptijd.traject,
    mart_doorlooptijd.mediaan,
    mart_doorlooptijd.p90;
