-- Requests for premies and loans by month, neighbourhood, kind, premie, outcome and amount.

-- name: tel
WITH aanvraag AS (
    SELECT
        date_trunc('month', fct_aanvraag.aangevraagd_op)::date AS periode,
        fct_aanvraag.wijk_code,
        fct_aanvraag.soort,
        coalesce(fct_aanvraag.premie_code, 'onbekend') AS premie_code,
        CASE
            WHEN fct_aanvraag.betaald_op <= :peildatum THEN 'betaald'
            WHEN fct_aanvraag.beslist_op > :peildatum OR fct_aanvraag.beslist_op IS NULL
                THEN 'lopend'
            WHEN fct_aanvraag.status = 'geweigerd' THEN 'geweigerd'
            ELSE 'toegekend'
        END AS uitkomst,
        coalesce(fct_aanvraag.bedrag_klasse, 'onbekend') AS bedrag_klasse
    FROM rapportage.fct_aanvraag
    WHERE fct_aanvraag.aangevraagd_op <= :peildatum
)

SELECT
    aanvraag.periode,
    aanvraag.wijk_code,
    aanvraag.soort,
    aanvraag.premie_code,
    aanvraag.uitkomst,
    aanvraag.bedrag_klasse,
    count(*) AS aantal
FROM aanvraag
GROUP BY
    aanvraag.periode,
    aanvraag.wijk_code,
    aanvraag.soort,
    aanvraag.premie_code,
    aanvraag.uitkomst,
    aanvraag.bedrag_klasse;

-- name: clear
DELETE FROM rapportage.mart_aanvraag;

-- name: copy
COPY rapportage.mart_aanvraag (
    niveau, periode, wijk_code, soort, premie_code, uitkomst, bedrag_klasse, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_aanvraag.niveau,
    mart_aanvraag.periode,
    mart_aanvraag.wijk_code,
    mart_aanvraag.soort,
    mart_aanvraag.premie_code,
    mart_aanvraag.uitkomst,
    mart_aanvraag.bedrag_klasse,
    mart_aanvraag.aantal,
    mart_aanvraag.afgeschermd
FROM rapportage.mart_aanvraag
ORDER BY
    mart_aanvraag.niveau,
    mart_aanvraag.periode,
    mart_aanvraag.wijk_code,
    mart_aanvraag.soort,
    mart_aanvraag.premie_code,
    mart_aanvraag.uitkomst,
    mart_aanvraag.bedrag_klasse;
