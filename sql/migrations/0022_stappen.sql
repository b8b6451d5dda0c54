-- What a consultant types as steps of a dossier becomes its status: what happened last decides,
-- over the hub's own statuses, the partners' progress and the consultant's steps together.

ALTER TABLE bron.crm_stap
ADD COLUMN gebeurd_op timestamptz,
ADD COLUMN vervaldatum date;
COMMENT ON COLUMN bron.crm_stap.vervaldatum IS 'The day for which an open step is planned.';

-- The rows that landed before have neither: the next pull reads the table again as a whole.
UPDATE bron.crm_stap SET inhoud_hash = '';
UPDATE hub.cursor SET
    link = NULL,
    volledig_sinds = now()
WHERE bron = 'crm' AND soort = 'stap';

-- The same, and when it happened: columns are added at the end.
CREATE OR REPLACE VIEW hub.dossier_voortgang AS
SELECT DISTINCT ON (stand_aanmelding.dossier_id)
    stand_aanmelding.dossier_id,
    stand_aanmelding.partner,
    stand_aanmelding.aanmelding_id,
    stand_aanmelding.voortgang_id,
    stand_aanmelding.status,
    stand_aanmelding.tijdstip,
    stand_aanmelding.gewijzigd_op
FROM hub.stand_aanmelding
WHERE NOT stand_aanmelding.ingetrokken
ORDER BY
    stand_aanmelding.dossier_id,
    least(stand_aanmelding.tijdstip, stand_aanmelding.gewijzigd_op) DESC,
    stand_aanmelding.gewijzigd_op DESC,
    stand_aanmelding.partner ASC,
    stand_aanmelding.voortgang_id DESC;

-- What happened in a dossier and may be its status: one row per thing that happened and holds.
-- bron: hub (gestart, aangemeld, ingetrokken), partner (the newest of its progress), stap (a
-- step of the CRM, whatever its kind: hub/config/dossierstatus.yml says which are told).
-- gebeurd_op: when it happened; what is planned happened when it was written down, so the least of
-- the two (decision 0030). A day counts until it is over.
-- Whatever the order of arrival, the rows are the same: all moments are those of the facts. Of the
-- hub's own: the start is what the resident agreed to; an aanmelding is its partner's confirmation,
-- it speaks only until its partner does, and for what a resident is signed up is in its key; a
-- withdrawal is the end of the consent, and never before the confirmation that it takes back.
CREATE VIEW hub.dossier_gebeurtenis AS
WITH ingevuld AS (
    SELECT
        bericht.dossier_id,
        min(bericht.beeindigd_op) AS ingevuld_op
    FROM hub.bericht
    WHERE
        bericht.bestemming = 'crm'
        AND (
            bericht.soort = 'voorinvulling'
            OR (bericht.soort = 'stap' AND bericht.kenmerk = 'woning_kiezen')
        )
        AND bericht.stand = 'bevestigd'
    GROUP BY bericht.dossier_id
),

aangemeld AS (
    SELECT
        bericht.dossier_id,
        bericht.kenmerk AS soort,
        bericht.beeindigd_op AS bevestigd_op,
        intrekking.bericht_id IS NOT NULL AS ingetrokken,
        CASE
            WHEN intrekking.bericht_id IS NOT NULL THEN greatest(
                bericht.beeindigd_op,
                least(
                    intrekking.aangemaakt_op,
                    (
                        SELECT max(crm_toestemming.tot)
                        FROM bron.crm_toestemming
                        WHERE
                            crm_toestemming.profiel_id = bericht.toestemming_profiel_id
                            AND crm_toestemming.doel = bericht.toestemming_doel
                            AND crm_toestemming.ontvanger = bericht.bestemming
                    )
                )
            )
        END AS ingetrokken_op,
        exists(
            SELECT 1 FROM bron.partner_voortgang
            WHERE
                'aanmelding:' || partner_voortgang.aanmelding_id::text = bericht.sleutel
                AND partner_voortgang.dossier_id = bericht.dossier_id
        ) AS gehoord
    FROM hub.bericht
    LEFT JOIN hub.bericht AS intrekking
        ON
            bericht.bestemming = intrekking.bestemming
            AND intrekking.sleutel = replace(bericht.sleutel, 'aanmelding:', 'intrekking:')
    WHERE
        bericht.soort = 'aanmelding'
        AND bericht.stand = 'bevestigd'
),

gebeurtenis AS (
    SELECT
        ingevuld.dossier_id,
        'hub' AS bron,
        'gestart' AS status,
        NULL AS stand,
        'gestart' AS sleutel,
        least(crm_dossier.start_akkoord_op, ingevuld.ingevuld_op) AS gebeurd_op,
        ingevuld.ingevuld_op AS gewijzigd_op,
        NULL::date AS dag
    FROM ingevuld
    INNER JOIN bron.crm_dossier ON ingevuld.dossier_id = crm_dossier.dossier_id
    UNION ALL
    SELECT
        aangemeld.dossier_id,
        'hub' AS bron,
        'aangemeld' AS status,
        NULL AS stand,
        'aangemeld:' || string_agg(DISTINCT aangemeld.soort, '+' ORDER BY aangemeld.soort)
            AS sleutel,
        max(aangemeld.bevestigd_op) FILTER (WHERE NOT aangemeld.gehoord) AS gebeurd_op,
        max(aangemeld.bevestigd_op) FILTER (WHERE NOT aangemeld.gehoord) AS gewijzigd_op,
        NULL::date AS dag
    FROM aangemeld
    WHERE NOT aangemeld.ingetrokken
    GROUP BY aangemeld.dossier_id
    HAVING bool_or(NOT aangemeld.gehoord)
    UNION ALL
    SELECT
        aangemeld.dossier_id,
        'hub' AS bron,
        'ingetrokken' AS status,
        NULL AS stand,
        'ingetrokken' AS sleutel,
        max(aangemeld.ingetrokken_op) AS gebeurd_op,
        max(aangemeld.ingetrokken_op) AS gewijzigd_op,
        NULL::date AS dag
    FROM aangemeld
    GROUP BY aangemeld.dossier_id
    HAVING bool_and(aangemeld.ingetrokken)
    UNION ALL
    SELECT
        dossier_voortgang.dossier_id,
        'partner' AS bron,
        dossier_voortgang.status,
        NULL AS stand,
        dossier_voortgang.partner || ':' || dossier_voortgang.voortgang_id AS sleutel,
        least(dossier_voortgang.tijdstip, dossier_voortgang.gewijzigd_op) AS gebeurd_op,
        dossier_voortgang.gewijzigd_op,
        NULL::date AS dag
    FROM hub.dossier_voortgang
    UNION ALL
    SELECT
        crm_stap.dossier_id,
        'stap' AS bron,
        crm_stap.soort AS status,
        crm_stap.status AS stand,
        'stap:' || crm_stap.stap_id::text AS sleutel,
        least(
            CASE
                WHEN crm_stap.status = 'open' AND crm_stap.vervaldatum IS NOT NULL
                    THEN (crm_stap.vervaldatum + 1)::timestamp AT TIME ZONE 'Europe/Brussels'
                ELSE crm_stap.gebeurd_op
            END,
            crm_stap.gewijzigd_op
        ) AS gebeurd_op,
        crm_stap.gewijzigd_op,
        CASE
            WHEN crm_stap.status = 'open' AND crm_stap.vervaldatum IS NOT NULL
                THEN crm_stap.vervaldatum
            ELSE (crm_stap.gebeurd_op AT TIME ZONE 'Europe/Brussels')::date
        END AS dag
    FROM bron.crm_stap
    INNER JOIN bron.crm_dossier ON crm_stap.dossier_id = crm_dossier.dossier_id
    WHERE
        crm_stap.verwijderd_op IS NULL
        AND crm_dossier.start_akkoord
)

SELECT
    gebeurtenis.dossier_id,
    gebeurtenis.bron,
    gebeurtenis.status,
    gebeurtenis.stand,
    gebeurtenis.sleutel,
    gebeurtenis.gebeurd_op,
    gebeurtenis.gewijzigd_op,
    gebeurtenis.dag
FROM gebeurtenis;
COMMENT ON COLUMN hub.dossier_gebeurtenis.sleutel IS
'What tells it from every other of its dossier, whoever told it.';
COMMENT ON COLUMN hub.dossier_gebeurtenis.dag IS
'The day (in Brussels) for which a step is planned, or on which it was done.';

-- push: decides the status, and tells of steps that stand in no table; no choice, no text
GRANT SELECT (stap_id, dossier_id, soort, verwijderd_op) ON bron.crm_stap TO hub_push;
GRANT SELECT ON hub.dossier_gebeurtenis TO hub_push, hub_lezer;
GRANT SELECT (gebeurd_op, vervaldatum, gewijzigd_op) ON bron.crm_stap TO hub_lezer;
