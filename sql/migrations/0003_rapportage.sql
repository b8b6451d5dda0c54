-- Where each living dossier stands, told from facts alone: one row per dossier.
CREATE VIEW hub.stand_dossier AS
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
        bool_or(bericht.soort = 'aanmelding' AND bericht.stand = 'bevestigd')
        AND NOT bool_or(bericht.soort = 'intrekking' AND bericht.stand = 'bevestigd') AS bevestigd
    FROM hub.bericht
    WHERE bericht.soort IN ('aanmelding', 'intrekking')
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
            SELECT 1 FROM bron.crm_toestemming
            WHERE
                crm_toestemming.profiel_id = crm_dossier.profiel_id
                AND crm_toestemming.doel = crm_aanmelding.soort
                AND crm_toestemming.ontvanger = crm_aanmelding.partner
                AND crm_toestemming.verwijderd_op IS NULL
                AND crm_toestemming.van <= now()
                AND (crm_toestemming.tot IS NULL OR crm_toestemming.tot > now())
        )) AS toegestaan
    FROM bron.crm_aanmelding
    INNER JOIN bron.crm_dossier ON crm_aanmelding.dossier_id = crm_dossier.dossier_id
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

-- The warehouse. Nothing here identifies a person: a keyed pseudonym per dossier, no name, no
-- number, no street, no free text.
CREATE TABLE rapportage.fct_dossier (
    dossier_pseudoniem text PRIMARY KEY,
    postcode text,
    kanaal text,
    vraag_maand date,
    start_akkoord boolean NOT NULL,
    stand text NOT NULL,
    woning_uitkomst text,
    epc_label text,
    epc_label_afgeleid boolean,
    epc_kengetal numeric,
    bouwjaar integer,
    aanmelding_stand text,
    dossierstatus text,
    dossierstatus_stand text,
    geladen_op timestamptz NOT NULL
);

-- One row per load, so that an operator sees what each brought.
CREATE TABLE rapportage.lading (
    lading_id uuid PRIMARY KEY DEFAULT uuidv7(),
    model text NOT NULL,
    geladen_op timestamptz NOT NULL DEFAULT now(),
    nieuw_of_gewijzigd integer NOT NULL,
    verwijderd integer NOT NULL
);
