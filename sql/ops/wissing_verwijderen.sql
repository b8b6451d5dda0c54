-- The erasure of one resident, table by table: the name of a statement is the table it is about
-- (with _inhoud, _uitleg or _opvolger: a part of it). Each may run any number of times.

-- name: hub_voorinvulling
DELETE FROM hub.voorinvulling USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND voorinvulling.dossier_id = wissing_object.object_id;

-- name: hub_woningfiche
DELETE FROM hub.woningfiche USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND woningfiche.dossier_id = wissing_object.object_id;

-- name: hub_poging
-- Of what never left, nothing has to be shown.
DELETE FROM hub.poging USING hub.bericht, hub.wissing_object
WHERE
    poging.bericht_id = bericht.bericht_id
    AND wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.dossier_id = wissing_object.object_id
    AND bericht.eerst_verzonden_op IS NULL
    AND bericht.stand IN ('ingetrokken', 'overgeslagen')
    AND (bericht.bewaren_tot IS NULL OR bericht.bewaren_tot < now());

-- name: hub_poging_uitleg
UPDATE hub.poging SET uitleg = NULL
FROM hub.bericht, hub.wissing_object
WHERE
    poging.bericht_id = bericht.bericht_id
    AND wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.dossier_id = wissing_object.object_id;

-- name: hub_bericht
DELETE FROM hub.bericht USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.dossier_id = wissing_object.object_id
    AND bericht.eerst_verzonden_op IS NULL
    AND bericht.stand IN ('ingetrokken', 'overgeslagen')
    AND (bericht.bewaren_tot IS NULL OR bericht.bewaren_tot < now());

-- name: hub_bericht_inhoud
-- Destination, key, state and moments stay: proof of what left, and that it was taken back. Of an
-- aanmelding also the consent with which it left.
UPDATE hub.bericht SET
    inhoud = NULL,
    sleutel_id = NULL,
    reden = NULL,
    ontvangst = CASE WHEN bericht.soort = 'intrekking' THEN bericht.ontvangst END,
    toestemming_profiel_id = CASE
        WHEN bericht.soort = 'aanmelding' THEN bericht.toestemming_profiel_id
    END,
    toestemming_doel = CASE WHEN bericht.soort = 'aanmelding' THEN bericht.toestemming_doel END
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.dossier_id = wissing_object.object_id
    AND (bericht.bewaren_tot IS NULL OR bericht.bewaren_tot < now());

-- name: hub_inbox
DELETE FROM hub.inbox USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort <> 'woning'
    AND inbox.object_id = wissing_object.object_id::text;

-- name: hub_batch_dossier
DELETE FROM hub.batch_dossier USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND batch_dossier.dossier_id = wissing_object.object_id;

-- name: hub_quarantaine
-- By its own id, or by that of an event or a document of a partner.
DELETE FROM hub.quarantaine
WHERE
    quarantaine.object_id IN (
        SELECT wissing_object.object_id::text
        FROM hub.wissing_object
        WHERE wissing_object.wissing_id = :wissing_id AND wissing_object.soort <> 'woning'
    )
    OR EXISTS (
        SELECT 1
        FROM bron.partner_voortgang
        INNER JOIN hub.wissing_object
            ON partner_voortgang.dossier_id = wissing_object.object_id
        WHERE
            wissing_object.wissing_id = :wissing_id
            AND wissing_object.soort = 'dossier'
            AND (
                quarantaine.object_id = partner_voortgang.voortgang_id
                OR quarantaine.object_id LIKE '% bij gebeurtenis ' || partner_voortgang.voortgang_id
            )
    )
    OR EXISTS (
        SELECT 1
        FROM bron.partner_document
        INNER JOIN hub.wissing_object
            ON partner_document.dossier_id = wissing_object.object_id
        WHERE
            wissing_object.wissing_id = :wissing_id
            AND wissing_object.soort = 'dossier'
            AND quarantaine.object_id = partner_document.document_id
    );

-- name: hub_beslissing
DELETE FROM hub.beslissing USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND beslissing.dossier_id = wissing_object.object_id;

-- name: hub_bronweigering
DELETE FROM hub.bronweigering USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND bronweigering.dossier_id = wissing_object.object_id;

-- name: hub_incident
-- What names the resident's objects. One that is still so comes back with the next look.
DELETE FROM hub.incident
WHERE
    EXISTS (
        SELECT 1
        FROM hub.wissing_object
        WHERE
            wissing_object.wissing_id = :wissing_id
            AND wissing_object.soort <> 'woning'
            AND (
                position(
                    wissing_object.object_id::text
                    IN concat_ws(' ', incident.onderwerp, incident.tekst, incident.voorstel)
                ) > 0
                OR concat_ws(' ', incident.onderwerp, incident.tekst, incident.voorstel)
                ~ (
                    '(^|[^a-zA-Z0-9])'
                    || regexp_replace(wissing_object.nummer, '([^a-zA-Z0-9])', '\\\1', 'g')
                    || '($|[^a-zA-Z0-9])'
                )
            )
    );

-- name: hub_aanvaard_verschil
-- What names the resident's objects. One that is still so comes back with the next look.
DELETE FROM hub.aanvaard_verschil
WHERE
    EXISTS (
        SELECT 1
        FROM hub.wissing_object
        WHERE
            wissing_object.wissing_id = :wissing_id
            AND wissing_object.soort <> 'woning'
            AND (
                position(
                    wissing_object.object_id::text
                    IN concat_ws(' ', aanvaard_verschil.onderwerp, aanvaard_verschil.tekst)
                ) > 0
                OR concat_ws(' ', aanvaard_verschil.onderwerp, aanvaard_verschil.tekst)
                ~ (
                    '(^|[^a-zA-Z0-9])'
                    || regexp_replace(wissing_object.nummer, '([^a-zA-Z0-9])', '\\\1', 'g')
                    || '($|[^a-zA-Z0-9])'
                )
            )
    );

-- name: add_woningen
-- The dwellings that no dossier of another resident has: they go with their values.
INSERT INTO hub.wissing_object (wissing_id, soort, object_id)
SELECT DISTINCT
    wissing_object.wissing_id,
    'woning' AS soort,
    dossier_woning.woning_id AS object_id
FROM hub.dossier_woning
INNER JOIN hub.wissing_object ON dossier_woning.dossier_id = wissing_object.object_id
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND dossier_woning.woning_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.dossier_woning AS ander
        WHERE
            ander.woning_id = dossier_woning.woning_id
            AND ander.dossier_id NOT IN (
                SELECT eigen.object_id
                FROM hub.wissing_object AS eigen
                WHERE eigen.wissing_id = :wissing_id AND eigen.soort = 'dossier'
            )
    )
ON CONFLICT (wissing_id, soort, object_id) DO NOTHING;

-- name: hub_dossier_woning
DELETE FROM hub.dossier_woning USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND dossier_woning.dossier_id = wissing_object.object_id;

-- name: hub_bronstand
DELETE FROM hub.bronstand USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND bronstand.woning_id = wissing_object.object_id;

-- name: hub_gegeven
DELETE FROM hub.gegeven USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND gegeven.woning_id = wissing_object.object_id;

-- name: hub_woning_opvolging
DELETE FROM hub.woning_opvolging USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND woning_opvolging.woning_id = wissing_object.object_id;

-- name: hub_woning_opvolging_opvolger
UPDATE hub.woning_opvolging SET opvolger_woning_id = NULL
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND woning_opvolging.opvolger_woning_id = wissing_object.object_id;

-- name: bron_epc
-- A certificate of the unit, or one of the address that no other dwelling has.
DELETE FROM bron.epc USING hub.wissing_object, hub.woning
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND woning.woning_id = wissing_object.object_id
    AND (
        woning.gebouweenheid_id = any(epc.gebouweenheid_ids)
        OR woning.adres_id = epc.adres_id
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.woning AS ander
        WHERE
            ander.woning_id NOT IN (
                SELECT eigen.object_id
                FROM hub.wissing_object AS eigen
                WHERE eigen.wissing_id = :wissing_id AND eigen.soort = 'woning'
            )
            AND (
                ander.gebouweenheid_id = any(epc.gebouweenheid_ids)
                OR (
                    ander.adres_id = epc.adres_id
                    AND NOT coalesce(woning.gebouweenheid_id = any(epc.gebouweenheid_ids), FALSE)
                )
            )
    );

-- name: bron_eenheid_wijziging
DELETE FROM bron.eenheid_wijziging USING hub.wissing_object, hub.woning
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND woning.woning_id = wissing_object.object_id
    AND eenheid_wijziging.gebouweenheid_id = woning.gebouweenheid_id;

-- name: hub_woning
DELETE FROM hub.woning USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND woning.woning_id = wissing_object.object_id;

-- name: rapportage_fct_stap
DELETE FROM rapportage.fct_stap USING rapportage.pseudoniem, hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id
    AND fct_stap.dossier_pseudoniem = pseudoniem.pseudoniem;

-- name: rapportage_fct_aanmelding
DELETE FROM rapportage.fct_aanmelding USING rapportage.pseudoniem, hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id
    AND fct_aanmelding.dossier_pseudoniem = pseudoniem.pseudoniem;

-- name: rapportage_fct_aanvraag
DELETE FROM rapportage.fct_aanvraag USING rapportage.pseudoniem, hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id
    AND fct_aanvraag.dossier_pseudoniem = pseudoniem.pseudoniem;

-- name: rapportage_fct_dossier
DELETE FROM rapportage.fct_dossier USING rapportage.pseudoniem, hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id
    AND fct_dossier.dossier_pseudoniem = pseudoniem.pseudoniem;

-- name: rapportage_fct_aanbeveling
DELETE FROM rapportage.fct_aanbeveling USING rapportage.pseudoniem, hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id
    AND fct_aanbeveling.woning_pseudoniem = pseudoniem.pseudoniem;

-- name: rapportage_dim_woning
DELETE FROM rapportage.dim_woning USING rapportage.pseudoniem, hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id
    AND dim_woning.woning_pseudoniem = pseudoniem.pseudoniem;

-- name: rapportage_woning_wijk
DELETE FROM rapportage.woning_wijk USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'woning'
    AND woning_wijk.woning_id = wissing_object.object_id;

-- name: rapportage_pseudoniem
DELETE FROM rapportage.pseudoniem USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND pseudoniem.doel = wissing_object.soort
    AND pseudoniem.object_id = wissing_object.object_id;

-- name: bron_partner_document
DELETE FROM bron.partner_document USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND partner_document.dossier_id = wissing_object.object_id;

-- name: bron_partner_voortgang
DELETE FROM bron.partner_voortgang USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND partner_voortgang.dossier_id = wissing_object.object_id;

-- name: bron_crm_stap
DELETE FROM bron.crm_stap USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND crm_stap.dossier_id = wissing_object.object_id;

-- name: bron_crm_gegeven
DELETE FROM bron.crm_gegeven USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND crm_gegeven.dossier_id = wissing_object.object_id;

-- name: bron_crm_aanmelding
DELETE FROM bron.crm_aanmelding USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND crm_aanmelding.dossier_id = wissing_object.object_id;

-- name: bron_crm_toestemming
-- A consent with which something left stays, as its proof.
DELETE FROM bron.crm_toestemming USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'toestemming'
    AND crm_toestemming.toestemming_id = wissing_object.object_id
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.toestemming_profiel_id = crm_toestemming.profiel_id
            AND bericht.toestemming_doel = crm_toestemming.doel
            AND bericht.bestemming = crm_toestemming.ontvanger
    );

-- name: bron_crm_vraag
DELETE FROM bron.crm_vraag USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'vraag'
    AND crm_vraag.vraag_id = wissing_object.object_id;

-- name: bron_crm_profiel
DELETE FROM bron.crm_profiel USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'profiel'
    AND crm_profiel.profiel_id = wissing_object.object_id;

-- name: bron_crm_aanvraag
-- Empty, it ties the messages that left to their dossier, until the term of those is over.
UPDATE bron.crm_aanvraag SET
    nummer = NULL,
    soort = NULL,
    regeling = NULL,
    status = NULL,
    etag = '',
    inhoud_hash = ''
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'aanvraag'
    AND crm_aanvraag.aanvraag_id = wissing_object.object_id;

-- name: bron_crm_dossier
-- The same.
UPDATE bron.crm_dossier SET
    dossiernummer = NULL,
    profiel_id = NULL,
    vraag_id = NULL,
    status = NULL,
    start_akkoord = FALSE,
    start_akkoord_op = NULL,
    consulent = NULL,
    straat = NULL,
    huisnummer = NULL,
    busnummer = NULL,
    postcode = NULL,
    gemeente = NULL,
    voorinvulling = '{}',
    pseudoniem = '',
    etag = '',
    inhoud_hash = ''
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND crm_dossier.dossier_id = wissing_object.object_id;

-- name: hub_te_rapporteren
-- Last: every statement before it asked the warehouse to look at these again.
DELETE FROM hub.te_rapporteren USING hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND te_rapporteren.object_id = wissing_object.object_id;
