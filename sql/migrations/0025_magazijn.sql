-- The warehouse: a queue of what changed, dimensions, facts. No name, number, street or free text:
-- dossiers, dwellings, aanmeldingen and aanvragen are known by a keyed pseudonym only.

-- What must be reported anew, noted in the transaction that changed it; the load removes what it
-- has done in the transaction in which it writes. Rows are only added and removed, and the same
-- object may stand there many times: a row that is shared could be taken by a load that does not
-- see the change of who wanted to add it.
CREATE TABLE hub.te_rapporteren (
    nummer bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    soort text NOT NULL CHECK (
        soort IN ('dossier', 'woning', 'vraag', 'profiel', 'bericht', 'bevraging')
    ),
    object_id uuid,
    datum date,
    CHECK ((object_id IS NULL) = (soort IN ('bericht', 'bevraging'))),
    CHECK (num_nonnulls(object_id, datum) = 1)
);
COMMENT ON COLUMN hub.te_rapporteren.soort IS
'What object_id is the key of: dossier, woning, vraag or profiel (all its dossiers); or what is
counted by day: bericht or bevraging.';
CREATE INDEX te_rapporteren_object ON hub.te_rapporteren (object_id, soort);
CREATE INDEX te_rapporteren_datum ON hub.te_rapporteren (datum, soort) WHERE datum IS NOT NULL;
ALTER TABLE hub.te_rapporteren
SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- One function per kind of key, once per statement. Security definer: who lands need not know.
CREATE FUNCTION hub.note_dossier() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id)
    SELECT DISTINCT 'dossier', rij.dossier_id FROM rij WHERE rij.dossier_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION hub.note_woning() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id)
    SELECT DISTINCT 'woning', rij.woning_id FROM rij WHERE rij.woning_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION hub.note_vraag() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id)
    SELECT DISTINCT 'vraag', rij.vraag_id FROM rij;
    RETURN NULL;
END
$$;
CREATE FUNCTION hub.note_profiel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id)
    SELECT DISTINCT 'profiel', rij.profiel_id FROM rij WHERE rij.profiel_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION hub.note_quarantaine() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id)
    SELECT DISTINCT 'dossier', rij.object_id::uuid FROM rij WHERE rij.model = 'stg_dossier'
    UNION
    SELECT 'dossier', crm_aanmelding.dossier_id
    FROM rij
    INNER JOIN bron.crm_aanmelding ON rij.object_id = crm_aanmelding.aanmelding_id::text
    WHERE rij.model = 'stg_aanmelding' AND crm_aanmelding.dossier_id IS NOT NULL;
    RETURN NULL;
END
$$;
-- The day of a message is that of its key: no index of its own is needed to find a day's messages.
CREATE FUNCTION hub.note_berichten() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id)
    SELECT DISTINCT 'dossier', rij.dossier_id FROM rij;
    INSERT INTO hub.te_rapporteren (soort, datum)
    SELECT DISTINCT
        'bericht',
        (uuid_extract_timestamp(rij.bericht_id) AT TIME ZONE 'Europe/Brussels')::date
    FROM rij
    WHERE uuid_extract_timestamp(rij.bericht_id) IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION hub.note_bevraging() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, datum)
    SELECT DISTINCT 'bevraging', (rij.gevraagd_op AT TIME ZONE 'Europe/Brussels')::date FROM rij;
    RETURN NULL;
END
$$;

-- Of an update the old row counts too: what left a dossier changes that dossier.
DO $$
DECLARE
    bron record;
BEGIN
    FOR bron IN SELECT * FROM (VALUES
        ('bron.crm_dossier', 'dossier'), ('bron.crm_aanmelding', 'dossier'),
        ('bron.crm_stap', 'dossier'), ('bron.crm_aanvraag', 'dossier'),
        ('bron.partner_voortgang', 'dossier'), ('hub.bronstand', 'bevraging'),
        ('hub.dossier_woning', 'dossier'), ('hub.dossier_woning', 'woning'),
        ('hub.gegeven', 'woning'), ('bron.crm_vraag', 'vraag'),
        ('bron.crm_toestemming', 'profiel'), ('hub.quarantaine', 'quarantaine')
    ) AS t (tabel, soort) LOOP
        EXECUTE format(
            'CREATE TRIGGER rapporteer_nieuw_%1$s AFTER INSERT ON %2$s '
            'REFERENCING NEW TABLE AS rij FOR EACH STATEMENT EXECUTE FUNCTION hub.note_%1$s()',
            bron.soort, bron.tabel
        );
        EXECUTE format(
            'CREATE TRIGGER rapporteer_gewijzigd_%1$s AFTER UPDATE ON %2$s '
            'REFERENCING NEW TABLE AS rij FOR EACH STATEMENT EXECUTE FUNCTION hub.note_%1$s()',
            bron.soort, bron.tabel
        );
        EXECUTE format(
            'CREATE TRIGGER rapporteer_vorig_%1$s AFTER UPDATE ON %2$s '
            'REFERENCING OLD TABLE AS rij FOR EACH STATEMENT EXECUTE FUNCTION hub.note_%1$s()',
            bron.soort, bron.tabel
        );
        EXECUTE format(
            'CREATE TRIGGER rapporteer_weg_%1$s AFTER DELETE ON %2$s '
            'REFERENCING OLD TABLE AS rij FOR EACH STATEMENT EXECUTE FUNCTION hub.note_%1$s()',
            bron.soort, bron.tabel
        );
    END LOOP;
END
$$;
-- Of a message that it was written down, that it ended (or is open again) and that it went: claims,
-- leases and retries are not the warehouse's. A transition table would be built for every claim.
CREATE TRIGGER rapporteer_nieuw_bericht AFTER INSERT ON hub.bericht
REFERENCING NEW TABLE AS rij FOR EACH STATEMENT EXECUTE FUNCTION hub.note_berichten();
CREATE TRIGGER rapporteer_weg_bericht AFTER DELETE ON hub.bericht
REFERENCING OLD TABLE AS rij FOR EACH STATEMENT EXECUTE FUNCTION hub.note_berichten();
CREATE FUNCTION hub.note_bericht() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.te_rapporteren (soort, object_id) VALUES ('dossier', NEW.dossier_id);
    INSERT INTO hub.te_rapporteren (soort, datum)
    SELECT 'bericht', (moment AT TIME ZONE 'Europe/Brussels')::date
    FROM uuid_extract_timestamp(NEW.bericht_id) AS moment
    WHERE moment IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER rapporteer_einde_bericht AFTER UPDATE OF stand ON hub.bericht
FOR EACH ROW WHEN (
    old.beeindigd_op IS DISTINCT FROM new.beeindigd_op
    OR (old.stand = 'in_twijfel') <> (new.stand = 'in_twijfel')
)
EXECUTE FUNCTION hub.note_bericht();
CREATE INDEX bronstand_gevraagd ON hub.bronstand (gevraagd_op);
REVOKE EXECUTE ON FUNCTION
hub.note_dossier,
hub.note_woning,
hub.note_vraag,
hub.note_profiel,
hub.note_quarantaine,
hub.note_berichten,
hub.note_bericht,
hub.note_bevraging FROM public;

-- The dossiers that are counted: those that live, and wait in no quarantine.
CREATE VIEW hub.meetellend_dossier AS
SELECT
    crm_dossier.dossier_id,
    crm_dossier.profiel_id,
    crm_dossier.vraag_id,
    crm_dossier.postcode,
    crm_dossier.start_akkoord,
    crm_dossier.start_akkoord_op
FROM bron.crm_dossier
WHERE
    crm_dossier.verwijderd_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.quarantaine
        WHERE
            quarantaine.model = 'stg_dossier'
            AND quarantaine.object_id = crm_dossier.dossier_id::text
            AND quarantaine.opgelost_op IS NULL
    );

-- All that landed before.
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'dossier' AS soort,
    crm_dossier.dossier_id AS object_id
FROM bron.crm_dossier;
INSERT INTO hub.te_rapporteren (soort, object_id)
SELECT
    'woning' AS soort,
    woning.woning_id AS object_id
FROM hub.woning;
INSERT INTO hub.te_rapporteren (soort, datum)
SELECT DISTINCT
    'bericht' AS soort,
    (uuid_extract_timestamp(bericht.bericht_id) AT TIME ZONE 'Europe/Brussels')::date AS datum
FROM hub.bericht
WHERE uuid_extract_timestamp(bericht.bericht_id) IS NOT NULL;
INSERT INTO hub.te_rapporteren (soort, datum)
SELECT DISTINCT
    'bevraging' AS soort,
    (bronstand.gevraagd_op AT TIME ZONE 'Europe/Brussels')::date AS datum
FROM hub.bronstand;

-- Which pseudonym stands for which key, and under which pseudonym key it was made.
CREATE TABLE rapportage.pseudoniem (
    doel text NOT NULL CHECK (doel IN ('dossier', 'woning', 'aanmelding', 'aanvraag')),
    object_id uuid NOT NULL,
    pseudoniem text NOT NULL UNIQUE,
    sleutel_id text NOT NULL,
    PRIMARY KEY (doel, object_id)
);

-- The pseudonyms of dossiers that are counted: a check needs no more of them.
CREATE VIEW rapportage.geldig_pseudoniem AS
SELECT
    pseudoniem.doel,
    pseudoniem.pseudoniem
FROM rapportage.pseudoniem
INNER JOIN hub.meetellend_dossier ON pseudoniem.object_id = meetellend_dossier.dossier_id
WHERE pseudoniem.doel = 'dossier';

-- In which neighbourhood a dwelling lies, by which version of the areas.
CREATE TABLE rapportage.woning_wijk (
    woning_id uuid PRIMARY KEY,
    wijk_code text NOT NULL,
    gebied_versie text NOT NULL
);

CREATE TABLE rapportage.dim_datum (
    datum date PRIMARY KEY,
    jaar integer NOT NULL,
    kwartaal integer NOT NULL,
    maand integer NOT NULL,
    week integer NOT NULL,
    weekdag integer NOT NULL,
    maand_begin date NOT NULL
);
INSERT INTO rapportage.dim_datum (datum, jaar, kwartaal, maand, week, weekdag, maand_begin)
SELECT
    dag::date AS datum,
    extract(YEAR FROM dag)::integer AS jaar,
    extract(QUARTER FROM dag)::integer AS kwartaal,
    extract(MONTH FROM dag)::integer AS maand,
    extract(WEEK FROM dag)::integer AS week,
    extract(ISODOW FROM dag)::integer AS weekdag,
    date_trunc('month', dag)::date AS maand_begin
FROM generate_series(timestamp '2015-01-01', timestamp '2050-12-31', interval '1 day') AS dag;

CREATE TABLE rapportage.dim_wijk (wijk_code text PRIMARY KEY, naam text NOT NULL);
INSERT INTO rapportage.dim_wijk (wijk_code, naam) VALUES ('onbekend', 'onbekend');

-- The channels of the CRM's own list; another counts as unknown.
CREATE TABLE rapportage.dim_kanaal (kanaal text PRIMARY KEY, naam text NOT NULL);
INSERT INTO rapportage.dim_kanaal (kanaal, naam) VALUES
('webformulier', 'webformulier'),
('mail', 'mail'),
('telefoon', 'telefoon'),
('loket', 'loket'),
('onbekend', 'onbekend');

CREATE TABLE rapportage.dim_partner (partner text PRIMARY KEY, naam text NOT NULL);
CREATE TABLE rapportage.dim_premie (
    premie_code text PRIMARY KEY,
    naam text NOT NULL,
    soort text NOT NULL CHECK (soort IN ('premie', 'lening'))
);

CREATE TABLE rapportage.dim_stap (
    stap text PRIMARY KEY,
    volgnummer integer NOT NULL UNIQUE,
    naam text NOT NULL
);
INSERT INTO rapportage.dim_stap (stap, volgnummer, naam) VALUES
('vraag', 1, 'vraag gesteld'),
('start', 2, 'akkoord om te starten'),
('voorgevuld', 3, 'dossier voorgevuld'),
('aangemeld', 4, 'aangemeld bij een partner'),
('ontvangen', 5, 'door de partner ontvangen'),
('huisbezoek', 6, 'huisbezoek'),
('advies', 7, 'advies opgemaakt'),
('renovatieplan', 8, 'renovatieplan'),
('offertes', 9, 'offertes'),
('opdracht', 10, 'opdracht gegeven'),
('uitvoering', 11, 'werken in uitvoering'),
('oplevering', 12, 'werken opgeleverd'),
('premie', 13, 'premie aangevraagd'),
('afgerond', 14, 'afgerond'),
('stopgezet', 15, 'stopgezet');

CREATE TABLE rapportage.dim_woning (
    woning_pseudoniem text NOT NULL,
    geldig_van date NOT NULL,
    geldig_tot date,
    epc_label text,
    epc_kengetal numeric,
    bouwjaarklasse text NOT NULL,
    gebouwtype text,
    wijk_code text NOT NULL,
    huidig boolean NOT NULL,
    PRIMARY KEY (woning_pseudoniem, geldig_van)
);
COMMENT ON COLUMN rapportage.dim_woning.geldig_tot IS
'The first day on which it no longer holds; empty while it does.';

-- Filled anew by the first load: no moment of a load stands in it.
DROP TABLE rapportage.fct_dossier;
CREATE TABLE rapportage.fct_dossier (
    dossier_pseudoniem text PRIMARY KEY,
    woning_pseudoniem text,
    wijk_code text NOT NULL,
    postcode text,
    kanaal text,
    start_akkoord boolean NOT NULL,
    stand text NOT NULL,
    woning_uitkomst text,
    vraag_op date,
    start_op date,
    voorgevuld_op date,
    aangemeld_op date,
    ontvangen_op date,
    huisbezoek_op date,
    advies_op date,
    renovatieplan_op date,
    offertes_op date,
    opdracht_op date,
    uitvoering_op date,
    oplevering_op date,
    premie_op date,
    afgerond_op date,
    stopgezet_op date,
    dagen_tot_start integer,
    dagen_tot_advies integer,
    dagen_tot_afgerond integer,
    epc_label_start text,
    epc_label_nu text,
    epc_label_afgeleid boolean,
    epc_kengetal numeric,
    bouwjaar integer,
    aanmelding_stand text,
    dossierstatus text,
    dossierstatus_stand text
);
CREATE INDEX fct_dossier_woning ON rapportage.fct_dossier (woning_pseudoniem);

CREATE TABLE rapportage.fct_stap (
    dossier_pseudoniem text NOT NULL,
    stap text NOT NULL REFERENCES rapportage.dim_stap,
    volgnummer integer NOT NULL,
    datum date NOT NULL,
    uitvoerder text NOT NULL,
    PRIMARY KEY (dossier_pseudoniem, stap)
);

CREATE TABLE rapportage.fct_aanmelding (
    aanmelding_pseudoniem text PRIMARY KEY,
    dossier_pseudoniem text NOT NULL,
    partner text,
    soort text,
    wijk_code text NOT NULL,
    gevraagd_op date,
    verzonden_op date,
    ontvangen_op date,
    gepland_op date,
    advies_op date,
    afgerond_op date,
    geweigerd_op date,
    ingetrokken_op date,
    stand text NOT NULL
);
CREATE INDEX fct_aanmelding_dossier ON rapportage.fct_aanmelding (dossier_pseudoniem);

CREATE TABLE rapportage.fct_aanvraag (
    aanvraag_pseudoniem text PRIMARY KEY,
    dossier_pseudoniem text NOT NULL,
    wijk_code text NOT NULL,
    soort text NOT NULL CHECK (soort IN ('premie', 'lening')),
    premie_code text,
    aangevraagd_op date,
    beslist_op date,
    betaald_op date,
    status text,
    bedrag_klasse text
);
CREATE INDEX fct_aanvraag_dossier ON rapportage.fct_aanvraag (dossier_pseudoniem);

CREATE TABLE rapportage.fct_aanbeveling (
    woning_pseudoniem text NOT NULL,
    soort text NOT NULL,
    aantal integer NOT NULL,
    PRIMARY KEY (woning_pseudoniem, soort)
);

CREATE TABLE rapportage.fct_bericht (
    datum date NOT NULL,
    bestemming text NOT NULL,
    soort text NOT NULL,
    stand text NOT NULL,
    aantal integer NOT NULL,
    pogingen integer NOT NULL,
    seconden_mediaan double precision,
    seconden_p90 double precision,
    PRIMARY KEY (datum, bestemming, soort, stand)
);
CREATE TABLE rapportage.fct_bevraging (
    datum date NOT NULL,
    bron text NOT NULL,
    uitkomst text NOT NULL,
    aantal integer NOT NULL,
    PRIMARY KEY (datum, bron, uitkomst)
);

-- rapportage: consumes the queue, reads no personal column
GRANT SELECT, INSERT, DELETE ON hub.te_rapporteren TO hub_rapportage;
GRANT SELECT ON hub.meetellend_dossier, hub.stand_aanmelding TO hub_rapportage;
GRANT SELECT (start_akkoord_op, opgehaald_op) ON bron.crm_dossier TO hub_rapportage;
GRANT SELECT (verwijderd_op, opgehaald_op) ON bron.crm_vraag TO hub_rapportage;
GRANT SELECT (gewijzigd_op, status, verwijderd_op, opgehaald_op) ON bron.crm_aanmelding
TO hub_rapportage;
GRANT SELECT (dossier_id, soort, status, gebeurd_op, gewijzigd_op, verwijderd_op, opgehaald_op)
ON bron.crm_stap TO hub_rapportage;
GRANT SELECT (aanvraag_id, dossier_id, soort, regeling, status, verwijderd_op, opgehaald_op)
ON bron.crm_aanvraag TO hub_rapportage;
GRANT SELECT (partner, aanmelding_id, dossier_id, status, tijdstip, gewijzigd_op, opgehaald_op)
ON bron.partner_voortgang TO hub_rapportage;
GRANT SELECT (aangemaakt_op, eerst_verzonden_op, beeindigd_op, pogingen) ON hub.bericht
TO hub_rapportage;
GRANT SELECT (woning_id, aangemaakt_op) ON hub.woning TO hub_rapportage;
GRANT SELECT (bron, uitkomst, gevraagd_op) ON hub.bronstand TO hub_rapportage;
GRANT SELECT, INSERT, UPDATE, DELETE ON
rapportage.pseudoniem,
rapportage.woning_wijk,
rapportage.dim_wijk,
rapportage.dim_partner,
rapportage.dim_premie,
rapportage.dim_woning,
rapportage.fct_dossier,
rapportage.fct_stap,
rapportage.fct_aanmelding,
rapportage.fct_aanvraag,
rapportage.fct_aanbeveling,
rapportage.fct_bericht,
rapportage.fct_bevraging TO hub_rapportage;
GRANT SELECT ON
rapportage.dim_datum, rapportage.dim_stap, rapportage.dim_kanaal, rapportage.lading,
rapportage.geldig_pseudoniem TO hub_rapportage;

-- lezer and kwaliteit: what is counted, never which dossier a pseudonym stands for
GRANT SELECT ON hub.te_rapporteren TO hub_lezer;
GRANT SELECT ON rapportage.geldig_pseudoniem TO hub_kwaliteit;
GRANT SELECT ON
rapportage.dim_datum,
rapportage.dim_wijk,
rapportage.dim_kanaal,
rapportage.dim_partner,
rapportage.dim_premie,
rapportage.dim_stap,
rapportage.dim_woning,
rapportage.fct_dossier,
rapportage.fct_stap,
rapportage.fct_aanmelding,
rapportage.fct_aanvraag,
rapportage.fct_aanbeveling,
rapportage.fct_bericht,
rapportage.fct_bevraging TO hub_lezer, hub_kwaliteit;
