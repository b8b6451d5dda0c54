-- Written by hub/quality/generate.py from stg_dossier.yml: change the rules there.

-- name: analyze
ANALYZE stg_dossier;

-- name: reject
-- One row per row of stg_dossier that breaks a rule, with every rule it breaks.
INSERT INTO gebroken (object_id, versie, fouten, waarschuwingen, redenen, waarden, persoonlijk)
SELECT
    stg_dossier.dossier_id::text AS object_id,
    stg_dossier.etag::text AS versie,
    oordeel.fouten,
    oordeel.waarschuwingen,
    array_remove(ARRAY[
        CASE WHEN 'dossiernummer_aanwezig' = ANY(oordeel.fouten) THEN 'het dossiernummer ontbreekt; vul het in het CRM in [dossiernummer_aanwezig]' END,
        CASE WHEN 'profiel_bestaat' = ANY(oordeel.fouten) THEN 'het dossier hangt aan geen burgerprofiel; koppel het in het CRM [profiel_bestaat]' END,
        CASE WHEN 'insz_klopt' = ANY(oordeel.fouten) THEN 'de controlecijfers van het rijksregisternummer kloppen niet; vraag het na [insz_klopt]' END,
        CASE WHEN 'straat_aanwezig' = ANY(oordeel.fouten) THEN 'de straat ontbreekt; vul het adres van de woning aan [straat_aanwezig]' END,
        CASE WHEN 'huisnummer_aanwezig' = ANY(oordeel.fouten) THEN 'het huisnummer ontbreekt; vul het adres van de woning aan [huisnummer_aanwezig]' END,
        CASE WHEN 'huisnummer_begint_met_cijfer' = ANY(oordeel.fouten) THEN 'het huisnummer begint niet met een cijfer; verbeter het adres [huisnummer_begint_met_cijfer]' END,
        CASE WHEN 'postcode_van_leuven' = ANY(oordeel.fouten) THEN 'de postcode is geen postcode van Leuven; verbeter het adres [postcode_van_leuven]' END,
        CASE WHEN 'gemeente_van_leuven' = ANY(oordeel.fouten) THEN 'de gemeente is niet Leuven of een deelgemeente; verbeter het adres of verwijs door [gemeente_van_leuven]' END,
        CASE WHEN 'dossiernummer_uniek' = ANY(oordeel.fouten) THEN 'twee dossiers dragen hetzelfde nummer; geef er een zijn eigen nummer [dossiernummer_uniek]' END,
        CASE WHEN 'dossiernummer_lengte' = ANY(oordeel.fouten) THEN 'het dossiernummer is langer dan een nummer kan zijn; verbeter het [dossiernummer_lengte]' END,
        CASE WHEN 'akkoord_niet_in_toekomst' = ANY(oordeel.fouten) THEN 'het akkoord om te starten ligt in de toekomst; verbeter de datum [akkoord_niet_in_toekomst]' END,
        CASE WHEN 'vraag_niet_in_toekomst' = ANY(oordeel.fouten) THEN 'de vraag bij dit dossier ligt in de toekomst; verbeter haar datum [vraag_niet_in_toekomst]' END,
        CASE WHEN 'vraag_na_begin_van_de_dienst' = ANY(oordeel.fouten) THEN 'de vraag bij dit dossier is van voor het jaar 2000; verbeter haar datum [vraag_na_begin_van_de_dienst]' END
    ]::text[], NULL) AS redenen,
    jsonb_strip_nulls(jsonb_build_object(
        'dossiernummer', CASE WHEN 'dossiernummer_aanwezig' = ANY(oordeel.fouten) OR 'dossiernummer_uniek' = ANY(oordeel.fouten) OR 'dossiernummer_lengte' = ANY(oordeel.fouten) THEN stg_dossier.dossiernummer::text END,
        'profiel_bestaat', CASE WHEN 'profiel_bestaat' = ANY(oordeel.fouten) THEN stg_dossier.profiel_bestaat::text END,
        'insz_status', CASE WHEN 'insz_klopt' = ANY(oordeel.fouten) THEN stg_dossier.insz_status::text END,
        'postcode', CASE WHEN 'postcode_van_leuven' = ANY(oordeel.fouten) THEN stg_dossier.postcode::text END,
        'gemeente', CASE WHEN 'gemeente_van_leuven' = ANY(oordeel.fouten) THEN stg_dossier.gemeente::text END,
        'start_akkoord_op', CASE WHEN 'akkoord_niet_in_toekomst' = ANY(oordeel.fouten) THEN stg_dossier.start_akkoord_op::text END,
        'vraag_ontvangen_op', CASE WHEN 'vraag_niet_in_toekomst' = ANY(oordeel.fouten) OR 'vraag_na_begin_van_de_dienst' = ANY(oordeel.fouten) THEN stg_dossier.vraag_ontvangen_op::text END
    )) AS waarden,
    nullif(jsonb_strip_nulls(jsonb_build_object(
        'straat', CASE WHEN 'straat_aanwezig' = ANY(oordeel.fouten) THEN stg_dossier.straat::text END,
        'huisnummer', CASE WHEN 'huisnummer_aanwezig' = ANY(oordeel.fouten) OR 'huisnummer_begint_met_cijfer' = ANY(oordeel.fouten) THEN stg_dossier.huisnummer::text END
    )), '{}') AS persoonlijk
FROM stg_dossier
CROSS JOIN LATERAL (
    SELECT
        array_remove(ARRAY[
            CASE WHEN stg_dossier.dossiernummer IS NULL THEN 'dossiernummer_aanwezig' END,
            CASE WHEN stg_dossier.profiel_bestaat IS NOT TRUE THEN 'profiel_bestaat' END,
            CASE WHEN stg_dossier.insz_status NOT IN ('geldig', 'ontbreekt') THEN 'insz_klopt' END,
            CASE WHEN stg_dossier.straat IS NULL THEN 'straat_aanwezig' END,
            CASE WHEN stg_dossier.huisnummer IS NULL THEN 'huisnummer_aanwezig' END,
            CASE WHEN stg_dossier.huisnummer !~ '^[0-9]' THEN 'huisnummer_begint_met_cijfer' END,
            CASE WHEN stg_dossier.postcode NOT IN ('3000', '3001', '3010', '3012', '3018') THEN 'postcode_van_leuven' END,
            CASE WHEN stg_dossier.gemeente NOT IN ('Leuven', 'Heverlee', 'Kessel-Lo', 'Wilsele', 'Wijgmaal') THEN 'gemeente_van_leuven' END,
            CASE WHEN stg_dossier.dossiernummer IN (SELECT ander.dossiernummer FROM bron.stg_dossier AS ander WHERE ander.dossiernummer IN (SELECT stg_dossier.dossiernummer FROM stg_dossier) GROUP BY ander.dossiernummer HAVING count(*) > 1) THEN 'dossiernummer_uniek' END,
            CASE WHEN (char_length(stg_dossier.dossiernummer) > 50) THEN 'dossiernummer_lengte' END,
            CASE WHEN stg_dossier.start_akkoord_op > now() + INTERVAL '24 hours' THEN 'akkoord_niet_in_toekomst' END,
            CASE WHEN stg_dossier.vraag_ontvangen_op > now() + INTERVAL '24 hours' THEN 'vraag_niet_in_toekomst' END,
            CASE WHEN (stg_dossier.vraag_ontvangen_op < DATE '2000-01-01') THEN 'vraag_na_begin_van_de_dienst' END
        ]::text[], NULL) AS fouten,
        array_remove(ARRAY[
            CASE WHEN stg_dossier.postcode IS NULL THEN 'postcode_aanwezig' END,
            CASE WHEN (char_length(stg_dossier.busnummer) > 20) THEN 'busnummer_lengte' END
        ]::text[], NULL) AS waarschuwingen
    OFFSET 0
) AS oordeel
WHERE
    stg_dossier.dossiernummer IS NULL
    OR stg_dossier.profiel_bestaat IS NOT TRUE
    OR stg_dossier.insz_status NOT IN ('geldig', 'ontbreekt')
    OR stg_dossier.straat IS NULL
    OR stg_dossier.huisnummer IS NULL
    OR stg_dossier.huisnummer !~ '^[0-9]'
    OR stg_dossier.postcode NOT IN ('3000', '3001', '3010', '3012', '3018')
    OR stg_dossier.gemeente NOT IN ('Leuven', 'Heverlee', 'Kessel-Lo', 'Wilsele', 'Wijgmaal')
    OR stg_dossier.postcode IS NULL
    OR stg_dossier.dossiernummer IN (SELECT ander.dossiernummer FROM bron.stg_dossier AS ander WHERE ander.dossiernummer IN (SELECT stg_dossier.dossiernummer FROM stg_dossier) GROUP BY ander.dossiernummer HAVING count(*) > 1)
    OR (char_length(stg_dossier.dossiernummer) > 50)
    OR stg_dossier.start_akkoord_op > now() + INTERVAL '24 hours'
    OR stg_dossier.vraag_ontvangen_op > now() + INTERVAL '24 hours'
    OR (stg_dossier.vraag_ontvangen_op < DATE '2000-01-01')
    OR (char_length(stg_dossier.busnummer) > 20);

-- name: release
-- Rows that pass by now, and rows that are gone.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = 'stg_dossier'
    AND quarantaine.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM gebroken
        WHERE gebroken.object_id = quarantaine.object_id AND gebroken.fouten <> '{}'
    )
    AND (
        quarantaine.object_id IN (SELECT stg_dossier.dossier_id::text FROM stg_dossier)
        OR NOT EXISTS (
            SELECT 1 FROM bron.stg_dossier AS bestaand
            WHERE bestaand.dossier_id = quarantaine.object_id::uuid
        )
    );

-- name: drop
DROP TABLE stg_dossier;
