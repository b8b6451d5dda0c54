-- What became of the claimed messages, in one set. A result counts only for the attempt it belongs
-- to: a worker that lost its lease changes nothing.

-- name: create
CREATE TEMPORARY TABLE uitslag (
    bericht_id uuid PRIMARY KEY,
    nummer integer NOT NULL,
    stand text NOT NULL,
    uitkomst text NOT NULL,
    uitleg text,
    ontvangst text,
    te_bevragen boolean NOT NULL,
    pauze_seconden double precision NOT NULL
) ON COMMIT DROP;

-- name: copy
COPY uitslag (
    bericht_id, nummer, stand, uitkomst, uitleg, ontvangst, te_bevragen, pauze_seconden
) FROM STDIN;

-- name: settle
UPDATE hub.bericht SET
    stand = uitslag.stand,
    reden = CASE WHEN uitslag.stand = 'bevestigd' THEN NULL ELSE uitslag.uitleg END,
    ontvangst = coalesce(uitslag.ontvangst, bericht.ontvangst),
    te_bevragen = uitslag.te_bevragen,
    klaar_vanaf = now() + make_interval(secs => uitslag.pauze_seconden),
    lease_van = NULL,
    lease_tot = NULL,
    beeindigd_op = CASE
        WHEN uitslag.stand IN ('bevestigd', 'opgegeven', 'ingetrokken', 'overgeslagen') THEN now()
    END
FROM uitslag
WHERE
    bericht.bericht_id = uitslag.bericht_id
    AND bericht.pogingen = uitslag.nummer
    AND bericht.stand IN ('onderweg', 'aangenomen');

-- name: note_attempt
UPDATE hub.poging SET
    beeindigd_op = now(),
    uitkomst = uitslag.uitkomst,
    uitleg = uitslag.uitleg
FROM uitslag
WHERE poging.bericht_id = uitslag.bericht_id AND poging.nummer = uitslag.nummer;

-- name: decide_again
-- The CRM row changed under the decision: the dossier is looked at again.
INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'hub' AS bron,
    'dossier' AS soort,
    bericht.dossier_id::text AS object_id,
    'beslis opnieuw na ' || bericht.bericht_id::text AS versie
FROM uitslag
INNER JOIN hub.bericht ON uitslag.bericht_id = bericht.bericht_id
WHERE uitslag.stand = 'overgeslagen' AND bericht.stand = 'overgeslagen'
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;

-- name: stop_channel
UPDATE hub.kanaal SET
    gestopt_op = now(),
    stopreden = :reden
WHERE bestemming = :bestemming AND gestopt_op IS NULL;

-- name: drop
DROP TABLE uitslag;
