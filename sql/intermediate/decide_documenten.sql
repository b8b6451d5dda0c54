-- Documents of partners: which must be fetched, and what became of one.

-- name: due
SELECT partner_document.document_id
FROM bron.partner_document
INNER JOIN bron.crm_dossier ON partner_document.dossier_id = crm_dossier.dossier_id
WHERE
    partner_document.partner = :partner
    AND partner_document.stand = 'te_halen'
    AND partner_document.opnieuw_na <= now()
    AND crm_dossier.verwijderd_op IS NULL
ORDER BY partner_document.opnieuw_na, partner_document.document_id;

-- name: take
-- Not of an aanmelding that was withdrawn, nor without the consent it left with: then nothing more
-- is taken from the partner. Consent may come back, so it is looked at each time.
SELECT
    partner_document.document_id,
    partner_document.dossier_id,
    partner_document.aanmelding_id,
    partner_document.mediatype,
    partner_document.grootte,
    partner_document.sha256,
    partner_document.persoonsgegevens,
    partner_document.sleutel_id,
    partner_document.pogingen
FROM bron.partner_document
INNER JOIN hub.bericht
    ON
        partner_document.partner = bericht.bestemming
        AND bericht.sleutel = 'aanmelding:' || partner_document.aanmelding_id::text
WHERE
    partner_document.partner = :partner
    AND partner_document.document_id = :document_id
    AND partner_document.stand = 'te_halen'
    AND EXISTS (
        SELECT 1 FROM hub.geldige_toestemming
        WHERE
            geldige_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND geldige_toestemming.doel = bericht.toestemming_doel
            AND geldige_toestemming.ontvanger = bericht.bestemming
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS intrekking
        WHERE
            intrekking.bestemming = partner_document.partner
            AND intrekking.sleutel = 'intrekking:' || partner_document.aanmelding_id::text
    )
FOR UPDATE OF partner_document;

-- name: keep
UPDATE bron.partner_document SET
    stand = 'gehaald',
    reden = NULL,
    gehaald_op = now()
WHERE partner = :partner AND document_id = :document_id AND stand = 'te_halen';

-- name: refuse
UPDATE bron.partner_document SET
    stand = :stand,
    reden = :reden,
    pogingen = pogingen + 1,
    opnieuw_na = now() + make_interval(secs => :seconden)
WHERE partner = :partner AND document_id = :document_id AND stand = 'te_halen';

-- name: release
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = :model
    AND quarantaine.object_id = :document_id
    AND quarantaine.opgelost_op IS NULL;
