-- What was erased and must not land again, known by pseudonyms alone; whether the CRM still has it.

-- name: hold_shared
-- Whoever lands shares this; an erasure waits for them all, and they see what it wrote.
SELECT pg_advisory_xact_lock_shared(hashtextextended('hub.gewist', 0));

-- name: hold
SELECT pg_advisory_xact_lock(hashtextextended('hub.gewist', 0));

-- name: any_there
SELECT exists(SELECT 1 FROM hub.gewist) AS er_is;

-- name: known
SELECT
    gewist.pseudoniem,
    gewist.wissing_id
FROM hub.gewist
WHERE gewist.pseudoniem = any(cast(:pseudoniemen AS text[]));

-- name: add
INSERT INTO hub.gewist (pseudoniem, soort, wissing_id, crm_verwijderd_op)
SELECT
    nieuw.pseudoniem,
    nieuw.soort,
    nieuw.wissing_id,
    nieuw.crm_verwijderd_op
FROM
    unnest(
        cast(:pseudoniemen AS text[]), cast(:soorten AS text[]), cast(:wissing_ids AS uuid[]),
        cast(:momenten AS timestamptz[])
    ) AS nieuw (pseudoniem, soort, wissing_id, crm_verwijderd_op)
ON CONFLICT (pseudoniem) DO NOTHING;

-- name: mark_seen
UPDATE hub.gewist SET
    gezien_op = now(),
    crm_verwijderd_op = NULL
WHERE gewist.pseudoniem = any(cast(:pseudoniemen AS text[]));

-- name: mark_gone
UPDATE hub.gewist SET crm_verwijderd_op = now()
WHERE
    gewist.pseudoniem = any(cast(:pseudoniemen AS text[]))
    AND gewist.crm_verwijderd_op IS NULL;

-- name: mark_unseen
-- A table was read as a whole: what was not in it is gone.
UPDATE hub.gewist SET crm_verwijderd_op = now()
WHERE
    gewist.soort = :soort
    AND gewist.gezien_op < :sinds
    AND gewist.crm_verwijderd_op IS NULL;

-- name: report
-- One incident per erasure of which the CRM still has something; it names nobody.
INSERT INTO hub.incident (soort, onderwerp, tekst)
SELECT
    'gewist_in_crm' AS soort,
    'wissing ' || gewist.wissing_id::text AS onderwerp,
    format(
        'Het CRM heeft nog %s rij(en) van een bewoner die gewist is (%s). De hub haalt ze niet '
        'meer op. Wis ze in het CRM: zoek in het register van de verzoeken op van wie deze '
        'wissing is. Het incident sluit vanzelf zodra ze er weg zijn.',
        count(*),
        string_agg(DISTINCT gewist.soort, ', ' ORDER BY gewist.soort)
    ) AS tekst
FROM hub.gewist
WHERE gewist.crm_verwijderd_op IS NULL
GROUP BY gewist.wissing_id
ORDER BY gewist.wissing_id
ON CONFLICT (soort, onderwerp) WHERE opgelost_op IS NULL DO UPDATE SET
    tekst = excluded.tekst,
    laatst_gezien_op = now();

-- name: close_report
UPDATE hub.incident SET opgelost_op = now()
WHERE
    incident.soort = 'gewist_in_crm'
    AND incident.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.gewist
        WHERE
            'wissing ' || gewist.wissing_id::text = incident.onderwerp
            AND gewist.crm_verwijderd_op IS NULL
    );
