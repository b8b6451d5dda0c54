-- What waits behind an older message of its own dossier is no longer in the way of a claim.
--
-- The promise of order stays in the claim, which looks at the dossier itself. This column only says
-- what a claim need not look at, and must never hide what may leave. The rule that makes it so:
-- each message behind has an older open one of its (bestemming, dossier) that is not behind.
-- Behind is said only where a message is written down, while that older one is held (sql/ops/
-- enqueue.sql); and whatever message that is not behind ends, by whoever, brings the oldest one
-- behind it to the front in the same transaction (wake_next).
ALTER TABLE hub.bericht ADD COLUMN achter boolean NOT NULL DEFAULT FALSE;
COMMENT ON COLUMN hub.bericht.achter IS
'Waits behind an older message of the same destination and dossier: a claim passes it over.';

DROP INDEX hub.bericht_aan_de_beurt;
CREATE INDEX bericht_aan_de_beurt ON hub.bericht (bestemming, prioriteit, klaar_vanaf, volgorde)
WHERE stand = 'klaar' AND NOT achter;
CREATE INDEX bericht_achter ON hub.bericht (bestemming, dossier_id, volgorde)
WHERE stand = 'klaar' AND achter;

-- The subquery waits for whoever holds the oldest one, and takes the next when it ended meanwhile.
CREATE FUNCTION hub.wake_next() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hub.bericht SET achter = FALSE
    WHERE bericht_id = (
        SELECT volgend.bericht_id
        FROM hub.bericht AS volgend
        WHERE
            volgend.bestemming = NEW.bestemming
            AND volgend.dossier_id = NEW.dossier_id
            AND volgend.stand = 'klaar'
            AND volgend.achter
        ORDER BY volgend.volgorde
        LIMIT 1
        FOR NO KEY UPDATE
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER bericht_beeindigd
AFTER UPDATE OF stand ON hub.bericht
FOR EACH ROW
WHEN (
    NOT old.achter
    AND old.stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
    AND new.stand NOT IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
)
EXECUTE FUNCTION hub.wake_next();

-- Holding a row needs the right to change one column of it.
GRANT UPDATE (achter) ON hub.bericht TO hub_enrich;
GRANT SELECT (achter), UPDATE (achter) ON hub.bericht TO hub_operator;
GRANT SELECT (achter) ON hub.bericht TO hub_lezer;

-- A difference that a person accepted: as long as the same is seen, it is no incident again.
CREATE TABLE hub.aanvaard_verschil (
    soort text NOT NULL,
    onderwerp text NOT NULL,
    tekst text NOT NULL,
    incident_id uuid NOT NULL,
    aanvaard_op timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (soort, onderwerp)
);
COMMENT ON COLUMN hub.aanvaard_verschil.tekst IS
'What was seen when it was accepted; another text is another difference.';
COMMENT ON COLUMN hub.aanvaard_verschil.incident_id IS
'No reference: the incident goes when its term is over, the acceptance when the difference does.';

ALTER TABLE hub.handeling
ADD COLUMN incident_id uuid,
DROP CONSTRAINT handeling_check,
DROP CONSTRAINT handeling_soort_check,
ADD CONSTRAINT handeling_soort_check CHECK (soort IN (
    'opnieuw', 'bevestig', 'opzij', 'bewaar', 'kanaal_stop', 'kanaal_open', 'kanaal_nu',
    'uittreksel', 'uitvoer', 'aanvaard'
)),
ADD CONSTRAINT handeling_check CHECK (
    (bericht_id IS NOT NULL) = (soort IN ('opnieuw', 'bevestig', 'opzij', 'bewaar'))
    AND (bestemming IS NULL) = (soort IN ('uittreksel', 'uitvoer'))
    AND (onderwerp IS NOT NULL) = (soort IN ('uittreksel', 'uitvoer'))
    AND (incident_id IS NOT NULL) = (soort = 'aanvaard')
);
COMMENT ON COLUMN hub.handeling.incident_id IS
'No reference: the act stays when the incident is removed.';

GRANT SELECT, INSERT, UPDATE ON hub.aanvaard_verschil TO hub_operator;
GRANT SELECT, DELETE ON hub.aanvaard_verschil TO hub_aansluiting;
GRANT SELECT ON hub.aanvaard_verschil TO hub_lezer;
