-- Written by hub/quality/generate.py from stg_dossier.yml: change the rules there.
-- One row per row of stg_dossier that breaks a rule of severity fail, with every reason.

-- name: reject
INSERT INTO afgekeurd (object_id, redenen)
SELECT
    stg_dossier.dossier_id AS object_id,
    array_remove(ARRAY[
        CASE
            WHEN stg_dossier.dossiernummer IS NULL
                THEN 'het dossiernummer ontbreekt; vul het in het CRM in [dossiernummer_aanwezig]'
        END,
        CASE
            WHEN stg_dossier.profiel_bestaat IS NOT TRUE
                THEN 'het dossier hangt aan geen burgerprofiel; koppel het in het CRM [profiel_bestaat]'
        END,
        CASE
            WHEN stg_dossier.insz_status NOT IN ('geldig', 'ontbreekt')
                THEN 'de controlecijfers van het rijksregisternummer kloppen niet; vraag het na [insz_klopt]'
        END,
        CASE
            WHEN stg_dossier.straat IS NULL
                THEN 'de straat ontbreekt; vul het adres van de woning aan [straat_aanwezig]'
        END,
        CASE
            WHEN stg_dossier.huisnummer IS NULL
                THEN 'het huisnummer ontbreekt; vul het adres van de woning aan [huisnummer_aanwezig]'
        END,
        CASE
            WHEN stg_dossier.huisnummer !~ '^[0-9]'
                THEN 'het huisnummer begint niet met een cijfer; verbeter het adres [huisnummer_begint_met_cijfer]'
        END,
        CASE
            WHEN stg_dossier.postcode NOT IN ('3000', '3001', '3010', '3012', '3018')
                THEN 'de postcode is geen postcode van Leuven; verbeter het adres [postcode_van_leuven]'
        END,
        CASE
            WHEN stg_dossier.gemeente NOT IN ('Leuven', 'Heverlee', 'Kessel-Lo', 'Wilsele', 'Wijgmaal')
                THEN 'de gemeente is niet Leuven of een deelgemeente; verbeter het adres of verwijs door [gemeente_van_leuven]'
        END
    ], NULL) AS redenen
FROM stg_dossier
WHERE
    stg_dossier.dossiernummer IS NULL
    OR stg_dossier.profiel_bestaat IS NOT TRUE
    OR stg_dossier.insz_status NOT IN ('geldig', 'ontbreekt')
    OR stg_dossier.straat IS NULL
    OR stg_dossier.huisnummer IS NULL
    OR stg_dossier.huisnummer !~ '^[0-9]'
    OR stg_dossier.postcode NOT IN ('3000', '3001', '3010', '3012', '3018')
    OR stg_dossier.gemeente NOT IN ('Leuven', 'Heverlee', 'Kessel-Lo', 'Wilsele', 'Wijgmaal');
