-- Steps that a consultant typed and that the table of statuses does not know.

-- name: compare
-- One difference per kind of step that is in no list. A kind is shown only when it looks like one:
-- whatever else a person typed there could be anything.
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH onbekend AS (
    SELECT
        CASE WHEN crm_stap.soort ~ '^[a-z][a-z0-9_]{0,39}$' THEN crm_stap.soort END AS soort,
        coalesce(crm_dossier.dossiernummer, 'zonder nummer') AS dossiernummer
    FROM bron.crm_stap
    INNER JOIN bron.crm_dossier ON crm_stap.dossier_id = crm_dossier.dossier_id
    WHERE
        crm_stap.verwijderd_op IS NULL
        AND crm_dossier.verwijderd_op IS NULL
        AND coalesce(crm_stap.soort <> all(cast(:soorten AS text[])), TRUE)
)

SELECT
    'stap_onbekend' AS soort,
    'crm stap ' || coalesce(onbekend.soort, 'zonder leesbare soort') AS onderwerp,
    format(
        'In het CRM staan %s stappen %s die de hub niet kent, onder meer in dossier %s. De hub '
        'stuurt er niets van naar Mijn Burgerprofiel: de bewoner ziet wat ervoor gold.',
        count(*),
        coalesce('van de soort ' || onbekend.soort || ',', 'zonder een leesbare soort,'),
        array_to_string(
            (array_agg(onbekend.dossiernummer ORDER BY onbekend.dossiernummer))[1:3], ', '
        )
    ) AS tekst,
    'Verbeter de soort in het CRM, of zet ze in hub/config/dossierstatus.yml: bij stappen met de '
    || 'tekst voor de bewoner, of bij taken als de bewoner er niets van moet zien. Het incident '
    || 'sluit daarna vanzelf.' AS voorstel
FROM onbekend
GROUP BY onbekend.soort;
