-- Which woningfiches were written down for a dossier: a new one only when its content differs from
-- the last. One row per fiche.
CREATE TABLE hub.woningfiche (
    dossier_id uuid NOT NULL,
    volgnummer integer NOT NULL CHECK (volgnummer > 0),
    inhoud_hash bytea NOT NULL,
    bericht_id uuid NOT NULL REFERENCES hub.bericht ON DELETE CASCADE,
    gemaakt_op timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dossier_id, volgnummer)
);
COMMENT ON COLUMN hub.woningfiche.inhoud_hash IS
'Keyed hash of all that stands on the page, but the days of asking and making.';
-- Retention removes a dossier's messages together; their fiches go with them.
CREATE INDEX woningfiche_bericht ON hub.woningfiche (bericht_id);

GRANT SELECT, INSERT ON hub.woningfiche TO hub_enrich;
GRANT SELECT ON hub.woningfiche TO hub_lezer;
