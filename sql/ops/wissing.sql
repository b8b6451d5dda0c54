-- The erasure of one resident: its steps, and what it is about.

-- name: known
-- Does the hub hold anything of this profile?
SELECT 'profiel' AS soort
FROM bron.crm_profiel
WHERE crm_profiel.profiel_id = :profiel_id
UNION
SELECT 'dossier' AS soort
FROM bron.crm_dossier
WHERE crm_dossier.profiel_id = :profiel_id
UNION
SELECT 'vraag' AS soort
FROM bron.crm_vraag
WHERE crm_vraag.profiel_id = :profiel_id
UNION
SELECT 'toestemming' AS soort
FROM bron.crm_toestemming
WHERE crm_toestemming.profiel_id = :profiel_id;

-- name: find_busy
SELECT wissing.wissing_id
FROM hub.wissing
WHERE wissing.profiel_id = :profiel_id;

-- name: start
INSERT INTO hub.wissing (profiel_id)
VALUES (:profiel_id)
RETURNING wissing_id;

-- name: add_steps
INSERT INTO hub.wissing_stap (wissing_id, volgnummer, stap)
SELECT
    :wissing_id AS wissing_id,
    gegeven.volgnummer,
    gegeven.stap
FROM unnest(cast(:stappen AS text[])) WITH ORDINALITY AS gegeven (stap, volgnummer);

-- name: note
INSERT INTO hub.handeling (wie, soort, onderwerp, reden)
VALUES (:wie, 'wissing', 'wissing ' || cast(:wissing_id AS text), :reden);

-- name: lock_wissing
SELECT
    wissing.stand,
    wissing.profiel_id,
    wissing.gevraagd_op
FROM hub.wissing
WHERE wissing.wissing_id = :wissing_id
FOR NO KEY UPDATE;

-- name: show
SELECT
    wissing.wissing_id,
    wissing.stand,
    wissing.gevraagd_op,
    wissing.klaar_op,
    wissing.attest,
    wissing.waarmerk
FROM hub.wissing
WHERE cast(:wissing_id AS uuid) IS NULL OR wissing.wissing_id = :wissing_id
ORDER BY wissing.gevraagd_op;

-- name: show_steps
SELECT
    wissing_stap.stap,
    wissing_stap.stand,
    wissing_stap.reden,
    wissing_stap.aantallen,
    wissing_stap.gedaan_op
FROM hub.wissing_stap
WHERE wissing_stap.wissing_id = :wissing_id
ORDER BY wissing_stap.volgnummer;

-- name: list_busy
SELECT wissing.wissing_id
FROM hub.wissing
WHERE wissing.stand = 'bezig'
ORDER BY wissing.gevraagd_op;

-- name: report_waiting
INSERT INTO hub.incident (soort, onderwerp, tekst)
SELECT
    'wissing_wacht' AS soort,
    'wissing ' || wissing.wissing_id::text AS onderwerp,
    format(
        'De wissing die op %s gevraagd werd, is niet klaar: %s. Wat nog niet gewist is, blijft '
        'staan. Help wie nog moet antwoorden, of vestig de aandacht op wat opgegeven is; de hub '
        'gaat vanzelf verder. De wet geeft een maand.',
        to_char(wissing.gevraagd_op AT TIME ZONE 'Europe/Brussels', 'DD/MM/YYYY'),
        coalesce(wissing_stap.reden, 'ze is onderbroken')
    ) AS tekst
FROM hub.wissing
LEFT JOIN hub.wissing_stap
    ON wissing.wissing_id = wissing_stap.wissing_id AND wissing_stap.stand = 'wacht'
WHERE
    wissing.stand = 'bezig'
    AND wissing.gevraagd_op < now() - make_interval(days => :dagen)
ON CONFLICT (soort, onderwerp) WHERE opgelost_op IS NULL DO UPDATE SET
    tekst = excluded.tekst,
    laatst_gezien_op = now();

-- name: close_waiting
UPDATE hub.incident SET opgelost_op = now()
WHERE
    incident.soort = 'wissing_wacht'
    AND incident.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.wissing
        WHERE
            'wissing ' || wissing.wissing_id::text = incident.onderwerp
            AND wissing.stand = 'bezig'
    );

-- name: wait_step
UPDATE hub.wissing_stap SET
    stand = 'wacht',
    reden = :reden
WHERE wissing_stap.wissing_id = :wissing_id AND wissing_stap.stap = :stap;

-- name: finish_step
UPDATE hub.wissing_stap SET
    stand = 'gedaan',
    reden = NULL,
    aantallen = cast(:aantallen AS jsonb),
    gedaan_op = now()
WHERE wissing_stap.wissing_id = :wissing_id AND wissing_stap.stap = :stap;

-- name: add_objects
-- Everything that hangs on the profile, and what the CRM removed already.
WITH dossier AS (
    SELECT
        crm_dossier.dossier_id,
        crm_dossier.dossiernummer,
        crm_dossier.verwijderd_op
    FROM bron.crm_dossier
    WHERE crm_dossier.profiel_id = :profiel_id
)

INSERT INTO hub.wissing_object (wissing_id, soort, object_id, nummer, crm_verwijderd_op)
SELECT
    cast(:wissing_id AS uuid) AS wissing_id,
    gevonden.soort,
    gevonden.object_id,
    gevonden.nummer,
    gevonden.verwijderd_op
FROM (
    SELECT
        'profiel' AS soort,
        cast(:profiel_id AS uuid) AS object_id,
        NULL AS nummer,
        -- What landed is the CRM's last word; what retention removed, the CRM had removed.
        CASE
            WHEN
                EXISTS (
                    SELECT 1 FROM bron.crm_profiel
                    WHERE
                        crm_profiel.profiel_id = :profiel_id AND crm_profiel.verwijderd_op IS NULL
                )
                THEN NULL
            ELSE now()
        END AS verwijderd_op
    UNION ALL
    SELECT
        'dossier' AS soort,
        dossier.dossier_id AS object_id,
        dossier.dossiernummer AS nummer,
        dossier.verwijderd_op
    FROM dossier
    UNION ALL
    SELECT
        'vraag' AS soort,
        crm_vraag.vraag_id AS object_id,
        NULL AS nummer,
        crm_vraag.verwijderd_op
    FROM bron.crm_vraag
    WHERE crm_vraag.profiel_id = :profiel_id
    UNION ALL
    SELECT
        'toestemming' AS soort,
        crm_toestemming.toestemming_id AS object_id,
        NULL AS nummer,
        crm_toestemming.verwijderd_op
    FROM bron.crm_toestemming
    WHERE crm_toestemming.profiel_id = :profiel_id
    UNION ALL
    SELECT
        'aanmelding' AS soort,
        crm_aanmelding.aanmelding_id AS object_id,
        NULL AS nummer,
        crm_aanmelding.verwijderd_op
    FROM bron.crm_aanmelding
    INNER JOIN dossier ON crm_aanmelding.dossier_id = dossier.dossier_id
    UNION ALL
    SELECT
        'aanvraag' AS soort,
        crm_aanvraag.aanvraag_id AS object_id,
        crm_aanvraag.nummer,
        crm_aanvraag.verwijderd_op
    FROM bron.crm_aanvraag
    INNER JOIN dossier ON crm_aanvraag.dossier_id = dossier.dossier_id
    UNION ALL
    SELECT
        'stap' AS soort,
        crm_stap.stap_id AS object_id,
        NULL AS nummer,
        crm_stap.verwijderd_op
    FROM bron.crm_stap
    INNER JOIN dossier ON crm_stap.dossier_id = dossier.dossier_id
    UNION ALL
    SELECT
        'gegeven' AS soort,
        crm_gegeven.gegeven_id AS object_id,
        NULL AS nummer,
        crm_gegeven.verwijderd_op
    FROM bron.crm_gegeven
    INNER JOIN dossier ON crm_gegeven.dossier_id = dossier.dossier_id
) AS gevonden
ON CONFLICT (wissing_id, soort, object_id) DO NOTHING;

-- name: objects
SELECT
    wissing_object.soort,
    wissing_object.object_id,
    wissing_object.crm_verwijderd_op
FROM hub.wissing_object
WHERE wissing_object.wissing_id = :wissing_id
ORDER BY wissing_object.soort, wissing_object.object_id;

-- name: mark_profiel
-- From here on every flow sees what it sees when the CRM removes a row: nothing is decided about it
-- any more, and no consent holds.
UPDATE bron.crm_profiel SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'profiel'
    AND crm_profiel.profiel_id = wissing_object.object_id
    AND crm_profiel.verwijderd_op IS NULL;

-- name: mark_vraag
UPDATE bron.crm_vraag SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'vraag'
    AND crm_vraag.vraag_id = wissing_object.object_id
    AND crm_vraag.verwijderd_op IS NULL;

-- name: mark_dossier
UPDATE bron.crm_dossier SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND crm_dossier.dossier_id = wissing_object.object_id
    AND crm_dossier.verwijderd_op IS NULL;

-- name: mark_toestemming
UPDATE bron.crm_toestemming SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'toestemming'
    AND crm_toestemming.toestemming_id = wissing_object.object_id
    AND crm_toestemming.verwijderd_op IS NULL;

-- name: mark_aanmelding
UPDATE bron.crm_aanmelding SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'aanmelding'
    AND crm_aanmelding.aanmelding_id = wissing_object.object_id
    AND crm_aanmelding.verwijderd_op IS NULL;

-- name: mark_aanvraag
UPDATE bron.crm_aanvraag SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'aanvraag'
    AND crm_aanvraag.aanvraag_id = wissing_object.object_id
    AND crm_aanvraag.verwijderd_op IS NULL;

-- name: mark_stap
UPDATE bron.crm_stap SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'stap'
    AND crm_stap.stap_id = wissing_object.object_id
    AND crm_stap.verwijderd_op IS NULL;

-- name: mark_gegeven
UPDATE bron.crm_gegeven SET verwijderd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'gegeven'
    AND crm_gegeven.gegeven_id = wissing_object.object_id
    AND crm_gegeven.verwijderd_op IS NULL;

-- name: withdraw_waiting
-- What waits does not leave any more, but for what takes back.
UPDATE hub.bericht SET
    stand = 'ingetrokken',
    reden = 'gewist op verzoek van de bewoner',
    beeindigd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.dossier_id = wissing_object.object_id
    AND bericht.stand = 'klaar'
    AND bericht.soort NOT IN ('intrekking', 'dossierverwijdering');

-- name: give_up
-- What waits for a person is not sent again; what may have arrived is taken back.
UPDATE hub.bericht SET
    stand = 'overgeslagen',
    reden = 'gewist op verzoek van de bewoner',
    beeindigd_op = now()
FROM hub.wissing_object
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.dossier_id = wissing_object.object_id
    AND bericht.stand IN ('opgegeven', 'in_twijfel')
    AND bericht.soort NOT IN ('intrekking', 'dossierverwijdering');

-- name: to_withdraw
-- Aanmeldingen that may have reached a partner and were not taken back yet.
SELECT
    bericht.dossier_id,
    bericht.bestemming,
    cast(substr(bericht.sleutel, length('aanmelding:') + 1) AS uuid) AS aanmelding_id
FROM hub.bericht
INNER JOIN hub.wissing_object ON bericht.dossier_id = wissing_object.object_id
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND bericht.soort = 'aanmelding'
    AND bericht.eerst_verzonden_op IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS intrekking
        WHERE
            intrekking.bestemming = bericht.bestemming
            AND intrekking.sleutel = replace(bericht.sleutel, 'aanmelding:', 'intrekking:')
    )
ORDER BY bericht.volgorde;

-- name: to_remove
-- Dossiers and applications that the portal may show, under the key that a removal by the CRM has.
SELECT
    burgerdossier.burgerdossier_id AS dossier_id,
    burgerdossier.nummer AS dossiernummer,
    burgerdossier.burgerdossier_id::text || ':verwijdering:'
    || extract(EPOCH FROM burgerdossier.verwijderd_op)::text AS sleutel
FROM hub.burgerdossier
INNER JOIN hub.wissing_object ON burgerdossier.burgerdossier_id = wissing_object.object_id
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND burgerdossier.verwijderd_op IS NOT NULL
    AND burgerdossier.nummer IS NOT NULL
    AND EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.dossier_id = burgerdossier.burgerdossier_id
            AND bericht.eerst_verzonden_op IS NOT NULL
    )
ORDER BY burgerdossier.burgerdossier_id;

-- name: open
-- What is on its way, and what takes back and is not answered: per destination.
SELECT
    bericht.bestemming,
    count(*) AS aantal
FROM hub.bericht
INNER JOIN hub.wissing_object ON bericht.dossier_id = wissing_object.object_id
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort IN ('dossier', 'aanvraag')
    AND bericht.stand NOT IN ('bevestigd', 'ingetrokken', 'overgeslagen')
GROUP BY bericht.bestemming
ORDER BY bericht.bestemming;

-- name: open_batches
-- A run that chose these dossiers before the erasure may still write about them.
SELECT count(DISTINCT batch.batch_id) AS aantal
FROM hub.batch
INNER JOIN hub.batch_dossier ON batch.batch_id = batch_dossier.batch_id
INNER JOIN hub.wissing_object ON batch_dossier.dossier_id = wissing_object.object_id
WHERE
    wissing_object.wissing_id = :wissing_id
    AND wissing_object.soort = 'dossier'
    AND batch.beeindigd_op IS NULL
    AND batch.gevormd_op > now() - interval '1 day'
    AND batch_dossier.uitkomst IS NULL;

-- name: answers
-- What the receivers answered when they were asked to remove: one row per receiver and answer.
WITH antwoord AS (
    SELECT
        bericht.bestemming AS ontvanger,
        bericht.soort AS gevraagd,
        CASE
            WHEN bericht.stand = 'overgeslagen' THEN 'opzijgezet door een medewerker'
            WHEN bericht.soort = 'dossierverwijdering' THEN 'verwijderd'
            ELSE coalesce(bericht.ontvangst, 'verwijderd')
        END AS antwoord
    FROM hub.bericht
    INNER JOIN hub.wissing_object ON bericht.dossier_id = wissing_object.object_id
    WHERE
        wissing_object.wissing_id = :wissing_id
        AND wissing_object.soort IN ('dossier', 'aanvraag')
        AND bericht.soort IN ('intrekking', 'dossierverwijdering')
)

SELECT
    antwoord.ontvanger,
    antwoord.gevraagd,
    antwoord.antwoord,
    count(*) AS aantal
FROM antwoord
GROUP BY antwoord.ontvanger, antwoord.gevraagd, antwoord.antwoord
ORDER BY antwoord.ontvanger, antwoord.gevraagd, antwoord.antwoord;

-- name: keep_attest
UPDATE hub.wissing SET
    stand = 'klaar',
    profiel_id = NULL,
    klaar_op = now(),
    attest = :attest,
    waarmerk = :waarmerk
WHERE wissing.wissing_id = :wissing_id;

-- name: forget_objects
DELETE FROM hub.wissing_object
WHERE wissing_object.wissing_id = :wissing_id;
