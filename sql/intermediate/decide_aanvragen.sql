-- Applications for a premie or a loan that cannot be shown.

-- name: compare
-- One difference per reason. What a person typed as scheme or number is not told: it could be
-- anything.
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH bekend AS (
    SELECT
        gegeven.soort,
        gegeven.status
    FROM unnest(cast(:soorten AS text[]), cast(:standen AS text[])) AS gegeven (soort, status)
),

regeling AS (
    SELECT
        gegeven.soort,
        gegeven.naam
    FROM
        unnest(cast(:regeling_soorten AS text[]), cast(:regelingen AS text[]))
            AS gegeven (soort, naam)
),

geweigerd AS (
    SELECT
        coalesce(crm_dossier.dossiernummer, 'zonder nummer') AS dossiernummer,
        CASE
            WHEN
                NOT EXISTS (
                    SELECT 1 FROM bekend
                    WHERE
                        bekend.soort = crm_aanvraag.soort
                        AND bekend.status = crm_aanvraag.status
                )
                THEN 'soort of status'
            WHEN
                NOT EXISTS (
                    SELECT 1 FROM regeling
                    WHERE
                        regeling.soort = crm_aanvraag.soort
                        AND regeling.naam = crm_aanvraag.regeling
                )
                THEN 'regeling'
            WHEN
                crm_aanvraag.nummer IS NULL
                OR EXISTS (
                    SELECT 1 FROM bron.crm_dossier AS ander
                    WHERE ander.dossiernummer = crm_aanvraag.nummer
                )
                THEN 'nummer'
        END AS reden
    FROM bron.crm_aanvraag
    INNER JOIN bron.crm_dossier ON crm_aanvraag.dossier_id = crm_dossier.dossier_id
    WHERE
        crm_aanvraag.verwijderd_op IS NULL
        AND crm_dossier.verwijderd_op IS NULL
)

SELECT
    'aanvraag_onbekend' AS soort,
    'crm aanvraag ' || geweigerd.reden AS onderwerp,
    format(
        'In het CRM staan %s aanvragen waarvan de hub %s niet kan gebruiken, onder meer in dossier '
        '%s. De hub stuurt er niets van naar Mijn Burgerprofiel: de bewoner ziet wat ervoor gold.',
        count(*),
        CASE geweigerd.reden
            WHEN 'regeling' THEN 'de regeling'
            WHEN 'nummer' THEN 'het nummer'
            ELSE 'de soort of de status'
        END,
        array_to_string(
            (array_agg(geweigerd.dossiernummer ORDER BY geweigerd.dossiernummer))[1:3], ', '
        )
    ) AS tekst,
    CASE geweigerd.reden
        WHEN 'nummer'
            THEN
                'Geef de aanvraag in het CRM een nummer dat van geen dossier is. '
        ELSE
            'Verbeter de aanvraag in het CRM, of zet wat ontbreekt bij aanvragen in '
            || 'hub/config/dossierstatus.yml. '
    END || 'Het incident sluit daarna vanzelf.' AS voorstel
FROM geweigerd
WHERE geweigerd.reden IS NOT NULL
GROUP BY geweigerd.reden;
