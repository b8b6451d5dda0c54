-- Aanmeldingen by month, partner and the phases they reached, or a later one.

-- name: tel
WITH aanmelding AS (
    SELECT
        date_trunc('month', fct_aanmelding.gevraagd_op)::date AS periode,
        coalesce(fct_aanmelding.partner, 'onbekend') AS partner,
        CASE
            WHEN fct_aanmelding.afgerond_op <= :peildatum THEN 6
            WHEN fct_aanmelding.advies_op <= :peildatum THEN 5
            WHEN fct_aanmelding.gepland_op <= :peildatum THEN 4
            WHEN fct_aanmelding.ontvangen_op <= :peildatum THEN 3
            WHEN fct_aanmelding.verzonden_op <= :peildatum THEN 2
            ELSE 1
        END AS hoogste,
        coalesce(fct_aanmelding.geweigerd_op <= :peildatum, FALSE) AS geweigerd,
        coalesce(fct_aanmelding.ingetrokken_op <= :peildatum, FALSE) AS ingetrokken
    FROM rapportage.fct_aanmelding
    WHERE fct_aanmelding.gevraagd_op <= :peildatum
)

SELECT
    aanmelding.periode,
    aanmelding.partner,
    fase.fase,
    count(*) AS aantal
FROM aanmelding
INNER JOIN (
    VALUES
    (1, 'gevraagd'), (2, 'verzonden'), (3, 'ontvangen'), (4, 'gepland'), (5, 'advies'),
    (6, 'afgerond'), (7, 'geweigerd'), (8, 'ingetrokken')
) AS fase (volgnummer, fase)
    ON
        (fase.volgnummer <= 6 AND aanmelding.hoogste >= fase.volgnummer)
        OR (fase.fase = 'geweigerd' AND aanmelding.geweigerd)
        OR (fase.fase = 'ingetrokken' AND aanmelding.ingetrokken)
GROUP BY aanmelding.periode, aanmelding.partner, fase.fase;

-- name: clear
DELETE FROM rapportage.mart_partner;

-- name: copy
COPY rapportage.mart_partner (
    niveau, periode, partner, fase, aantal, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_partner.niveau,
    mart_partner.periode,
    mart_partner.partner,
    mart_partner.fase,
    mart_partner.aantal,
    mart_partner.afgeschermd
FROM rapportage.mart_partner
ORDER BY
    mart_partner.niveau,
    mart_partner.periode,
    mart_partner.partner,
    mart_partner.fase;
