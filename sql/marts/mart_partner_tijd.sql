-- Aanmeldingen by month, partner and number of days from sending to a phase.

-- name: tel
SELECT
    date_trunc('month', fct_aanmelding.gevraagd_op)::date AS periode,
    coalesce(fct_aanmelding.partner, 'onbekend') AS partner,
    tijd.fase,
    tijd.datum - fct_aanmelding.verzonden_op AS dagen,
    count(*) AS aantal
FROM rapportage.fct_aanmelding
CROSS JOIN
    LATERAL (
        VALUES
        ('gepland', fct_aanmelding.gepland_op),
        ('advies', fct_aanmelding.advies_op),
        ('afgerond', fct_aanmelding.afgerond_op)
    ) AS tijd (fase, datum)
WHERE
    fct_aanmelding.gevraagd_op <= :peildatum
    AND tijd.datum <= :peildatum
    AND tijd.datum >= fct_aanmelding.verzonden_op
GROUP BY periode, coalesce(fct_aanmelding.partner, 'onbekend'), tijd.fase, dagen;

-- name: clear
DELETE FROM rapportage.mart_partner_tijd;

-- name: copy
COPY rapportage.mart_partner_tijd (
    niveau, periode, partner, fase, aantal, mediaan, p90, afgeschermd
) FROM STDIN;

-- name: read
SELECT
    mart_partner_tijd.niveau,
    mart_partner_tijd.periode,
    mart_partner_tijd.partner,
    mart_partner_tijd.fase,
    mart_partner_tijd.aantal,
    mart_partner_tijd.mediaan,
    mart_partner_tijd.p90,
    mart_partner_tijd.afgeschermd
FROM rapportage.mart_partner_tijd
ORDER BY
    mart_partner_tijd.niveau,
    mart_partner_tijd.periode,
    mart_partner_tijd.partner,
    mart_partner_tijd.fase,
    mart_partner_tijd.mediaan,
    mart_partner_tijd.p90;
