-- Applications for a premie or a loan: in Mijn Burgerprofiel each is a dossier of its own.

-- One row per application in the CRM. Its amount and its days stay there: nothing here needs them.
CREATE TABLE bron.crm_aanvraag (
    aanvraag_id uuid PRIMARY KEY,
    nummer text,
    dossier_id uuid,
    soort text,
    regeling text,
    status text,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
CREATE INDEX crm_aanvraag_dossier ON bron.crm_aanvraag (dossier_id);

-- What a resident follows in Mijn Burgerprofiel: the renovation dossiers and their applications,
-- one row each. A message to DOSIS or Notificaties has burgerdossier_id as its dossier_id: each is
-- in an order of its own, and waits for nothing of the other. dossiernummer is that of the
-- renovation dossier, nummer its own. An application goes with its dossier.
CREATE VIEW hub.burgerdossier AS
SELECT
    crm_dossier.dossier_id AS burgerdossier_id,
    crm_dossier.dossiernummer AS nummer,
    NULL AS regeling,
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    crm_dossier.profiel_id,
    crm_dossier.verwijderd_op
FROM bron.crm_dossier
UNION ALL
SELECT
    crm_aanvraag.aanvraag_id AS burgerdossier_id,
    crm_aanvraag.nummer,
    crm_aanvraag.regeling,
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    crm_dossier.profiel_id,
    least(crm_aanvraag.verwijderd_op, crm_dossier.verwijderd_op) AS verwijderd_op
FROM bron.crm_aanvraag
INNER JOIN bron.crm_dossier ON crm_aanvraag.dossier_id = crm_dossier.dossier_id;

GRANT SELECT, INSERT, UPDATE ON bron.crm_aanvraag TO hub_pull;
-- push: decides what is shown, and tells of what cannot be
GRANT SELECT (aanvraag_id, nummer, dossier_id, soort, regeling, status, verwijderd_op)
ON bron.crm_aanvraag TO hub_push;
GRANT SELECT (aanvraag_id, nummer, dossier_id, soort, regeling, status, verwijderd_op)
ON bron.crm_aanvraag TO hub_lezer;
GRANT SELECT ON hub.burgerdossier TO hub_push, hub_aansluiting, hub_lezer;
-- opruiming: an application goes with the messages of its dossier
GRANT SELECT (aanvraag_id, dossier_id, regeling, verwijderd_op), UPDATE (regeling), DELETE
ON bron.crm_aanvraag TO hub_opruiming;
