-- The uploads that DOSIS could not process against the receipts of the ledger.

-- name: create_failed
CREATE TEMPORARY TABLE mislukte_upload (
    dossiernummer text NOT NULL,
    tijdstip timestamptz NOT NULL
) ON COMMIT DROP;

-- name: copy_failed
COPY mislukte_upload (dossiernummer, tijdstip) FROM STDIN;

-- name: compare
-- Known is what a receipt was settled after, clocks differing some minutes, and what may still get
-- its receipt. A number that is no
-- dossier of ours is told without the number: it could be anything.
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
SELECT
    'dosis_upload_mislukt' AS soort,
    'dosis upload ' || coalesce(burgerdossier.nummer, 'van een onbekend dossier') AS onderwerp,
    'DOSIS kon ' || count(*)::text || ' upload(s) van '
    || coalesce('dossier ' || burgerdossier.nummer, 'een dossier dat de hub niet kent')
    || ' niet verwerken waarvan de hub geen ontvangstbewijs heeft.' AS tekst,
    'Zoek bij DOSIS op wat er mis was. Toont de bewoner de juiste status, aanvaard dan dit '
    || 'verschil; anders stuurt u het laatste bericht van het dossier opnieuw.' AS voorstel
FROM mislukte_upload
LEFT JOIN hub.burgerdossier ON mislukte_upload.dossiernummer = burgerdossier.nummer
WHERE
    NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.dossier_id = burgerdossier.burgerdossier_id
            AND (
                bericht.beeindigd_op >= mislukte_upload.tijdstip - interval '5 minutes'
                OR bericht.stand IN ('klaar', 'onderweg', 'aangenomen')
            )
    )
GROUP BY burgerdossier.nummer;
