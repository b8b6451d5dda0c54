-- Delivery by many workers: one budget per destination, leases as long as its slowest attempt, and
-- content that may be composed as late as the first claim.

-- The one place that says when a consent holds: one row per consent that holds now. A view, so that
-- every statement that asks is planned with it.
CREATE VIEW hub.geldige_toestemming AS
SELECT
    crm_toestemming.profiel_id,
    crm_toestemming.doel,
    crm_toestemming.ontvanger
FROM bron.crm_toestemming
WHERE
    crm_toestemming.verwijderd_op IS NULL
    AND crm_toestemming.van <= now()
    AND (crm_toestemming.tot IS NULL OR crm_toestemming.tot > now());
GRANT SELECT ON hub.geldige_toestemming TO hub_enrich, hub_push;

ALTER TABLE hub.kanaal
ADD COLUMN lease_seconden integer NOT NULL DEFAULT 120 CHECK (lease_seconden > 0),
ADD COLUMN verwerking_seconden integer NOT NULL DEFAULT 900 CHECK (verwerking_seconden >= 0);
COMMENT ON COLUMN hub.kanaal.lease_seconden IS
'How long one attempt may last, sign-on and asking included; then another worker takes over.';
COMMENT ON COLUMN hub.kanaal.verwerking_seconden IS
'Where the receiver processes later: after this long, what it does not hold never arrived.';

-- DOSIS keeps the history of a dossier's statuses (GeefDossiers): it can be asked.
UPDATE hub.kanaal SET kan_bevraagd_worden = TRUE
WHERE bestemming = 'dosis';

-- Who may send how many messages at once. Taken in blocks, for a while: a dead worker's block comes
-- back by itself.
CREATE TABLE hub.budget (
    bestemming text NOT NULL REFERENCES hub.kanaal,
    houder text NOT NULL,
    plaatsen integer NOT NULL CHECK (plaatsen >= 0),
    geldig_tot timestamptz NOT NULL,
    PRIMARY KEY (bestemming, houder)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.budget TO hub_push;
GRANT SELECT ON hub.budget TO hub_lezer;

-- A status is composed when it is first claimed; until then there is nothing to seal.
ALTER TABLE hub.bericht
ALTER COLUMN inhoud DROP NOT NULL,
ALTER COLUMN sleutel_id DROP NOT NULL,
ADD COLUMN tegenslagen integer NOT NULL DEFAULT 0,
ADD CHECK ((inhoud IS NULL) = (sleutel_id IS NULL));

COMMENT ON COLUMN hub.bericht.tegenslagen IS
'Attempts that must be made again after a pause; a worker that died or a claim put back is none.';

-- What is due stands together, whatever waits for later; what is under way is found by its lease.
CREATE INDEX bericht_aan_de_beurt
ON hub.bericht (bestemming, prioriteit, klaar_vanaf, volgorde) WHERE stand = 'klaar';
CREATE INDEX bericht_onderweg ON hub.bericht (bestemming, lease_tot) WHERE stand = 'onderweg';
CREATE INDEX bericht_aangenomen ON hub.bericht (bestemming, volgorde) WHERE stand = 'aangenomen';
DROP INDEX hub.bericht_wachtend;

-- A queue changes its head all the time: it is vacuumed and analysed early.
ALTER TABLE hub.bericht
SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE hub.poging
SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE OR REPLACE FUNCTION hub.check_overgang() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.stand, NEW.stand) IN (
        ('klaar', 'onderweg'),
        ('klaar', 'ingetrokken'),
        ('klaar', 'overgeslagen'),
        ('onderweg', 'klaar'),
        ('onderweg', 'aangenomen'),
        ('onderweg', 'bevestigd'),
        ('onderweg', 'opgegeven'),
        ('onderweg', 'in_twijfel'),
        ('onderweg', 'ingetrokken'),
        ('onderweg', 'overgeslagen'),
        ('aangenomen', 'klaar'),
        ('aangenomen', 'bevestigd'),
        ('aangenomen', 'opgegeven'),
        ('aangenomen', 'in_twijfel'),
        ('aangenomen', 'overgeslagen'),
        ('in_twijfel', 'klaar'),
        ('in_twijfel', 'bevestigd'),
        ('in_twijfel', 'overgeslagen'),
        ('opgegeven', 'klaar'),
        ('opgegeven', 'overgeslagen')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION
        'Bericht % kan niet van % naar %. Er is niets gewijzigd. Zie docs/delivery_guarantees.md.',
        OLD.bericht_id, OLD.stand, NEW.stand
        USING ERRCODE = 'check_violation';
END
$$;
