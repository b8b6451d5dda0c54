-- Progress as partners tell it: one row per event, and one per document that it refers to.

-- name: start_cursor
INSERT INTO hub.cursor (bron, soort, link)
VALUES ('voortgang', :partner, :link)
ON CONFLICT (bron, soort) DO NOTHING;

-- name: known
-- Which of these references the hub sent to this partner, and for which dossier.
SELECT
    substr(bericht.sleutel, 12)::uuid AS aanmelding_id,
    bericht.dossier_id
FROM hub.bericht
WHERE
    bericht.bestemming = :partner
    AND bericht.soort = 'aanmelding'
    AND bericht.eerst_verzonden_op IS NOT NULL
    AND bericht.sleutel IN (
        SELECT 'aanmelding:' || gevraagd.referentie
        FROM unnest(cast(:referenties AS text[])) AS gevraagd (referentie)
    );

-- name: landed
SELECT
    partner_voortgang.voortgang_id,
    partner_voortgang.inhoud_hash
FROM bron.partner_voortgang
WHERE
    partner_voortgang.partner = :partner
    AND partner_voortgang.voortgang_id = any(cast(:voortgang_ids AS text[]));

-- name: create
CREATE TEMPORARY TABLE landing (
    partner text,
    voortgang_id text,
    aanmelding_id uuid,
    dossier_id uuid,
    status text,
    tijdstip timestamptz,
    gewijzigd_op timestamptz,
    advies_soort text,
    persoonsgegevens bytea,
    sleutel_id text,
    inhoud_hash bytea
) ON COMMIT DROP;

-- name: copy
COPY landing (
    partner, voortgang_id, aanmelding_id, dossier_id, status, tijdstip, gewijzigd_op, advies_soort,
    persoonsgegevens, sleutel_id, inhoud_hash
) FROM STDIN;

-- name: add
INSERT INTO bron.partner_voortgang (
    partner, voortgang_id, aanmelding_id, dossier_id, status, tijdstip, gewijzigd_op, advies_soort,
    persoonsgegevens, sleutel_id, inhoud_hash
)
SELECT
    landing.partner,
    landing.voortgang_id,
    landing.aanmelding_id,
    landing.dossier_id,
    landing.status,
    landing.tijdstip,
    landing.gewijzigd_op,
    landing.advies_soort,
    landing.persoonsgegevens,
    landing.sleutel_id,
    landing.inhoud_hash
FROM landing
ON CONFLICT (partner, voortgang_id) DO NOTHING;

-- name: create_documents
CREATE TEMPORARY TABLE landing_document (
    partner text,
    document_id text,
    voortgang_id text,
    aanmelding_id uuid,
    dossier_id uuid,
    mediatype text,
    grootte bigint,
    sha256 text,
    persoonsgegevens bytea,
    sleutel_id text
) ON COMMIT DROP;

-- name: copy_documents
COPY landing_document (
    partner, document_id, voortgang_id, aanmelding_id, dossier_id, mediatype, grootte, sha256,
    persoonsgegevens, sleutel_id
) FROM STDIN;

-- name: add_documents
-- A document that an earlier event named already is that document: it never changes.
INSERT INTO bron.partner_document (
    partner, document_id, voortgang_id, aanmelding_id, dossier_id, mediatype, grootte, sha256,
    persoonsgegevens, sleutel_id
)
SELECT
    landing_document.partner,
    landing_document.document_id,
    landing_document.voortgang_id,
    landing_document.aanmelding_id,
    landing_document.dossier_id,
    landing_document.mediatype,
    landing_document.grootte,
    landing_document.sha256,
    landing_document.persoonsgegevens,
    landing_document.sleutel_id
FROM landing_document
ON CONFLICT (partner, document_id) DO NOTHING;

-- name: changed_documents
-- What these events call by the key of a document that is known, and is another one.
SELECT
    landing_document.document_id,
    landing_document.voortgang_id
FROM landing_document
INNER JOIN bron.partner_document
    ON
        landing_document.partner = partner_document.partner
        AND landing_document.document_id = partner_document.document_id
WHERE
    landing_document.aanmelding_id <> partner_document.aanmelding_id
    OR landing_document.sha256 IS DISTINCT FROM partner_document.sha256
    OR landing_document.grootte IS DISTINCT FROM partner_document.grootte;

-- name: release
-- What can be read now is no longer set apart.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = :model
    AND quarantaine.object_id = any(cast(:voortgang_ids AS text[]))
    AND quarantaine.opgelost_op IS NULL;
