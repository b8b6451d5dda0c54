-- What a person does to the ledger, what is removed when its time is over, and who may change the
-- key of what is sealed.

-- Append-only: no role may change or remove a row.
CREATE TABLE hub.handeling (
    handeling_id uuid PRIMARY KEY DEFAULT uuidv7(),
    gedaan_op timestamptz NOT NULL DEFAULT now(),
    wie text NOT NULL CHECK (btrim(wie) <> ''),
    soort text NOT NULL CHECK (soort IN (
        'opnieuw', 'bevestig', 'opzij', 'bewaar', 'kanaal_stop', 'kanaal_open',
        'kanaal_nu'
    )),
    bericht_id uuid,
    bestemming text NOT NULL,
    vorige_stand text,
    reden text NOT NULL CHECK (btrim(reden) <> ''),
    CHECK ((bericht_id IS NULL) = (soort IN ('kanaal_stop', 'kanaal_open', 'kanaal_nu')))
);
CREATE INDEX handeling_bericht ON hub.handeling (bericht_id) WHERE bericht_id IS NOT NULL;
COMMENT ON COLUMN hub.handeling.bericht_id IS
'No reference: the act stays when the message is removed.';

-- One row per run and kind: what retention emptied or removed.
CREATE TABLE hub.opruiming (
    opruiming_id uuid PRIMARY KEY DEFAULT uuidv7(),
    naam text NOT NULL,
    soort text NOT NULL,
    wijze text NOT NULL CHECK (wijze IN ('inhoud_wissen', 'rij_wissen')),
    termijn_dagen integer NOT NULL,
    aantal bigint NOT NULL,
    begonnen_op timestamptz NOT NULL DEFAULT now(),
    bijgewerkt_op timestamptz NOT NULL DEFAULT now(),
    UNIQUE (naam, soort)
);
COMMENT ON COLUMN hub.opruiming.naam IS 'The run that cleaned.';

COMMENT ON COLUMN hub.bericht.bewaren_tot IS
'Set by a person: neither content nor row is removed before; empty: hub/config/bewaring.yml alone.';

-- What waits for a person: few rows, counted after every delivery.
CREATE INDEX bericht_te_bekijken ON hub.bericht (bestemming, stand, beeindigd_op)
WHERE stand IN ('opgegeven', 'in_twijfel');
-- What still holds content it no longer needs; a row leaves this index when it is emptied.
CREATE INDEX bericht_te_wissen ON hub.bericht (beeindigd_op)
WHERE inhoud IS NOT NULL AND stand IN ('bevestigd', 'ingetrokken', 'overgeslagen');
-- Whole: removing a batch asks whether an inbox row still names it.
DROP INDEX hub.inbox_batch;
CREATE INDEX inbox_batch ON hub.inbox (batch_id);
CREATE INDEX inbox_te_wissen ON hub.inbox (verwerkt_op) WHERE verwerkt_op IS NOT NULL;
CREATE INDEX crm_dossier_verwijderd ON bron.crm_dossier (verwijderd_op)
WHERE verwijderd_op IS NOT NULL;

-- operator: acts on messages and channels; sees no payload
GRANT USAGE ON SCHEMA bron, hub TO hub_operator, hub_opruiming, hub_sleutel;
GRANT SELECT (
    bericht_id, volgorde, bestemming, sleutel, soort, kenmerk, dossier_id, prioriteit, stand, reden,
    toestemming_doel, pogingen, te_bevragen, klaar_vanaf, lease_tot, lease_van, ontvangst,
    aangemaakt_op, eerst_verzonden_op, beeindigd_op, bewaren_tot
) ON hub.bericht TO hub_operator;
GRANT UPDATE (stand, reden, te_bevragen, tegenslagen, klaar_vanaf, beeindigd_op, bewaren_tot)
ON hub.bericht TO hub_operator;
GRANT SELECT ON hub.kanaal, hub.poging TO hub_operator;
GRANT UPDATE (gestopt_op, stopreden) ON hub.kanaal TO hub_operator;
GRANT SELECT, INSERT ON hub.handeling TO hub_operator;
GRANT SELECT, INSERT, UPDATE ON hub.incident TO hub_operator;

-- opruiming: empties and removes what is over; opens nothing, decides nothing. A lock needs the
-- right to change one column: it has that right where it locks.
GRANT SELECT (
    bericht_id, dossier_id, stand, inhoud, sleutel_id, beeindigd_op, bewaren_tot
), UPDATE (inhoud, sleutel_id), DELETE ON hub.bericht TO hub_opruiming;
GRANT SELECT (bericht_id), DELETE ON hub.poging, hub.voorinvulling TO hub_opruiming;
GRANT SELECT (inbox_id, batch_id, verwerkt_op), DELETE ON hub.inbox TO hub_opruiming;
GRANT SELECT (batch_id, beeindigd_op), DELETE ON hub.batch TO hub_opruiming;
GRANT SELECT (quarantaine_id, opgelost_op), DELETE ON hub.quarantaine TO hub_opruiming;
GRANT SELECT (incident_id, opgelost_op), DELETE ON hub.incident TO hub_opruiming;
GRANT SELECT (dossier_id), DELETE ON hub.dossier_woning TO hub_opruiming;
GRANT SELECT (
    dossier_id, straat, huisnummer, busnummer, consulent, voorinvulling, verwijderd_op
), UPDATE (straat, huisnummer, busnummer, consulent, voorinvulling), DELETE
ON bron.crm_dossier TO hub_opruiming;
GRANT SELECT (aanmelding_id, dossier_id, verwijderd_op), DELETE
ON bron.crm_aanmelding TO hub_opruiming;
GRANT SELECT (profiel_id, verwijderd_op), DELETE ON bron.crm_profiel TO hub_opruiming;
GRANT SELECT (vraag_id, verwijderd_op), DELETE ON bron.crm_vraag TO hub_opruiming;
GRANT SELECT, INSERT, UPDATE ON hub.opruiming TO hub_opruiming;

-- sleutel: seals anew under the active key; reads what is sealed and what binds it, nothing else
GRANT SELECT (bericht_id, volgorde, bestemming, sleutel, inhoud, sleutel_id),
UPDATE (inhoud, sleutel_id) ON hub.bericht TO hub_sleutel;
GRANT SELECT (inbox_id, bron, soort, object_id, versie, inhoud, sleutel_id),
UPDATE (inhoud, sleutel_id) ON hub.inbox TO hub_sleutel;
GRANT SELECT (profiel_id, persoonsgegevens, sleutel_id), UPDATE (persoonsgegevens, sleutel_id)
ON bron.crm_profiel TO hub_sleutel;
GRANT SELECT (vraag_id, persoonsgegevens, sleutel_id), UPDATE (persoonsgegevens, sleutel_id)
ON bron.crm_vraag TO hub_sleutel;

GRANT SELECT ON hub.handeling, hub.opruiming TO hub_lezer;
