-- What follows from what was delivered: facts only, so that deciding again gives the same.

-- name: sent_aanmeldingen
-- Aanmeldingen that a partner confirmed and that the CRM does not know of yet.
SELECT
    bericht.bericht_id,
    bericht.bestemming,
    bericht.sleutel,
    bericht.dossier_id,
    bericht.ontvangst,
    bericht.beeindigd_op,
    crm_aanmelding.aanmelding_id,
    exists(
        SELECT 1 FROM hub.geldige_toestemming
        WHERE
            geldige_toestemming.profiel_id = bericht.toestemming_profiel_id
            AND geldige_toestemming.doel = bericht.toestemming_doel
            AND geldige_toestemming.ontvanger = bericht.bestemming
    ) AS toegestaan
FROM hub.bericht
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'aanmelding:' || crm_aanmelding.aanmelding_id::text
WHERE
    bericht.soort = 'aanmelding'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS gemeld
        WHERE
            gemeld.bestemming = 'crm'
            AND gemeld.sleutel = 'verzonden:' || crm_aanmelding.aanmelding_id::text
    )
ORDER BY bericht.volgorde;

-- name: withdrawn_aanmeldingen
-- Withdrawals that a partner answered and that the CRM does not know of yet. Where progress of this
-- aanmelding came, the dossier's is that of the others again, or none.
SELECT
    bericht.dossier_id,
    bericht.ontvangst,
    crm_aanmelding.aanmelding_id,
    dossier_voortgang.status AS dossier_voortgang,
    exists(
        SELECT 1 FROM bron.partner_voortgang
        INNER JOIN bron.crm_dossier ON partner_voortgang.dossier_id = crm_dossier.dossier_id
        WHERE
            partner_voortgang.aanmelding_id = crm_aanmelding.aanmelding_id
            AND crm_dossier.verwijderd_op IS NULL
    ) AS had_voortgang
FROM hub.bericht
INNER JOIN bron.crm_aanmelding
    ON bericht.sleutel = 'intrekking:' || crm_aanmelding.aanmelding_id::text
LEFT JOIN hub.dossier_voortgang ON bericht.dossier_id = dossier_voortgang.dossier_id
WHERE
    bericht.soort = 'intrekking'
    AND bericht.stand = 'bevestigd'
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS gemeld
        WHERE
            gemeld.bestemming = 'crm'
            AND gemeld.sleutel = 'ingetrokken:' || crm_aanmelding.aanmelding_id::text
    )
ORDER BY bericht.volgorde;

-- name: create_wanted
CREATE TEMPORARY TABLE gewenste_status (
    dossier_id uuid PRIMARY KEY,
    insz_status text NOT NULL,
    naam text NOT NULL,
    sleutel text NOT NULL
) ON COMMIT DROP;

-- name: fill_wanted
-- The status that each dossier should show: what happened last decides; at the same moment what
-- stands lower in the table of statuses, then what was written down last. A dossier shows something
-- once it is filled in, or once its consultant told a step. A step that the table does not know, or
-- that has no day where the resident must read one, says nothing. Moments count by the second, the
-- finest that the CRM tells: what is typed in the second after the hub's own is not before it.
INSERT INTO gewenste_status (dossier_id, insz_status, naam, sleutel)
WITH lezing AS (
    SELECT
        gegeven.naam,
        gegeven.soort,
        gegeven.stand,
        gegeven.noemt_dag,
        gegeven.plaats
    FROM
        unnest(
            cast(:namen AS text[]), cast(:soorten AS text[]), cast(:standen AS text[]),
            cast(:noemt_dag AS boolean[])
        ) WITH ORDINALITY AS gegeven (naam, soort, stand, noemt_dag, plaats)
),

verteld AS (
    SELECT
        dossier_gebeurtenis.dossier_id,
        dossier_gebeurtenis.bron,
        dossier_gebeurtenis.gebeurd_op,
        dossier_gebeurtenis.gewijzigd_op,
        lezing.naam,
        lezing.plaats,
        dossier_gebeurtenis.sleutel
        || CASE WHEN dossier_gebeurtenis.bron = 'stap' THEN ':' || lezing.naam ELSE '' END
        || CASE
            WHEN lezing.noemt_dag THEN coalesce(':' || dossier_gebeurtenis.dag::text, '') ELSE ''
        END AS sleutel
    FROM hub.dossier_gebeurtenis
    INNER JOIN lezing
        ON
            dossier_gebeurtenis.status = coalesce(lezing.soort, lezing.naam)
            AND (dossier_gebeurtenis.bron = 'stap') = (lezing.soort IS NOT NULL)
            AND coalesce(dossier_gebeurtenis.stand, '') = coalesce(lezing.stand, '')
    WHERE
        dossier_gebeurtenis.bron <> 'stap'
        OR NOT lezing.noemt_dag
        OR dossier_gebeurtenis.dag IS NOT NULL
),

laatst_gebeurd AS (
    SELECT DISTINCT ON (verteld.dossier_id)
        verteld.dossier_id,
        verteld.naam,
        verteld.sleutel
    FROM verteld
    WHERE
        EXISTS (
            SELECT 1 FROM verteld AS eerste
            WHERE
                eerste.dossier_id = verteld.dossier_id
                AND (eerste.bron = 'stap' OR eerste.naam = 'gestart')
        )
    ORDER BY
        verteld.dossier_id,
        date_trunc('second', verteld.gebeurd_op) DESC,
        verteld.plaats DESC,
        verteld.gewijzigd_op DESC,
        verteld.sleutel DESC
)

SELECT
    laatst_gebeurd.dossier_id,
    crm_profiel.insz_status,
    laatst_gebeurd.naam,
    laatst_gebeurd.dossier_id::text || ':' || laatst_gebeurd.sleutel
    || CASE WHEN crm_profiel.insz_status = 'ontbreekt' THEN ' zonder insz' ELSE '' END AS sleutel
FROM laatst_gebeurd
INNER JOIN bron.crm_dossier ON laatst_gebeurd.dossier_id = crm_dossier.dossier_id
INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
WHERE
    crm_profiel.insz_status IN ('geldig', 'ontbreekt')
    AND crm_dossier.verwijderd_op IS NULL
    AND crm_profiel.verwijderd_op IS NULL;

-- name: fill_wanted_aanvragen
-- The status of each application of a dossier that was started: what its CRM row says. One whose
-- kind, status, scheme or number cannot be used says nothing. Another scheme is other news.
INSERT INTO gewenste_status (dossier_id, insz_status, naam, sleutel)
WITH lezing AS (
    SELECT
        gegeven.naam,
        gegeven.soort,
        gegeven.status
    FROM
        unnest(
            cast(:namen AS text[]), cast(:soorten AS text[]), cast(:standen AS text[])
        ) AS gegeven (naam, soort, status)
),

regeling AS (
    SELECT
        gegeven.soort,
        gegeven.naam
    FROM
        unnest(cast(:regeling_soorten AS text[]), cast(:regelingen AS text[]))
            AS gegeven (soort, naam)
)

SELECT
    crm_aanvraag.aanvraag_id AS dossier_id,
    crm_profiel.insz_status,
    lezing.naam,
    crm_aanvraag.aanvraag_id::text || ':aanvraag:' || lezing.naam || ':' || regeling.naam
    || CASE WHEN crm_profiel.insz_status = 'ontbreekt' THEN ' zonder insz' ELSE '' END AS sleutel
FROM bron.crm_aanvraag
INNER JOIN lezing
    ON crm_aanvraag.soort = lezing.soort AND crm_aanvraag.status = lezing.status
INNER JOIN regeling
    ON crm_aanvraag.soort = regeling.soort AND crm_aanvraag.regeling = regeling.naam
INNER JOIN bron.crm_dossier ON crm_aanvraag.dossier_id = crm_dossier.dossier_id
INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
WHERE
    crm_aanvraag.verwijderd_op IS NULL
    AND crm_aanvraag.nummer IS NOT NULL
    AND crm_dossier.start_akkoord
    AND crm_dossier.dossiernummer IS NOT NULL
    AND crm_dossier.verwijderd_op IS NULL
    AND crm_profiel.verwijderd_op IS NULL
    AND crm_profiel.insz_status IN ('geldig', 'ontbreekt')
    AND NOT EXISTS (
        SELECT 1 FROM bron.crm_dossier AS ander
        WHERE ander.dossiernummer = crm_aanvraag.nummer
    );

-- name: supersede
-- A status that waits, was never sent, and does not hold any more: another takes its place, or the
-- one that the resident sees already.
UPDATE hub.bericht SET
    stand = 'overgeslagen',
    reden = :reden,
    beeindigd_op = now()
FROM gewenste_status
WHERE
    bericht.bestemming = 'dosis'
    AND bericht.soort = 'dossierstatus'
    AND bericht.stand = 'klaar'
    AND bericht.pogingen = 0
    AND bericht.dossier_id = gewenste_status.dossier_id
    AND bericht.sleutel <> gewenste_status.sleutel
    AND NOT (
        starts_with(bericht.sleutel, gewenste_status.sleutel || ' na ')
        AND substr(bericht.sleutel, length(gewenste_status.sleutel) + 5) ~ '^[0-9]+$'
    );

-- name: statuses
-- The statuses to tell: those that are not the last that the ledger holds of their dossier. What
-- was superseded before it left was not told. A status that was told before and holds again is told
-- under a key of its own.
WITH verteld AS (
    SELECT
        bericht.dossier_id,
        max(bericht.volgorde) AS hoogste,
        max(bericht.volgorde) FILTER (
            WHERE bericht.stand <> 'overgeslagen' OR bericht.reden IS DISTINCT FROM :reden
        ) AS volgorde
    FROM hub.bericht
    WHERE bericht.bestemming = 'dosis' AND bericht.soort = 'dossierstatus'
    GROUP BY bericht.dossier_id
)

SELECT
    gewenste_status.dossier_id,
    gewenste_status.naam AS status,
    gewenste_status.insz_status,
    gewenste_status.sleutel || CASE
        WHEN eerder.sleutel IS NULL THEN '' ELSE ' na ' || verteld.hoogste::text
    END AS sleutel
FROM gewenste_status
LEFT JOIN verteld ON gewenste_status.dossier_id = verteld.dossier_id
LEFT JOIN hub.bericht AS laatste ON verteld.volgorde = laatste.volgorde
LEFT JOIN hub.bericht AS eerder
    ON eerder.bestemming = 'dosis' AND gewenste_status.sleutel = eerder.sleutel
WHERE
    laatste.sleutel IS DISTINCT FROM gewenste_status.sleutel
    AND NOT coalesce(
        starts_with(laatste.sleutel, gewenste_status.sleutel || ' na ')
        AND substr(laatste.sleutel, length(gewenste_status.sleutel) + 5) ~ '^[0-9]+$',
        FALSE
    )
ORDER BY gewenste_status.dossier_id;

-- name: removals
-- Dossiers and applications that the CRM removed some days ago and of which a status left. One that
-- came back and was removed again is removed again.
WITH verwijderd AS (
    SELECT
        burgerdossier.burgerdossier_id AS dossier_id,
        burgerdossier.nummer AS dossiernummer,
        burgerdossier.burgerdossier_id::text || ':verwijdering:'
        || extract(EPOCH FROM burgerdossier.verwijderd_op)::text AS sleutel
    FROM hub.burgerdossier
    WHERE
        burgerdossier.verwijderd_op < now() - make_interval(days => :dagen)
        AND burgerdossier.nummer IS NOT NULL
)

SELECT
    verwijderd.dossier_id,
    verwijderd.dossiernummer,
    verwijderd.sleutel
FROM verwijderd
WHERE
    EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.dossier_id = verwijderd.dossier_id
            AND bericht.eerst_verzonden_op IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE bericht.bestemming = 'dosis' AND bericht.sleutel = verwijderd.sleutel
    )
ORDER BY verwijderd.dossier_id;
