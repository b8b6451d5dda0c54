-- What the hub itself promises: inbox, batches, quarantine, dwellings, provenance, the ledger,
-- the access log and the incidents a person must look at.

-- Where a source was read up to. Moves only in the transaction that lands the data.
CREATE TABLE hub.cursor (
    bron text NOT NULL,
    soort text NOT NULL,
    link text,
    volledig_sinds timestamptz,
    bijgewerkt_op timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bron, soort)
);
COMMENT ON COLUMN hub.cursor.volledig_sinds IS
'Set while a full reload runs: what was not seen since then is gone at the source.';

CREATE TABLE hub.batch (
    batch_id uuid PRIMARY KEY DEFAULT uuidv7(),
    naam text NOT NULL UNIQUE,
    gevormd_op timestamptz NOT NULL DEFAULT now(),
    beeindigd_op timestamptz
);

-- One row per change to look at. A change is landed once per (source, kind, object, version).
CREATE TABLE hub.inbox (
    inbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bron text NOT NULL,
    soort text NOT NULL,
    object_id text NOT NULL,
    versie text NOT NULL,
    inhoud bytea,
    sleutel_id text,
    ontvangen_op timestamptz NOT NULL DEFAULT now(),
    batch_id uuid REFERENCES hub.batch,
    verwerkt_op timestamptz,
    UNIQUE (bron, soort, object_id, versie)
);
CREATE INDEX inbox_wachtend ON hub.inbox (inbox_id) WHERE verwerkt_op IS NULL;
CREATE INDEX inbox_batch ON hub.inbox (batch_id) WHERE verwerkt_op IS NULL;

CREATE TABLE hub.batch_dossier (
    batch_id uuid NOT NULL REFERENCES hub.batch ON DELETE CASCADE,
    dossier_id uuid NOT NULL,
    uitkomst text CHECK (uitkomst IN ('quarantaine', 'geen_start', 'afgesloten')),
    opnieuw boolean NOT NULL DEFAULT FALSE,
    PRIMARY KEY (batch_id, dossier_id)
);
COMMENT ON COLUMN hub.batch_dossier.opnieuw IS
'A source did not answer: what is known was used, and the change stays in the inbox.';

-- Rows that broke a rule, with every reason. Closed when a later version of the row passes.
CREATE TABLE hub.quarantaine (
    quarantaine_id uuid PRIMARY KEY DEFAULT uuidv7(),
    model text NOT NULL,
    object_id text NOT NULL,
    redenen text[] NOT NULL,
    sinds timestamptz NOT NULL DEFAULT now(),
    laatst_gezien_op timestamptz NOT NULL DEFAULT now(),
    opgelost_op timestamptz
);
CREATE UNIQUE INDEX quarantaine_open ON hub.quarantaine (
    model, object_id
) WHERE opgelost_op IS NULL;

CREATE TABLE hub.woning (
    woning_id uuid PRIMARY KEY DEFAULT uuidv7(),
    gebouweenheid_id text UNIQUE,
    adres_id text NOT NULL,
    gebouw_id text,
    aangemaakt_op timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX woning_zonder_eenheid ON hub.woning (adres_id) WHERE gebouweenheid_id IS NULL;

-- How the dwelling of a dossier was found, or why not. One row per dossier, for its latest address.
CREATE TABLE hub.dossier_woning (
    dossier_id uuid PRIMARY KEY,
    woning_id uuid REFERENCES hub.woning,
    uitkomst text NOT NULL CHECK (
        uitkomst IN ('gevonden', 'onbekend', 'dubbelzinnig', 'verwijderd', 'geweigerd')
    ),
    pad text NOT NULL,
    score numeric,
    kandidaten jsonb NOT NULL DEFAULT '[]',
    adres_hash bytea NOT NULL,
    gezocht_op timestamptz NOT NULL
);
CREATE INDEX dossier_woning_woning ON hub.dossier_woning (woning_id);

-- When a source was last asked about a dwelling and when asking again can bring something new.
CREATE TABLE hub.bronstand (
    woning_id uuid NOT NULL REFERENCES hub.woning,
    bron text NOT NULL,
    uitkomst text NOT NULL,
    gevraagd_op timestamptz NOT NULL,
    opnieuw_na timestamptz NOT NULL,
    PRIMARY KEY (woning_id, bron)
);

-- Every value of a dwelling with its origin. History is kept: a replaced value gets vervangen_op.
CREATE TABLE hub.gegeven (
    gegeven_id uuid PRIMARY KEY DEFAULT uuidv7(),
    woning_id uuid NOT NULL REFERENCES hub.woning,
    veld text NOT NULL,
    waarde text NOT NULL,
    bron text NOT NULL,
    bron_object text NOT NULL,
    bron_versie text,
    opgehaald_op timestamptz NOT NULL,
    geldig_tot date,
    afgeleid boolean NOT NULL DEFAULT FALSE,
    vervangen_op timestamptz
);
CREATE UNIQUE INDEX gegeven_huidig ON hub.gegeven (woning_id, veld) WHERE vervangen_op IS NULL;

-- The ledger: one row per message to an outside system.
CREATE TABLE hub.kanaal (
    bestemming text PRIMARY KEY,
    kan_ontdubbelen boolean NOT NULL,
    kan_bevraagd_worden boolean NOT NULL,
    bevestigt_later boolean NOT NULL,
    max_gelijktijdig integer NOT NULL CHECK (max_gelijktijdig > 0),
    gestopt_op timestamptz,
    stopreden text
);
COMMENT ON TABLE hub.kanaal IS 'What each destination can do, and whether its channel is stopped.';

INSERT INTO hub.kanaal
(bestemming, kan_ontdubbelen, kan_bevraagd_worden, bevestigt_later, max_gelijktijdig)
VALUES
('crm', FALSE, TRUE, FALSE, 8),
('dialoog', TRUE, TRUE, FALSE, 8),
('dosis', FALSE, FALSE, TRUE, 4);

CREATE TABLE hub.bericht (
    bericht_id uuid PRIMARY KEY DEFAULT uuidv7(),
    volgorde bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    bestemming text NOT NULL REFERENCES hub.kanaal,
    sleutel text NOT NULL,
    soort text NOT NULL,
    kenmerk text,
    dossier_id uuid NOT NULL,
    prioriteit smallint NOT NULL DEFAULT 5,
    stand text NOT NULL DEFAULT 'klaar' CHECK (stand IN (
        'klaar', 'onderweg', 'aangenomen', 'bevestigd', 'opgegeven', 'in_twijfel', 'ingetrokken',
        'overgeslagen'
    )),
    reden text,
    inhoud bytea NOT NULL,
    sleutel_id text NOT NULL,
    toestemming_profiel_id uuid,
    toestemming_doel text,
    pogingen integer NOT NULL DEFAULT 0,
    te_bevragen boolean NOT NULL DEFAULT FALSE,
    klaar_vanaf timestamptz NOT NULL DEFAULT now(),
    lease_tot timestamptz,
    lease_van text,
    ontvangst text,
    aangemaakt_op timestamptz NOT NULL DEFAULT now(),
    eerst_verzonden_op timestamptz,
    beeindigd_op timestamptz,
    bewaren_tot timestamptz,
    UNIQUE (bestemming, sleutel),
    CHECK ((stand = 'onderweg') = (lease_tot IS NOT NULL)),
    CHECK (
        (beeindigd_op IS NOT NULL)
        = (stand IN ('bevestigd', 'opgegeven', 'ingetrokken', 'overgeslagen'))
    ),
    CHECK ((toestemming_profiel_id IS NULL) = (toestemming_doel IS NULL))
);
CREATE INDEX bericht_wachtend ON hub.bericht (bestemming, prioriteit, volgorde)
WHERE stand IN ('klaar', 'onderweg');
CREATE INDEX bericht_open_per_dossier ON hub.bericht (bestemming, dossier_id, volgorde)
WHERE stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel');
CREATE INDEX bericht_dossier ON hub.bericht (dossier_id);
COMMENT ON COLUMN hub.bericht.sleutel IS 'Idempotency key, derived from the business event.';
COMMENT ON COLUMN hub.bericht.te_bevragen IS
'The outcome of an earlier attempt is unknown: ask the receiver before sending again.';

CREATE TABLE hub.poging (
    bericht_id uuid NOT NULL REFERENCES hub.bericht,
    nummer integer NOT NULL,
    begonnen_op timestamptz NOT NULL DEFAULT now(),
    beeindigd_op timestamptz,
    lease_van text NOT NULL,
    uitkomst text,
    uitleg text,
    PRIMARY KEY (bericht_id, nummer)
);

-- What the hub last wrote in a CRM field (or offered as a suggestion), and on which version.
CREATE TABLE hub.voorinvulling (
    dossier_id uuid NOT NULL,
    veld text NOT NULL,
    soort text NOT NULL CHECK (soort IN ('geschreven', 'gelijk', 'suggestie', 'vervallen')),
    waarde text NOT NULL,
    herkomst_hash bytea NOT NULL,
    op_etag text,
    bericht_id uuid NOT NULL REFERENCES hub.bericht,
    PRIMARY KEY (dossier_id, veld, bericht_id)
);
COMMENT ON COLUMN hub.voorinvulling.op_etag IS
'The version of the CRM row on which the field was written; null when the field was left alone.';
CREATE INDEX voorinvulling_bericht ON hub.voorinvulling (bericht_id);

-- Append-only: no role may change or remove a row. Every row carries the hash of the one before.
CREATE TABLE hub.toegangslog (
    volgnummer bigint PRIMARY KEY,
    correlatie_id uuid NOT NULL UNIQUE,
    gelogd_op timestamptz NOT NULL,
    dossier_id uuid NOT NULL,
    bron text NOT NULL,
    operatie text NOT NULL,
    object text NOT NULL,
    doel text NOT NULL,
    rechtsgrond text NOT NULL,
    hoedanigheid text NOT NULL,
    namens text NOT NULL,
    vorige_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX toegangslog_dossier ON hub.toegangslog (dossier_id);

CREATE TABLE hub.incident (
    incident_id uuid PRIMARY KEY DEFAULT uuidv7(),
    soort text NOT NULL,
    onderwerp text NOT NULL,
    tekst text NOT NULL,
    sinds timestamptz NOT NULL DEFAULT now(),
    laatst_gezien_op timestamptz NOT NULL DEFAULT now(),
    opgelost_op timestamptz
);
CREATE UNIQUE INDEX incident_open ON hub.incident (soort, onderwerp) WHERE opgelost_op IS NULL;
