-- Dossiers whose works are delivered, by how many classes the label improved.

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
),

sprong AS (
    SELECT
        reis.periode,
        reis.wijk_code,
        array_position(
            ARRAY['A+', 'A', 'B', 'C', 'D', 'E', 'F'], fct_dossier.epc_label_start
        ) - array_position(
            ARRAY['A+', 'A', 'B', 'C', 'D', 'E', 'F'], fct_dossier.epc_label_nu
        ) AS klassen
    FROM reis
    INNER JOIN rapportage.fct_dossier
        ON reis.dossier_pseudoniem = fct_dossier.dossier_pseudoniem
    WHERE reis.hoogste >= 12
)

SELECT
    sprong.periode,
    sprong.wijk_code,
    CASE
        WHEN sprong.klassen IS NULL THEN 'onbekend'
        WHEN sprong.klassen < 0 THEN 'slechter'
        WHEN sprong.klassen = 0 THEN 'gelijk'
        WHEN sprong.klassen = 1 THEN '1 klasse'
        WHEN sprong.klassen = 2 THEN '2 klassen'
        ELSE '3 of meer klassen'
    END AS sprong,
    count(*) AS aantal
FROM sprong
GROUP BY sprong.periode, sprong.wijk_code, sprong.klassen;

-- name: clear
DELETE FROM rapportage.mart_labelsprong;

-- name: copy
COPY rapportage.mart_labelsprong (
    niveau, periode, wijk_code, sprong, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_labelsprong.niveau,
    mart_labelsprong.periode,
    mart_labelsprong.wijk_code,
    mart_labelsprong.sprong,
    mart_labelsprong.aantal,
    mart_labelsprong.afgeschermd
FROM rapportage.mart_labelsprong
ORDER BY
    mart_labelsprong.niveau,
    mart_labelsprong.periode,
    mart_labelsprong.wijk_code,
    mart_labelsprong.sprong;
