-- What became of the claimed messages, in one set. A result counts only for the attempt it belongs
-- to: a worker that lost its lease changes nothing.

-- name: settle
WITH uitslag AS (
    SELECT
        gegeven.bericht_id,
        gegeven.nummer,
        gegeven.stand,
        gegeven.uitkomst,
        gegeven.uitleg,
        gegeven.ontvangst,
        gegeven.te_bevragen,
        gegeven.pauze
    FROM jsonb_to_recordset(cast(:uitslagen AS jsonb)) AS gegeven (
        bericht_id uuid,
        nummer integer,
        stand text,
        uitkomst text,
        uitleg text,
        ontvangst text,
        te_bevragen boolean,
        pauze double precision
    )
),

geteld AS (
    UPDATE hub.bericht SET
        stand = uitslag.stand,
        reden = CASE WHEN uitslag.stand = 'bevestigd' THEN NULL ELSE uitslag.uitleg END,
        ontvangst = coalesce(uitslag.ontvangst, bericht.ontvangst),
        te_bevragen = uitslag.te_bevragen,
        tegenslagen
        = bericht.tegenslagen
        + CASE WHEN uitslag.stand = 'klaar' AND uitslag.pauze > 0 THEN 1 ELSE 0 END,
        klaar_vanaf = now() + make_interval(secs => uitslag.pauze),
        lease_van = NULL,
        lease_tot = NULL,
        beeindigd_op = CASE
            WHEN
                uitslag.stand IN ('bevestigd', 'opgegeven', 'ingetrokken', 'overgeslagen')
                THEN now()
        END
    FROM uitslag
    WHERE
        bericht.bericht_id = uitslag.bericht_id
        AND bericht.pogingen = uitslag.nummer
        AND bericht.stand IN ('onderweg', 'aangenomen')
    RETURNING bericht.bericht_id, bericht.dossier_id, bericht.stand, uitslag.uitkomst
),

opgetekend AS (
    UPDATE hub.poging SET
        beeindigd_op = now(),
        uitkomst = uitslag.uitkomst,
        uitleg = uitslag.uitleg
    FROM uitslag
    WHERE poging.bericht_id = uitslag.bericht_id AND poging.nummer = uitslag.nummer
),

-- The CRM row changed under the decision: the dossier is looked at again.
beslis_opnieuw AS (
    INSERT INTO hub.inbox (bron, soort, object_id, versie)
    SELECT
        'hub' AS bron,
        'dossier' AS soort,
        geteld.dossier_id::text AS object_id,
        'beslis opnieuw na ' || geteld.bericht_id::text AS versie
    FROM geteld
    WHERE geteld.stand = 'overgeslagen' AND geteld.uitkomst = 'ConflictError'
    ON CONFLICT (bron, soort, object_id, versie) DO NOTHING
)

SELECT
    geteld.bericht_id,
    geteld.stand
FROM geteld;

-- name: stop_channel
UPDATE hub.kanaal SET
    gestopt_op = now(),
    stopreden = :reden
WHERE bestemming = :bestemming AND gestopt_op IS NULL;
