-- Retention of every table, a report that tells what is left, and the erasure of a resident.

ALTER TABLE hub.opruiming
ADD COLUMN oudste timestamptz,
ADD COLUMN over_termijn bigint;
COMMENT ON COLUMN hub.opruiming.oudste IS
'From when the term of the oldest counts that is left of this kind, after the run; empty: nothing.';
COMMENT ON COLUMN hub.opruiming.over_termijn IS
'How many are left although their term is over: a person keeps them, or something is open.';

CREATE INDEX bericht_document_te_wissen ON hub.bericht (beeindigd_op)
WHERE
inhoud IS NOT NULL
AND soort IN ('voortgang_document', 'woningfiche')
AND stand IN ('bevestigd', 'ingetrokken', 'overgeslagen');
CREATE INDEX crm_toestemming_verwijderd ON bron.crm_toestemming (verwijderd_op)
WHERE verwijderd_op IS NOT NULL;
CREATE INDEX gegeven_vervangen ON hub.gegeven (vervangen_op) WHERE vervangen_op IS NOT NULL;
CREATE INDEX gegeven_woning ON hub.gegeven (woning_id);
CREATE INDEX woning_opvolging_opvolger ON hub.woning_opvolging (opvolger_woning_id)
WHERE opvolger_woning_id IS NOT NULL;
CREATE INDEX epc_opgehaald ON bron.epc (opgehaald_op);
CREATE INDEX lading_geladen ON rapportage.lading (geladen_op);

-- The erasure of one resident: one row per request. Whose it is stands here only until it is done.
CREATE TABLE hub.wissing (
    wissing_id uuid PRIMARY KEY DEFAULT uuidv7(),
    profiel_id uuid,
    stand text NOT NULL DEFAULT 'bezig' CHECK (stand IN ('bezig', 'klaar')),
    gevraagd_op timestamptz NOT NULL DEFAULT now(),
    klaar_op timestamptz,
    attest text,
    waarmerk text,
    CHECK ((stand = 'bezig') = (profiel_id IS NOT NULL)),
    CHECK (num_nulls(klaar_op, attest, waarmerk) = CASE stand WHEN 'klaar' THEN 0 ELSE 3 END)
);
CREATE UNIQUE INDEX wissing_bezig ON hub.wissing (profiel_id) WHERE profiel_id IS NOT NULL;
COMMENT ON COLUMN hub.wissing.attest IS
'What was removed and what stays, as canonical JSON: of no person.';
COMMENT ON COLUMN hub.wissing.waarmerk IS
'A keyed hash of the certificate: the hub can tell whether it made it.';

-- The steps of an erasure in their order, each one transaction: one row per step.
CREATE TABLE hub.wissing_stap (
    wissing_id uuid NOT NULL REFERENCES hub.wissing ON DELETE CASCADE,
    volgnummer integer NOT NULL,
    stap text NOT NULL,
    stand text NOT NULL DEFAULT 'te_doen' CHECK (stand IN ('te_doen', 'wacht', 'gedaan')),
    reden text,
    aantallen jsonb NOT NULL DEFAULT '{}',
    gedaan_op timestamptz,
    PRIMARY KEY (wissing_id, stap),
    CHECK ((gedaan_op IS NOT NULL) = (stand = 'gedaan'))
);

-- What is erased, as long as it lasts: one row per object. Gone with the last step.
CREATE TABLE hub.wissing_object (
    wissing_id uuid NOT NULL REFERENCES hub.wissing ON DELETE CASCADE,
    soort text NOT NULL,
    object_id uuid NOT NULL,
    nummer text,
    crm_verwijderd_op timestamptz,
    PRIMARY KEY (wissing_id, soort, object_id)
);
COMMENT ON COLUMN hub.wissing_object.crm_verwijderd_op IS
'When the CRM removed it; empty: the CRM had it when the erasure began.';

-- What must not land again: one row per erased object of the CRM, under a pseudonym of its own that
-- leads nowhere without the key.
CREATE TABLE hub.gewist (
    pseudoniem text PRIMARY KEY,
    soort text NOT NULL,
    wissing_id uuid NOT NULL,
    gewist_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    crm_verwijderd_op timestamptz
);
CREATE INDEX gewist_in_crm ON hub.gewist (wissing_id) WHERE crm_verwijderd_op IS NULL;
COMMENT ON COLUMN hub.gewist.crm_verwijderd_op IS
'When the CRM removed it; empty: the CRM still has it, and an incident says so.';

ALTER TABLE hub.handeling
DROP CONSTRAINT handeling_check,
DROP CONSTRAINT handeling_soort_check,
ADD CONSTRAINT handeling_soort_check CHECK (soort IN (
    'opnieuw', 'bevestig', 'opzij', 'bewaar', 'kanaal_stop', 'kanaal_open', 'kanaal_nu',
    'uittreksel', 'uitvoer', 'aanvaard', 'wissing'
)),
ADD CONSTRAINT handeling_check CHECK (
    (bericht_id IS NOT NULL) = (soort IN ('opnieuw', 'bevestig', 'opzij', 'bewaar'))
    AND (bestemming IS NULL) = (soort IN ('uittreksel', 'uitvoer', 'wissing'))
    AND (onderwerp IS NOT NULL) = (soort IN ('uittreksel', 'uitvoer', 'wissing'))
    AND (incident_id IS NOT NULL) = (soort = 'aanvaard')
);

-- From when the term of each thing counts: one row per thing that a rule of
-- hub/config/bewaring.yml with a term looks at, whether something holds it back or not.
CREATE VIEW hub.bewaarmoment AS
SELECT
    'document_inhoud' AS soort,
    bericht.beeindigd_op AS moment
FROM hub.bericht
WHERE
    bericht.inhoud IS NOT NULL
    AND bericht.stand IN ('bevestigd', 'ingetrokken', 'overgeslagen')
    AND bericht.soort IN ('voortgang_document', 'woningfiche')
UNION ALL
SELECT
    'bericht_inhoud' AS soort,
    bericht.beeindigd_op AS moment
FROM hub.bericht
WHERE
    bericht.inhoud IS NOT NULL
    AND bericht.stand IN ('bevestigd', 'ingetrokken', 'overgeslagen')
UNION ALL
SELECT
    'dossier' AS soort,
    crm_dossier.verwijderd_op AS moment
FROM bron.crm_dossier
WHERE crm_dossier.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_dossier' AS soort,
    crm_dossier.verwijderd_op AS moment
FROM bron.crm_dossier
WHERE
    crm_dossier.verwijderd_op IS NOT NULL
    AND (
        num_nonnulls(
            crm_dossier.straat, crm_dossier.huisnummer, crm_dossier.busnummer, crm_dossier.consulent
        ) > 0
        OR crm_dossier.voorinvulling <> '{}'
    )
UNION ALL
SELECT
    'partner_voortgang' AS soort,
    crm_dossier.verwijderd_op AS moment
FROM bron.partner_voortgang
INNER JOIN bron.crm_dossier ON partner_voortgang.dossier_id = crm_dossier.dossier_id
WHERE crm_dossier.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_profiel' AS soort,
    crm_profiel.verwijderd_op AS moment
FROM bron.crm_profiel
WHERE crm_profiel.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_vraag' AS soort,
    crm_vraag.verwijderd_op AS moment
FROM bron.crm_vraag
WHERE crm_vraag.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'crm_toestemming' AS soort,
    crm_toestemming.verwijderd_op AS moment
FROM bron.crm_toestemming
WHERE crm_toestemming.verwijderd_op IS NOT NULL
UNION ALL
SELECT
    'woning' AS soort,
    greatest(
        woning.aangemaakt_op,
        (
            SELECT max(bronstand.gevraagd_op)
            FROM hub.bronstand
            WHERE bronstand.woning_id = woning.woning_id
        )
    ) AS moment
FROM hub.woning
WHERE
    NOT EXISTS (
        SELECT 1 FROM hub.dossier_woning
        WHERE dossier_woning.woning_id = woning.woning_id
    )
UNION ALL
SELECT
    'gegeven' AS soort,
    gegeven.vervangen_op AS moment
FROM hub.gegeven
WHERE gegeven.vervangen_op IS NOT NULL
UNION ALL
SELECT
    'epc' AS soort,
    epc.opgehaald_op AS moment
FROM bron.epc
WHERE
    NOT EXISTS (
        SELECT 1 FROM hub.woning
        WHERE woning.gebouweenheid_id = any(epc.gebouweenheid_ids)
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.woning
        WHERE woning.adres_id = epc.adres_id
    )
UNION ALL
SELECT
    'inbox' AS soort,
    inbox.verwerkt_op AS moment
FROM hub.inbox
WHERE inbox.verwerkt_op IS NOT NULL
UNION ALL
SELECT
    'batch' AS soort,
    batch.beeindigd_op AS moment
FROM hub.batch
WHERE batch.beeindigd_op IS NOT NULL
UNION ALL
SELECT
    'quarantaine' AS soort,
    quarantaine.opgelost_op AS moment
FROM hub.quarantaine
WHERE quarantaine.opgelost_op IS NOT NULL
UNION ALL
SELECT
    'regelmeting' AS soort,
    regelmeting.gemeten_op AS moment
FROM hub.regelmeting
UNION ALL
SELECT
    'incident' AS soort,
    incident.opgelost_op AS moment
FROM hub.incident
WHERE incident.opgelost_op IS NOT NULL
UNION ALL
SELECT
    'toegangslog' AS soort,
    (toegangslog_segment.maand + interval '1 month') AT TIME ZONE 'UTC' AS moment
FROM hub.toegangslog_segment
WHERE toegangslog_segment.verwijderd_op IS NULL
UNION ALL
SELECT
    'bronweigering' AS soort,
    bronweigering.laatst_gezien_op AS moment
FROM hub.bronweigering
UNION ALL
SELECT
    'eenheid_wijziging' AS soort,
    eenheid_wijziging.gebeurd_op AS moment
FROM bron.eenheid_wijziging
UNION ALL
SELECT
    'lading' AS soort,
    lading.geladen_op AS moment
FROM rapportage.lading
UNION ALL
SELECT
    'wissing' AS soort,
    wissing.klaar_op AS moment
FROM hub.wissing
WHERE wissing.klaar_op IS NOT NULL
UNION ALL
SELECT
    'gewist' AS soort,
    gewist.crm_verwijderd_op AS moment
FROM hub.gewist
WHERE gewist.crm_verwijderd_op IS NOT NULL;

-- opruiming: the kinds that had no term. A lock needs the right to change one column.
GRANT USAGE ON SCHEMA rapportage TO hub_opruiming;
GRANT SELECT ON hub.bewaarmoment TO hub_opruiming, hub_lezer;
GRANT SELECT (soort) ON hub.bericht TO hub_opruiming;
GRANT SELECT (toestemming_id, verwijderd_op), DELETE ON bron.crm_toestemming TO hub_opruiming;
GRANT SELECT (woning_id, gebouweenheid_id, adres_id, aangemaakt_op), UPDATE (aangemaakt_op), DELETE
ON hub.woning TO hub_opruiming;
GRANT SELECT (woning_id) ON hub.dossier_woning TO hub_opruiming;
GRANT SELECT (woning_id, gevraagd_op), DELETE ON hub.bronstand TO hub_opruiming;
GRANT SELECT (gegeven_id, woning_id, vervangen_op), DELETE ON hub.gegeven TO hub_opruiming;
GRANT SELECT (woning_id, opvolger_woning_id), DELETE ON hub.woning_opvolging TO hub_opruiming;
GRANT SELECT (attestnummer, adres_id, gebouweenheid_ids, opgehaald_op), DELETE
ON bron.epc TO hub_opruiming;
GRANT SELECT (lading_id, geladen_op), DELETE ON rapportage.lading TO hub_opruiming;

-- pull: lets nothing land that was erased, and notes whether the CRM still has it
GRANT SELECT, INSERT, UPDATE (gezien_op, crm_verwijderd_op) ON hub.gewist TO hub_pull;

-- wissing: erases one resident; opens nothing that is sealed
GRANT USAGE ON SCHEMA bron, hub, rapportage TO hub_wissing;
GRANT SELECT, INSERT, UPDATE ON hub.wissing, hub.wissing_stap TO hub_wissing;
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.wissing_object TO hub_wissing;
GRANT SELECT, INSERT ON hub.gewist TO hub_wissing;
GRANT SELECT (onderwerp), INSERT ON hub.handeling TO hub_wissing;
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.incident TO hub_wissing;
GRANT SELECT (
    bericht_id, volgorde, bestemming, sleutel, soort, dossier_id, stand, toestemming_profiel_id,
    toestemming_doel, ontvangst, eerst_verzonden_op, bewaren_tot, achter
), INSERT, UPDATE (
    stand, reden, inhoud, sleutel_id, kenmerk, toestemming_profiel_id, toestemming_doel, ontvangst,
    beeindigd_op, achter
), DELETE ON hub.bericht TO hub_wissing;
GRANT SELECT (bericht_id), UPDATE (uitleg), DELETE ON hub.poging TO hub_wissing;
GRANT SELECT (dossier_id), DELETE ON hub.voorinvulling, hub.woningfiche, hub.beslissing,
hub.bronweigering TO hub_wissing;
GRANT SELECT (dossier_id, woning_id), DELETE ON hub.dossier_woning TO hub_wissing;
GRANT SELECT (inbox_id, object_id), DELETE ON hub.inbox TO hub_wissing;
GRANT SELECT (batch_id, dossier_id, uitkomst), DELETE ON hub.batch_dossier TO hub_wissing;
GRANT SELECT (batch_id, gevormd_op, beeindigd_op) ON hub.batch TO hub_wissing;
GRANT SELECT (quarantaine_id, object_id), DELETE ON hub.quarantaine TO hub_wissing;
GRANT SELECT (onderwerp, tekst), DELETE ON hub.aanvaard_verschil TO hub_wissing;
GRANT SELECT (woning_id, gebouweenheid_id, adres_id), DELETE ON hub.woning TO hub_wissing;
GRANT SELECT (woning_id), DELETE ON hub.bronstand, hub.gegeven TO hub_wissing;
GRANT SELECT (woning_id, opvolger_woning_id), UPDATE (opvolger_woning_id), DELETE
ON hub.woning_opvolging TO hub_wissing;
GRANT SELECT (attestnummer, adres_id, gebouweenheid_ids), DELETE ON bron.epc TO hub_wissing;
GRANT SELECT (gebouweenheid_id), DELETE ON bron.eenheid_wijziging TO hub_wissing;
GRANT SELECT (profiel_id, verwijderd_op), UPDATE (verwijderd_op), DELETE
ON bron.crm_profiel TO hub_wissing;
GRANT SELECT (vraag_id, profiel_id, verwijderd_op), UPDATE (verwijderd_op), DELETE
ON bron.crm_vraag TO hub_wissing;
GRANT SELECT (toestemming_id, profiel_id, doel, ontvanger, verwijderd_op), UPDATE (verwijderd_op),
DELETE ON bron.crm_toestemming TO hub_wissing;
GRANT SELECT (aanmelding_id, dossier_id, verwijderd_op), UPDATE (verwijderd_op), DELETE
ON bron.crm_aanmelding TO hub_wissing;
GRANT SELECT (stap_id, dossier_id, verwijderd_op), UPDATE (verwijderd_op), DELETE
ON bron.crm_stap TO hub_wissing;
GRANT SELECT (gegeven_id, dossier_id, verwijderd_op), UPDATE (verwijderd_op), DELETE
ON bron.crm_gegeven TO hub_wissing;
GRANT SELECT (aanvraag_id, nummer, dossier_id, verwijderd_op),
UPDATE (nummer, soort, regeling, status, etag, inhoud_hash, verwijderd_op)
ON bron.crm_aanvraag TO hub_wissing;
GRANT SELECT (dossier_id, dossiernummer, profiel_id, vraag_id, pseudoniem, verwijderd_op), UPDATE (
    dossiernummer, profiel_id, vraag_id, status, start_akkoord, start_akkoord_op, consulent, straat,
    huisnummer, busnummer, postcode, gemeente, voorinvulling, pseudoniem, etag, inhoud_hash,
    verwijderd_op
) ON bron.crm_dossier TO hub_wissing;
GRANT SELECT ON hub.burgerdossier TO hub_wissing;
GRANT SELECT (partner, voortgang_id, dossier_id), DELETE ON bron.partner_voortgang TO hub_wissing;
GRANT SELECT (partner, document_id, voortgang_id, dossier_id), DELETE
ON bron.partner_document TO hub_wissing;
GRANT SELECT (dossier_id) ON hub.toegangslog TO hub_wissing;
GRANT SELECT (object_id), DELETE ON hub.te_rapporteren TO hub_wissing;
-- Beside the load the only one that may read which pseudonym stands for what: to remove it.
GRANT SELECT (doel, object_id, pseudoniem), DELETE ON rapportage.pseudoniem TO hub_wissing;
GRANT SELECT (woning_id), DELETE ON rapportage.woning_wijk TO hub_wissing;
GRANT SELECT (dossier_pseudoniem), DELETE ON
rapportage.fct_dossier, rapportage.fct_stap, rapportage.fct_aanmelding, rapportage.fct_aanvraag
TO hub_wissing;
GRANT SELECT (woning_pseudoniem), DELETE ON rapportage.dim_woning, rapportage.fct_aanbeveling
TO hub_wissing;

-- lezer: how far an erasure is and its certificate, never whose it is
GRANT SELECT (wissing_id, stand, gevraagd_op, klaar_op, attest, waarmerk)
ON hub.wissing TO hub_lezer;
GRANT SELECT ON hub.wissing_stap, hub.gewist TO hub_lezer;

-- opruiming: certificates and what must not land, once their term is over
GRANT SELECT (wissing_id, klaar_op), DELETE ON hub.wissing TO hub_opruiming;
GRANT SELECT (wissing_id), DELETE ON hub.wissing_stap, hub.wissing_object TO hub_opruiming;
GRANT SELECT (pseudoniem, crm_verwijderd_op), DELETE ON hub.gewist TO hub_opruiming;
