-- What lands from outside, as it was received. One table per outside table; one row per object of
-- the source, in its latest version. Personal columns are encrypted by the hub before they get here
-- (persoonsgegevens, sleutel_id); what the set-based checks need of them stands beside them.
CREATE SCHEMA bron;
CREATE SCHEMA hub;
CREATE SCHEMA rapportage;

CREATE TABLE bron.crm_profiel (
    profiel_id uuid PRIMARY KEY,
    contact_voorkeur text,
    insz_status text NOT NULL CHECK (insz_status IN ('geldig', 'ongeldig', 'ontbreekt')),
    persoonsgegevens bytea NOT NULL,
    sleutel_id text NOT NULL,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);

CREATE TABLE bron.crm_vraag (
    vraag_id uuid PRIMARY KEY,
    profiel_id uuid,
    kanaal text,
    ontvangen_op timestamptz,
    persoonsgegevens bytea NOT NULL,
    sleutel_id text NOT NULL,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);

CREATE TABLE bron.crm_dossier (
    dossier_id uuid PRIMARY KEY,
    dossiernummer text,
    profiel_id uuid,
    vraag_id uuid,
    status text,
    start_akkoord boolean NOT NULL DEFAULT FALSE,
    start_akkoord_op timestamptz,
    consulent text,
    straat text,
    huisnummer text,
    busnummer text,
    postcode text,
    gemeente text,
    voorinvulling jsonb NOT NULL,
    pseudoniem text NOT NULL,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
CREATE INDEX crm_dossier_profiel ON bron.crm_dossier (profiel_id);
CREATE INDEX crm_dossier_vraag ON bron.crm_dossier (vraag_id);
COMMENT ON COLUMN bron.crm_dossier.voorinvulling IS
'The prefill fields as the CRM holds them, canonical text per field; an empty field is absent.';

CREATE TABLE bron.crm_toestemming (
    toestemming_id uuid PRIMARY KEY,
    profiel_id uuid,
    doel text,
    ontvanger text,
    van timestamptz,
    tot timestamptz,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
CREATE INDEX crm_toestemming_profiel ON bron.crm_toestemming (profiel_id, ontvanger, doel);

CREATE TABLE bron.crm_aanmelding (
    aanmelding_id uuid PRIMARY KEY,
    dossier_id uuid,
    soort text,
    partner text,
    volgnummer integer,
    status text,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
CREATE INDEX crm_aanmelding_dossier ON bron.crm_aanmelding (dossier_id);

-- One row per certificate that GeefEpc returned. No person of the certificate is kept.
CREATE TABLE bron.epc (
    attestnummer text PRIMARY KEY,
    epc_id text NOT NULL,
    adres_id text,
    gebouweenheid_ids text[] NOT NULL,
    actief boolean NOT NULL,
    status text NOT NULL,
    datum_ingediend date,
    datum_geldigheid date,
    inhoud jsonb NOT NULL,
    inhoud_hash bytea NOT NULL,
    opgehaald_op timestamptz NOT NULL
);

-- What the checks of a dossier look at; the rules stand in sql/staging/stg_dossier.yml.
CREATE VIEW bron.stg_dossier AS
SELECT
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    crm_dossier.profiel_id,
    coalesce(
        crm_profiel.profiel_id IS NOT NULL AND crm_profiel.verwijderd_op IS NULL, FALSE
    ) AS profiel_bestaat,
    crm_profiel.insz_status,
    nullif(btrim(crm_dossier.straat), '') AS straat,
    nullif(btrim(crm_dossier.huisnummer), '') AS huisnummer,
    nullif(btrim(crm_dossier.busnummer), '') AS busnummer,
    nullif(btrim(crm_dossier.postcode), '') AS postcode,
    nullif(btrim(crm_dossier.gemeente), '') AS gemeente
FROM bron.crm_dossier
LEFT JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
WHERE crm_dossier.verwijderd_op IS NULL;
