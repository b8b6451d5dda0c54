-- IGO is a destination. The other rows of the table of partners (hub/config/partners.yml) come with
-- ops/kanaal.sql: what a destination can do follows from its channel.
INSERT INTO hub.kanaal
(bestemming, kan_ontdubbelen, kan_bevraagd_worden, bevestigt_later, max_gelijktijdig)
VALUES
('igo', TRUE, TRUE, FALSE, 8);

-- A service of the city itself needs no consent, as nothing leaves: only what is asked of a
-- destination can lack one.
CREATE OR REPLACE VIEW hub.stand_dossier AS
WITH crm_bericht AS (
    SELECT
        bericht.dossier_id,
        bool_or(
            bericht.stand = 'bevestigd'
            AND (
                bericht.soort = 'voorinvulling'
                OR (bericht.soort = 'stap' AND bericht.kenmerk = 'woning_kiezen')
            )
        ) AS voorgevuld,
        bool_and(
            bericht.stand IN ('bevestigd', 'overgeslagen', 'ingetrokken')
        ) AS afgehandeld
    FROM hub.bericht
    WHERE bericht.bestemming = 'crm'
    GROUP BY bericht.dossier_id
),

aanmelding_bericht AS (
    SELECT
        bericht.dossier_id,
        bool_or(
            bericht.stand = 'bevestigd'
            AND NOT EXISTS (
                SELECT 1 FROM hub.bericht AS intrekking
                WHERE
                    intrekking.bestemming = bericht.bestemming
                    AND intrekking.sleutel
                    = replace(bericht.sleutel, 'aanmelding:', 'intrekking:')
                    AND intrekking.stand = 'bevestigd'
            )
        ) AS bevestigd
    FROM hub.bericht
    WHERE bericht.soort = 'aanmelding'
    GROUP BY bericht.dossier_id
),

status_bericht AS (
    SELECT
        bericht.dossier_id,
        bool_and(bericht.stand IN ('bevestigd', 'overgeslagen')) AS afgehandeld
    FROM hub.bericht
    WHERE bericht.bestemming = 'dosis'
    GROUP BY bericht.dossier_id
),

gevraagde_aanmelding AS (
    SELECT
        crm_aanmelding.dossier_id,
        bool_or(EXISTS (
            SELECT 1 FROM hub.geldige_toestemming
            WHERE
                geldige_toestemming.profiel_id = crm_dossier.profiel_id
                AND geldige_toestemming.doel = crm_aanmelding.soort
                AND geldige_toestemming.ontvanger = crm_aanmelding.partner
        )) AS toegestaan
    FROM bron.crm_aanmelding
    INNER JOIN bron.crm_dossier ON crm_aanmelding.dossier_id = crm_dossier.dossier_id
    INNER JOIN hub.kanaal ON crm_aanmelding.partner = kanaal.bestemming
    GROUP BY crm_aanmelding.dossier_id
)

SELECT
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    CASE
        WHEN EXISTS (
            SELECT 1 FROM hub.quarantaine
            WHERE
                quarantaine.model = 'stg_dossier'
                AND quarantaine.object_id = crm_dossier.dossier_id::text
                AND quarantaine.opgelost_op IS NULL
        ) THEN 'quarantaine'
        WHEN NOT crm_dossier.start_akkoord THEN 'geen_start'
        WHEN
            coalesce(aanmelding_bericht.bevestigd, FALSE)
            AND coalesce(crm_bericht.voorgevuld, FALSE)
            THEN CASE
                WHEN
                    coalesce(status_bericht.afgehandeld, FALSE)
                    AND coalesce(crm_bericht.afgehandeld, FALSE)
                    THEN 'bevestigd'
                ELSE 'bezorgd'
            END
        WHEN
            coalesce(crm_bericht.voorgevuld, FALSE)
            AND NOT coalesce(gevraagde_aanmelding.toegestaan, TRUE)
            THEN 'geen_toestemming'
        WHEN coalesce(crm_bericht.voorgevuld, FALSE) THEN 'voorgevuld'
        WHEN dossier_woning.dossier_id IS NOT NULL THEN 'voorbereid'
        ELSE 'nieuw'
    END AS stand,
    coalesce(dossier_woning.uitkomst = 'gevonden', FALSE) AS verrijkt,
    coalesce(crm_bericht.voorgevuld, FALSE) AS voorgevuld
FROM bron.crm_dossier
LEFT JOIN hub.dossier_woning ON crm_dossier.dossier_id = dossier_woning.dossier_id
LEFT JOIN crm_bericht ON crm_dossier.dossier_id = crm_bericht.dossier_id
LEFT JOIN aanmelding_bericht ON crm_dossier.dossier_id = aanmelding_bericht.dossier_id
LEFT JOIN status_bericht ON crm_dossier.dossier_id = status_bericht.dossier_id
LEFT JOIN gevraagde_aanmelding ON crm_dossier.dossier_id = gevraagde_aanmelding.dossier_id
WHERE crm_dossier.verwijderd_op IS NULL;
