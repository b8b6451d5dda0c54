-- Aanmeldingen that consultant or form asked for and that did not leave yet, for one batch.

-- name: asked
SELECT
    crm_aanmelding.aanmelding_id,
    crm_aanmelding.soort,
    crm_aanmelding.partner,
    crm_aanmelding.gewijzigd_op,
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    crm_dossier.profiel_id,
    crm_dossier.straat,
    crm_dossier.huisnummer,
    crm_dossier.busnummer,
    crm_dossier.postcode,
    crm_dossier.gemeente,
    crm_profiel.persoonsgegevens AS profiel_gegevens,
    crm_profiel.sleutel_id AS profiel_sleutel_id,
    crm_vraag.vraag_id,
    crm_vraag.persoonsgegevens AS vraag_gegevens,
    crm_vraag.sleutel_id AS vraag_sleutel_id,
    dossier_woning.woning_id,
    exists(
        SELECT 1 FROM hub.geldige_toestemming
        WHERE
            geldige_toestemming.profiel_id = crm_dossier.profiel_id
            AND geldige_toestemming.doel = crm_aanmelding.soort
            AND geldige_toestemming.ontvanger = crm_aanmelding.partner
    ) AS toegestaan
FROM hub.batch_dossier
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
INNER JOIN bron.crm_aanmelding ON crm_dossier.dossier_id = crm_aanmelding.dossier_id
LEFT JOIN bron.crm_vraag ON crm_dossier.vraag_id = crm_vraag.vraag_id
LEFT JOIN hub.dossier_woning ON crm_dossier.dossier_id = dossier_woning.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND NOT batch_dossier.opnieuw
    AND crm_aanmelding.status = 'aangevraagd'
    AND (crm_aanmelding.partner, crm_aanmelding.soort) IN (
        SELECT
            aangeboden.partner,
            aangeboden.soort
        FROM
            unnest(cast(:partners AS text[]), cast(:soorten AS text[]))
                AS aangeboden (partner, soort)
    )
    AND crm_aanmelding.verwijderd_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = crm_aanmelding.partner
            AND bericht.sleutel = 'aanmelding:' || crm_aanmelding.aanmelding_id::text
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.quarantaine
        WHERE
            quarantaine.model = 'stg_aanmelding'
            AND quarantaine.object_id = crm_aanmelding.aanmelding_id::text
            AND quarantaine.opgelost_op IS NULL
    )
ORDER BY crm_aanmelding.volgnummer, crm_aanmelding.aanmelding_id;

-- name: not_offered
-- Aanmeldingen for something that the table of partners does not know.
SELECT
    crm_aanmelding.aanmelding_id,
    coalesce(crm_aanmelding.soort, '(niets)') AS soort,
    coalesce(crm_aanmelding.partner, '(niemand)') AS partner,
    crm_dossier.dossiernummer
FROM hub.batch_dossier
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
INNER JOIN bron.crm_aanmelding ON crm_dossier.dossier_id = crm_aanmelding.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND NOT batch_dossier.opnieuw
    AND crm_aanmelding.status = 'aangevraagd'
    AND crm_aanmelding.verwijderd_op IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM
            unnest(cast(:partners AS text[]), cast(:soorten AS text[]))
                AS aangeboden (partner, soort)
        WHERE
            aangeboden.partner = crm_aanmelding.partner
            AND aangeboden.soort = crm_aanmelding.soort
    )
ORDER BY crm_aanmelding.aanmelding_id;

-- name: gegevens
SELECT
    gegeven.woning_id,
    gegeven.veld,
    gegeven.waarde
FROM hub.gegeven
WHERE
    gegeven.vervangen_op IS NULL
    AND gegeven.veld IN ('adres_id', 'gebouweenheid_id', 'bouwjaar', 'epc_label', 'epc_kengetal')
    AND gegeven.woning_id IN (
        SELECT dossier_woning.woning_id
        FROM hub.batch_dossier
        INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
        WHERE batch_dossier.batch_id = :batch_id
    );

-- name: release
-- Contents that were held back: those that pass by now, and those that nobody asks for any more.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = 'bericht_aanmelding'
    AND quarantaine.opgelost_op IS NULL
    AND quarantaine.object_id::uuid <> all(cast(:vast AS uuid[]))
    AND (
        EXISTS (
            SELECT 1
            FROM bron.crm_aanmelding
            INNER JOIN hub.batch_dossier ON crm_aanmelding.dossier_id = batch_dossier.dossier_id
            WHERE
                crm_aanmelding.aanmelding_id = quarantaine.object_id::uuid
                AND batch_dossier.batch_id = :batch_id
                AND batch_dossier.uitkomst IS NULL
                AND NOT batch_dossier.opnieuw
        )
        OR NOT EXISTS (
            SELECT 1 FROM bron.crm_aanmelding
            WHERE
                crm_aanmelding.aanmelding_id = quarantaine.object_id::uuid
                AND crm_aanmelding.verwijderd_op IS NULL
        )
    );
