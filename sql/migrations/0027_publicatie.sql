-- The marts for the public eye: aggregated and protected, replaced together by a publication.
CREATE TABLE rapportage.publicatie (
    publicatie_id uuid PRIMARY KEY DEFAULT uuidv7(),
    gepubliceerd_op timestamptz NOT NULL DEFAULT now(),
    peildatum date NOT NULL,
    regelversie text NOT NULL,
    vernieuwd text[] NOT NULL,
    behouden text[] NOT NULL,
    cellen integer NOT NULL,
    afgeschermd integer NOT NULL,
    ruim boolean NOT NULL
);
COMMENT ON TABLE rapportage.publicatie IS
'One row per publication: the marts it renewed, and those that keep what they had.';
COMMENT ON COLUMN rapportage.publicatie.ruim IS
'The search for what to hide did not end in time: more is hidden than needed.';

-- The counts behind what each mart shows, hidden ones too: the next publication is held against
-- them. Of the role that publishes alone; replaced with the mart.
CREATE TABLE rapportage.publicatie_telling (
    mart text NOT NULL,
    sleutels jsonb NOT NULL,
    aantal integer NOT NULL
);
CREATE INDEX publicatie_telling_mart ON rapportage.publicatie_telling (mart);

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
    regel text,
    ernst text,
    periode date,
    metingen integer,
    gebroken_metingen integer,
    orde text,
    gebroken_procent integer
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

-- Of which day each mart is: a mart that was kept back is older than the others.
CREATE VIEW rapportage.mart_stand AS
SELECT DISTINCT ON (vernieuwd.mart)
    vernieuwd.mart,
    publicatie.peildatum,
    publicatie.gepubliceerd_op,
    publicatie.regelversie,
    publicatie.ruim
FROM rapportage.publicatie
CROSS JOIN LATERAL unnest(publicatie.vernieuwd) AS vernieuwd (mart)
ORDER BY vernieuwd.mart, publicatie.gepubliceerd_op DESC, publicatie.publicatie_id DESC;

-- The names of the codes in the marts.
CREATE VIEW rapportage.mart_naam AS
SELECT
    'wijk_code' AS sleutel,
    dim_wijk.wijk_code AS code,
    dim_wijk.naam,
    NULL::integer AS volgnummer
FROM rapportage.dim_wijk
UNION ALL
SELECT
    'kanaal' AS sleutel,
    dim_kanaal.kanaal AS code,
    dim_kanaal.naam,
    NULL::integer AS volgnummer
FROM rapportage.dim_kanaal
UNION ALL
SELECT
    'stap' AS sleutel,
    dim_stap.stap AS code,
    dim_stap.naam,
    dim_stap.volgnummer
FROM rapportage.dim_stap
UNION ALL
SELECT
    'partner' AS sleutel,
    dim_partner.partner AS code,
    dim_partner.naam,
    NULL::integer AS volgnummer
FROM rapportage.dim_partner
UNION ALL
SELECT
    'premie_code' AS sleutel,
    dim_premie.premie_code AS code,
    dim_premie.naam,
    NULL::integer AS volgnummer
FROM rapportage.dim_premie;

-- rapportage: publishes
GRANT SELECT, INSERT, DELETE ON rapportage.publicatie_telling,
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
rapportage.mart_trechter TO hub_rapportage;
GRANT SELECT, INSERT ON rapportage.publicatie TO hub_rapportage;

-- dashboard: policy makers and open data; nothing but what is published
GRANT USAGE ON SCHEMA rapportage TO hub_dashboard;
GRANT SELECT ON rapportage.mart_stand,
rapportage.mart_naam,
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

-- lezer and kwaliteit: what is published and when
GRANT SELECT ON rapportage.publicatie,
rapportage.mart_stand,
rapportage.mart_naam,
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
rapportage.mart_trechter TO hub_lezer, hub_kwaliteit;
