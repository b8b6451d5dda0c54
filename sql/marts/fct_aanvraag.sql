-- One row per living application for a premie or a loan of a counted dossier, by pseudonym. Its
-- days and amount stay in the CRM: these columns are empty until the hub lands them.

-- name: create
CREATE TEMPORARY TABLE nieuw_aanvraag ON COMMIT DROP AS
SELECT
    pseudoniem.pseudoniem AS aanvraag_pseudoniem,
    levend_dossier.dossier_pseudoniem,
    levend_dossier.wijk_code,
    crm_aanvraag.soort,
    coalesce(dim_premie.premie_code, 'onbekend') AS premie_code,
    CASE
        WHEN
            crm_aanvraag.soort || ' ' || crm_aanvraag.status = any(cast(:standen AS text[]))
            THEN crm_aanvraag.status
        ELSE 'onbekend'
    END AS status
FROM levend_dossier
INNER JOIN bron.crm_aanvraag ON levend_dossier.dossier_id = crm_aanvraag.dossier_id
INNER JOIN rapportage.pseudoniem
    ON crm_aanvraag.aanvraag_id = pseudoniem.object_id AND pseudoniem.doel = 'aanvraag'
LEFT JOIN rapportage.dim_premie
    ON crm_aanvraag.regeling = dim_premie.naam AND crm_aanvraag.soort = dim_premie.soort
WHERE crm_aanvraag.verwijderd_op IS NULL AND crm_aanvraag.soort IN ('premie', 'lening');

-- name: merge
INSERT INTO rapportage.fct_aanvraag AS bekend (
    aanvraag_pseudoniem, dossier_pseudoniem, wijk_code, soort, premie_code, status
)
SELECT
    nieuw_aanvraag.aanvraag_pseudoniem,
    nieuw_aanvraag.dossier_pseudoniem,
    nieuw_aanvraag.wijk_code,
    nieuw_aanvraag.soort,
    nieuw_aanvraag.premie_code,
    nieuw_aanvraag.status
FROM nieuw_aanvraag
ON CONFLICT (aanvraag_pseudoniem) DO UPDATE SET
    dossier_pseudoniem = excluded.dossier_pseudoniem,
    wijk_code = excluded.wijk_code,
    soort = excluded.soort,
    premie_code = excluded.premie_code,
    status = excluded.status
WHERE (
    bekend.dossier_pseudoniem, bekend.wijk_code, bekend.soort, bekend.premie_code, bekend.status
) IS DISTINCT FROM (
    excluded.dossier_pseudoniem, excluded.wijk_code, excluded.soort, excluded.premie_code,
    excluded.status
);

-- name: remove
WITH weg AS (
    DELETE FROM rapportage.fct_aanvraag
    USING rapportage.pseudoniem, werk_dossier
    WHERE
        pseudoniem.doel = 'dossier'
        AND pseudoniem.object_id = werk_dossier.dossier_id
        AND fct_aanvraag.dossier_pseudoniem = pseudoniem.pseudoniem
        AND NOT EXISTS (
            SELECT 1 FROM nieuw_aanvraag
            WHERE nieuw_aanvraag.aanvraag_pseudoniem = fct_aanvraag.aanvraag_pseudoniem
        )
    RETURNING fct_aanvraag.aanvraag_pseudoniem
)

INSERT INTO weg_pseudoniem (pseudoniem)
SELECT weg.aanvraag_pseudoniem FROM weg;
