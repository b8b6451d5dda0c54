-- The consultant's word comes back: which dwelling it is, and what becomes of a suggestion.

-- One row per task in the CRM; its texts stay there. What a consultant chose stands in keuze.
CREATE TABLE bron.crm_stap (
    stap_id uuid PRIMARY KEY,
    sleutel text,
    dossier_id uuid,
    soort text,
    status text,
    keuze text,
    gekozen_op timestamptz,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
COMMENT ON COLUMN bron.crm_stap.gekozen_op IS
'When the hub saw this choice: the CRM''s own moment also moves when the hub closes the task.';
CREATE INDEX crm_stap_dossier ON bron.crm_stap (dossier_id);

-- One row per origin of a value in the CRM that holds a suggestion or a decision, or did.
CREATE TABLE bron.crm_gegeven (
    gegeven_id uuid PRIMARY KEY,
    dossier_id uuid,
    veld text,
    suggestie text,
    beslissing text,
    etag text NOT NULL,
    inhoud_hash bytea NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gezien_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
CREATE INDEX crm_gegeven_dossier ON bron.crm_gegeven (dossier_id);

-- What a person decided about a value that the hub suggested: the last word per value.
CREATE TABLE hub.beslissing (
    dossier_id uuid NOT NULL,
    veld text NOT NULL,
    waarde text NOT NULL,
    beslissing text NOT NULL CHECK (beslissing IN ('aanvaard', 'verworpen')),
    beslist_op timestamptz NOT NULL,
    PRIMARY KEY (dossier_id, veld, waarde)
);
COMMENT ON COLUMN hub.beslissing.beslist_op IS 'When the CRM row was changed to say so.';

ALTER TABLE hub.voorinvulling
DROP CONSTRAINT voorinvulling_soort_check,
ADD CONSTRAINT voorinvulling_soort_check CHECK (soort IN (
    'geschreven', 'gelijk', 'suggestie', 'verworpen', 'vervallen'
));

ALTER TABLE hub.dossier_woning
DROP CONSTRAINT dossier_woning_uitkomst_check,
ADD CONSTRAINT dossier_woning_uitkomst_check CHECK (uitkomst IN (
    'gevonden', 'onbekend', 'dubbelzinnig', 'verwijderd', 'geweigerd', 'onmogelijk'
)),
ADD COLUMN adres_id text,
ADD COLUMN keuze text,
ADD COLUMN keuze_stap_id uuid,
ADD COLUMN adres_etag text,
ADD COLUMN gebouweenheid_etag text;
COMMENT ON COLUMN hub.dossier_woning.keuze IS
'What the consultant chose on the task keuze_stap_id; null when the register alone decided.';
COMMENT ON COLUMN hub.dossier_woning.adres_etag IS
'The version that was read: unchanged since, looking again writes nothing.';

GRANT SELECT, INSERT, UPDATE ON bron.crm_stap, bron.crm_gegeven TO hub_pull;
GRANT SELECT ON bron.crm_stap, bron.crm_gegeven TO hub_enrich;
GRANT SELECT, INSERT, UPDATE ON hub.beslissing TO hub_enrich;
GRANT SELECT (stap_id, sleutel, dossier_id, soort, status, verwijderd_op) ON bron.crm_stap
TO hub_lezer;
GRANT SELECT (gegeven_id, dossier_id, veld, beslissing, verwijderd_op) ON bron.crm_gegeven
TO hub_lezer;
GRANT SELECT (dossier_id, veld, beslissing, beslist_op) ON hub.beslissing TO hub_lezer;
GRANT SELECT (dossier_id), DELETE ON bron.crm_stap, bron.crm_gegeven, hub.beslissing
TO hub_opruiming;
