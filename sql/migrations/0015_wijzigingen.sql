-- What the change feeds of the registers tell of dwellings the hub knows, and which dwelling
-- follows which.

-- One row per event with which a unit ended, or began at the address or in the building of a known
-- dwelling. The evidence for a succession; its two sides may come on different pages.
CREATE TABLE bron.eenheid_wijziging (
    gebeurtenis text PRIMARY KEY,
    gebouweenheid_id text NOT NULL,
    soort text NOT NULL CHECK (soort IN ('begin', 'einde')),
    gebouw_id text,
    adres_ids text[] NOT NULL,
    oorzaak text,
    gebeurd_op timestamptz NOT NULL
);
CREATE INDEX eenheid_wijziging_eenheid ON bron.eenheid_wijziging (gebouweenheid_id);
COMMENT ON COLUMN bron.eenheid_wijziging.oorzaak IS
'The same for all events that one act at the register brought.';

-- One row per dwelling that ended (no opvolger), and one per dwelling that took its place.
CREATE TABLE hub.woning_opvolging (
    opvolging_id uuid PRIMARY KEY DEFAULT uuidv7(),
    woning_id uuid NOT NULL REFERENCES hub.woning,
    opvolger text,
    opvolger_woning_id uuid REFERENCES hub.woning,
    reden text NOT NULL CHECK (
        reden IN ('beeindigd', 'vervangen', 'gesplitst', 'samengevoegd', 'hernummerd')
    ),
    gebeurtenis text NOT NULL,
    gebeurd_op timestamptz NOT NULL,
    vastgesteld_op timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (woning_id, gebeurtenis, opvolger),
    CHECK ((opvolger IS NULL) = (reden = 'beeindigd'))
);
CREATE INDEX woning_opvolging_open ON hub.woning_opvolging (opvolger)
WHERE opvolger_woning_id IS NULL AND opvolger IS NOT NULL;
COMMENT ON COLUMN hub.woning_opvolging.opvolger IS
'What took its place in the register, as "gebouweenheid 123" or "adres 123".';
COMMENT ON COLUMN hub.woning_opvolging.opvolger_woning_id IS
'Empty until that dwelling is known to the hub.';

-- A change names an object: which dwellings does it touch?
CREATE INDEX woning_adres ON hub.woning (adres_id);
CREATE INDEX woning_gebouw ON hub.woning (gebouw_id) WHERE gebouw_id IS NOT NULL;
CREATE INDEX gegeven_perceel ON hub.gegeven (onderdeel)
WHERE veld = 'perceel' AND vervangen_op IS NULL;

-- pull: looks up which dwellings a change touches, and says that they must be looked at again
GRANT SELECT ON hub.woning TO hub_pull;
GRANT SELECT (woning_id, veld, onderdeel, vervangen_op) ON hub.gegeven TO hub_pull;
GRANT SELECT (woning_id, bron), UPDATE (opnieuw_na) ON hub.bronstand TO hub_pull;
GRANT SELECT (dossier_id, woning_id), UPDATE (gezocht_op) ON hub.dossier_woning TO hub_pull;
GRANT SELECT, INSERT ON bron.eenheid_wijziging TO hub_pull;
GRANT SELECT, INSERT, UPDATE ON hub.woning_opvolging TO hub_pull;
GRANT SELECT ON hub.woning_opvolging TO hub_enrich, hub_lezer;
