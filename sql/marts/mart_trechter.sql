-- Dossiers that reached a step, or a later one, by month of the question and neighbourhood.

-- name: tel
WITH reis AS (
    SELECT
        fct_dossier.dossier_pseudoniem,
        fct_dossier.wijk_code,
        date_trunc('month', fct_dossier.vraag_op)::date AS periode,
        max(stap.volgnummer) AS hoogste
    FROM rapportage.fct_dossier
    CROSS JOIN
        LATERAL (
            VALUES
            (1, fct_dossier.vraag_op),
            (2, fct_dossier.start_op),
            (3, fct_dossier.voorgevuld_op),
            (4, fct_dossier.aangemeld_op),
            (5, fct_dossier.ontvangen_op),
            (6, fct_dossier.huisbezoek_op),
            (7, fct_dossier.advies_op),
            (8, fct_dossier.renovatieplan_op),
            (9, fct_dossier.offertes_op),
            (10, fct_dossier.opdracht_op),
            (11, fct_dossier.uitvoering_op),
            (12, fct_dossier.oplevering_op),
            (13, fct_dossier.premie_op),
            (14, fct_dossier.afgerond_op)
        ) AS stap (volgnummer, datum)
    WHERE
        fct_dossier.vraag_op <= :peildatum
        AND stap.datum <= :peildatum
    GROUP BY fct_dossier.dossier_pseudoniem
)

SELECT
    reis.periode,
    reis.wijk_code,
    stap.stap,
    count(*) AS aantal
FROM reis
INNER JOIN (
    VALUES
    (1, 'vraag'), (2, 'start'), (3, 'voorgevuld'), (4, 'aangemeld'), (5, 'ontvangen'),
    (6, 'huisbezoek'), (7, 'advies'), (8, 'renovatieplan'), (9, 'offertes'), (10, 'opdracht'),
    (11, 'uitvoering'), (12, 'oplevering'), (13, 'premie'), (14, 'afgerond')
) AS stap (volgnummer, stap) ON reis.hoogste >= stap.volgnummer
GROUP BY reis.periode, reis.wijk_code, stap.stap;

-- name: clear
DELETE FROM rapportage.mart_trechter;

-- name: copy
COPY rapportage.mart_trechter (
    niveau, periode, wijk_code, stap, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_trechter.niveau,
    mart_trechter.periode,
    mart_trechter.wijk_code,
    mart_trechter.stap,
    mart_trechter.aantal,
    mart_trechter.afgeschermd
FROM rapportage.mart_trechter
ORDER BY
    mart_trechter.niveau,
    mart_trechter.periode,
    mart_trechter.wijk_code,
    mart_trechter.stap;
