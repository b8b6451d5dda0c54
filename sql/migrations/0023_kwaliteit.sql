-- What was wrong with a row that waits in quarantine, where it came from, and how often each rule
-- is broken.
ALTER TABLE hub.quarantaine
ADD COLUMN regels text[] NOT NULL DEFAULT '{}',
ADD COLUMN waarden jsonb NOT NULL DEFAULT '{}',
ADD COLUMN persoonsgegevens bytea,
ADD COLUMN sleutel_id text,
ADD COLUMN herkomst text,
ADD COLUMN versie text,
ADD CONSTRAINT quarantaine_verzegeld
CHECK ((persoonsgegevens IS NULL) = (sleutel_id IS NULL));
COMMENT ON COLUMN hub.quarantaine.waarden IS
'The values that broke a rule, by column; never a personal one. Empty once it is solved.';
COMMENT ON COLUMN hub.quarantaine.persoonsgegevens IS
'The personal values that broke a rule, sealed; gone once it is solved.';

-- Whoever lets a row go, its values go with it: they are kept to mend it, and for nothing else.
CREATE FUNCTION hub.empty_solved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.waarden := '{}';
    NEW.persoonsgegevens := NULL;
    NEW.sleutel_id := NULL;
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION hub.empty_solved FROM public;
CREATE TRIGGER quarantaine_opgelost BEFORE UPDATE OF opgelost_op ON hub.quarantaine
FOR EACH ROW WHEN (new.opgelost_op IS NOT NULL)
EXECUTE FUNCTION hub.empty_solved();

-- One row per rule and run: how many rows it saw and how many broke it. Of a rule over a whole
-- table, gebroken is 0 or 1 and waarde the figure that was judged.
CREATE TABLE hub.regelmeting (
    meting_id uuid PRIMARY KEY DEFAULT uuidv7(),
    model text NOT NULL,
    regel text NOT NULL,
    ernst text NOT NULL CHECK (ernst IN ('fail', 'warn')),
    run text NOT NULL,
    gemeten_op timestamptz NOT NULL DEFAULT now(),
    rijen bigint NOT NULL,
    gebroken bigint NOT NULL,
    waarde double precision
);
CREATE INDEX regelmeting_laatste ON hub.regelmeting (model, regel, gemeten_op DESC);
CREATE INDEX regelmeting_gemeten ON hub.regelmeting (gemeten_op);

-- The same columns as before, and the version and moments that rules look at.
CREATE OR REPLACE VIEW bron.stg_dossier AS
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
    nullif(btrim(crm_dossier.gemeente), '') AS gemeente,
    crm_dossier.start_akkoord_op,
    crm_vraag.ontvangen_op AS vraag_ontvangen_op,
    crm_dossier.etag
FROM bron.crm_dossier
LEFT JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
LEFT JOIN bron.crm_vraag ON crm_dossier.vraag_id = crm_vraag.vraag_id
WHERE crm_dossier.verwijderd_op IS NULL;
CREATE INDEX crm_dossier_nummer ON bron.crm_dossier (dossiernummer);

-- What is judged of the other landed tables; the rules stand beside them in sql/staging.
CREATE VIEW bron.stg_aanmelding AS
SELECT
    crm_aanmelding.aanmelding_id,
    crm_aanmelding.dossier_id,
    crm_aanmelding.soort,
    crm_aanmelding.partner,
    crm_aanmelding.volgnummer,
    crm_aanmelding.etag
FROM bron.crm_aanmelding
WHERE crm_aanmelding.verwijderd_op IS NULL;

CREATE VIEW bron.stg_toestemming AS
SELECT
    crm_toestemming.toestemming_id,
    crm_toestemming.profiel_id,
    crm_toestemming.doel,
    crm_toestemming.ontvanger,
    crm_toestemming.van,
    crm_toestemming.tot,
    crm_toestemming.etag
FROM bron.crm_toestemming
WHERE crm_toestemming.verwijderd_op IS NULL;

CREATE VIEW bron.stg_vraag AS
SELECT
    crm_vraag.vraag_id,
    crm_vraag.profiel_id,
    crm_vraag.kanaal,
    crm_vraag.ontvangen_op,
    crm_vraag.etag
FROM bron.crm_vraag
WHERE crm_vraag.verwijderd_op IS NULL;

-- enrich: splits what landed
GRANT SELECT ON bron.stg_aanmelding, bron.stg_toestemming, bron.stg_vraag TO hub_enrich;
GRANT INSERT ON hub.regelmeting TO hub_enrich, hub_push;

-- rapportage: judges the warehouse before it is published, and tells what is wrong
GRANT SELECT, INSERT ON hub.regelmeting TO hub_rapportage;
GRANT SELECT, INSERT, UPDATE ON hub.incident TO hub_rapportage;
REVOKE SELECT ON hub.quarantaine FROM hub_rapportage;
GRANT SELECT (model, object_id, opgelost_op) ON hub.quarantaine TO hub_rapportage;

-- kwaliteit: judges the models whole
GRANT USAGE ON SCHEMA hub TO hub_kwaliteit;
GRANT SELECT ON bron.stg_aanmelding, bron.stg_toestemming, bron.stg_vraag TO hub_kwaliteit;
GRANT SELECT, INSERT ON hub.regelmeting TO hub_kwaliteit;
GRANT SELECT, INSERT, UPDATE ON hub.incident TO hub_kwaliteit;
GRANT SELECT (model, object_id, opgelost_op) ON hub.quarantaine TO hub_kwaliteit;
GRANT SELECT (dossier_id, pseudoniem, verwijderd_op) ON bron.crm_dossier TO hub_kwaliteit;
GRANT SELECT (profiel_id) ON bron.crm_profiel TO hub_kwaliteit;

-- lezer: what is wrong, never a sealed value
REVOKE SELECT ON hub.quarantaine FROM hub_lezer;
GRANT SELECT (
    quarantaine_id, model, object_id, redenen, regels, waarden, herkomst, versie, sinds,
    laatst_gezien_op,
    opgelost_op
) ON hub.quarantaine TO hub_lezer;
GRANT SELECT ON hub.regelmeting TO hub_lezer;

-- sleutel: seals anew
GRANT SELECT (quarantaine_id, model, object_id, persoonsgegevens, sleutel_id),
UPDATE (persoonsgegevens, sleutel_id) ON hub.quarantaine TO hub_sleutel;

-- opruiming: removes what its term is over
GRANT SELECT (meting_id, gemeten_op), DELETE ON hub.regelmeting TO hub_opruiming;
