-- The marts for the public eye: aggregated and protected, replaced together by a publication.
CREATE TABLE rapportage.publicatie (
    publicatie_id uuid PRIMARY KEY DEFAULT uuidv7(),
    gepubliceerd_op timestamptz NOT NULL DEFAULT now(),
    peildatum date NOT NULL,
    regelversie text NOT NULL,
    vernieuwd text[] NOT NULL,
    behouden text[] NOT NULL,
    cellen integer NOT NULL,
    afgeschermd integer NOT NULL
);
COMMENT ON TABLE rapportage.publicatie IS
'One row per publication; the newest tells what the marts hold.';

CREATE TABLE rapportage.mart_aanbeveling (
    niveau text NOT NULL,
    wijk_code text,
    soort text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_aanvraag (
    niveau text NOT NULL,
    periode date,
    wijk_code text,
    soort text,
    premie_code text,
    uitkomst text,
    bedrag_klasse text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_bevraging (
    datum date,
    bron text,
    orde text,
    geslaagd_procent integer
);

CREATE TABLE rapportage.mart_doorlooptijd (
    niveau text NOT NULL,
    periode date,
    wijk_code text,
    traject text,
    aantal integer,
    mediaan integer,
    p90 integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_kanaal (
    niveau text NOT NULL,
    periode date,
    wijk_code text,
    kanaal text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_koppeling (
    datum date,
    bestemming text,
    orde text,
    geslaagd_procent integer,
    seconden_mediaan integer
);

CREATE TABLE rapportage.mart_kwaliteit (
    model text,
    reden text,
    periode date,
    aantal integer,
    hersteld integer
);

CREATE TABLE rapportage.mart_label (
    niveau text NOT NULL,
    periode date,
    wijk_code text,
    moment text,
    epc_label text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_labelsprong (
    niveau text NOT NULL,
    periode date,
    wijk_code text,
    sprong text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_partner (
    niveau text NOT NULL,
    periode date,
    partner text,
    fase text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_partner_tijd (
    niveau text NOT NULL,
    periode date,
    partner text,
    fase text,
    aantal integer,
    mediaan integer,
    p90 integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

CREATE TABLE rapportage.mart_trechter (
    niveau text NOT NULL,
    periode date,
    wijk_code text,
    stap text,
    aantal integer,
    afgeschermd boolean NOT NULL,
    CHECK (afgeschermd = (aantal IS NULL))
);

GRANT SELECT, INSERT, DELETE ON rapportage.mart_aanbeveling,
rapportage.mart_aanvraag,
rapportage.mart_bevraging,
rapportage.mart_doorlooptijd,
rapportage.mart_kanaal,
rapportage.mart_koppeling,
rapportage.mart_kwaliteit,
rapportage.mart_label,
rapportage.mart_labelsprong,
rapportage.mart_partner,
rapportage.mart_partner_tijd,
rapportage.mart_trechter TO hub_rapportage;
GRANT SELECT, INSERT ON rapportage.publicatie TO hub_rapportage;
GRANT SELECT, INSERT, UPDATE ON hub.incident TO hub_rapportage;

-- dashboard: policy makers and open data; nothing but what is published
GRANT USAGE ON SCHEMA rapportage TO hub_dashboard;
GRANT SELECT ON rapportage.publicatie,
rapportage.dim_datum,
rapportage.dim_wijk,
rapportage.dim_kanaal,
rapportage.dim_stap,
rapportage.dim_partner,
rapportage.dim_premie,
rapportage.mart_aanbeveling,
rapportage.mart_aanvraag,
rapportage.mart_bevraging,
rapportage.mart_doorlooptijd,
rapportage.mart_kanaal,
rapportage.mart_koppeling,
rapportage.mart_kwaliteit,
rapportage.mart_label,
rapportage.mart_labelsprong,
rapportage.mart_partner,
rapportage.mart_partner_tijd,
rapportage.mart_trechter TO hub_dashboard;
GRANT SELECT ON rapportage.publicatie,
rapportage.mart_aanbeveling,
rapportage.mart_aanvraag,
rapportage.mart_bevraging,
rapportage.mart_doorlooptijd,
rapportage.mart_kanaal,
rapportage.mart_koppeling,
rapportage.mart_kwaliteit,
rapportage.mart_label,
rapportage.mart_labelsprong,
rapportage.mart_partner,
rapportage.mart_partner_tijd,
rapportage.mart_trechter TO hub_lezer;
