-- What partners tell of the aanmeldingen they hold, and the documents they made.

-- One row per event at a partner, as it was received. The name of the adviser is sealed.
CREATE TABLE bron.partner_voortgang (
    partner text NOT NULL,
    voortgang_id text NOT NULL,
    aanmelding_id uuid NOT NULL,
    dossier_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN (
        'ontvangen', 'ingepland', 'plaatsbezoek', 'advies_opgemaakt', 'afgerond', 'geweigerd'
    )),
    tijdstip timestamptz NOT NULL,
    gewijzigd_op timestamptz NOT NULL,
    advies_soort text,
    persoonsgegevens bytea,
    sleutel_id text,
    inhoud_hash bytea NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    besloten_op timestamptz,
    PRIMARY KEY (partner, voortgang_id),
    CHECK ((persoonsgegevens IS NULL) = (sleutel_id IS NULL))
);
CREATE INDEX partner_voortgang_aanmelding ON bron.partner_voortgang (aanmelding_id);
CREATE INDEX partner_voortgang_dossier ON bron.partner_voortgang (dossier_id);
CREATE INDEX partner_voortgang_te_beslissen ON bron.partner_voortgang (gewijzigd_op)
WHERE besloten_op IS NULL;
COMMENT ON COLUMN bron.partner_voortgang.besloten_op IS
'When the CRM''s message about it was written down; the ledger''s key keeps it once.';

-- One row per document that an event refers to. Its title and address are sealed.
CREATE TABLE bron.partner_document (
    partner text NOT NULL,
    document_id text NOT NULL,
    voortgang_id text NOT NULL,
    aanmelding_id uuid NOT NULL,
    dossier_id uuid NOT NULL,
    mediatype text NOT NULL,
    grootte bigint,
    sha256 text,
    persoonsgegevens bytea NOT NULL,
    sleutel_id text NOT NULL,
    stand text NOT NULL DEFAULT 'te_halen' CHECK (stand IN (
        'te_halen', 'gehaald', 'geweigerd', 'besmet'
    )),
    reden text,
    pogingen integer NOT NULL DEFAULT 0,
    opnieuw_na timestamptz NOT NULL DEFAULT now(),
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    gehaald_op timestamptz,
    PRIMARY KEY (partner, document_id),
    FOREIGN KEY (partner, voortgang_id) REFERENCES bron.partner_voortgang ON DELETE CASCADE,
    CHECK ((gehaald_op IS NOT NULL) = (stand = 'gehaald'))
);
CREATE INDEX partner_document_voortgang ON bron.partner_document (partner, voortgang_id);
CREATE INDEX partner_document_te_halen ON bron.partner_document (partner, opnieuw_na)
WHERE stand = 'te_halen';
COMMENT ON COLUMN bron.partner_document.stand IS
'geweigerd: it stayed another than its reference says; besmet: a scanner found something.';

-- How far each aanmelding is, as its partner tells it: one row per aanmelding. What counts is the
-- event that happened last; at the same moment the furthest in the process; then the one recorded
-- last, then the highest id. Whatever the order of arrival, it is the same event. What is planned
-- happened when it was recorded: its tijdstip is that of the visit to come.
-- ingetrokken: withdrawn, or being withdrawn; what still comes is history.
-- The dossier stands among the keys so that asking about one reads the events of that one.
CREATE VIEW hub.stand_aanmelding AS
WITH geordend AS (
    SELECT
        partner_voortgang.partner,
        partner_voortgang.aanmelding_id,
        partner_voortgang.dossier_id,
        partner_voortgang.voortgang_id,
        partner_voortgang.status,
        partner_voortgang.tijdstip,
        partner_voortgang.gewijzigd_op,
        partner_voortgang.advies_soort,
        partner_voortgang.sleutel_id IS NOT NULL AS heeft_adviseur,
        row_number() OVER (
            PARTITION BY
                partner_voortgang.partner,
                partner_voortgang.aanmelding_id,
                partner_voortgang.dossier_id
            ORDER BY
                least(partner_voortgang.tijdstip, partner_voortgang.gewijzigd_op) DESC,
                array_position(
                    ARRAY[
                        'ontvangen', 'ingepland', 'plaatsbezoek', 'advies_opgemaakt', 'afgerond',
                        'geweigerd'
                    ],
                    partner_voortgang.status
                ) DESC,
                partner_voortgang.gewijzigd_op DESC,
                partner_voortgang.voortgang_id DESC
        ) AS plaats
    FROM bron.partner_voortgang
)

SELECT
    geordend.partner,
    geordend.aanmelding_id,
    geordend.dossier_id,
    (array_agg(geordend.voortgang_id ORDER BY geordend.plaats))[1] AS voortgang_id,
    (array_agg(geordend.status ORDER BY geordend.plaats))[1] AS status,
    (array_agg(geordend.tijdstip ORDER BY geordend.plaats))[1] AS tijdstip,
    (array_agg(geordend.gewijzigd_op ORDER BY geordend.plaats))[1] AS gewijzigd_op,
    string_agg(DISTINCT geordend.advies_soort, ', ' ORDER BY geordend.advies_soort)
        AS advies_soorten,
    (
        array_agg(geordend.voortgang_id ORDER BY geordend.plaats)
        FILTER (WHERE geordend.heeft_adviseur)
    )[1] AS adviseur_voortgang_id,
    bool_or(geordend.status <> 'ontvangen') AS leeft,
    exists(
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = geordend.partner
            AND bericht.sleutel = 'intrekking:' || geordend.aanmelding_id::text
    ) AS ingetrokken
FROM geordend
GROUP BY geordend.partner, geordend.aanmelding_id, geordend.dossier_id;
COMMENT ON COLUMN hub.stand_aanmelding.adviseur_voortgang_id IS
'The last event that names an adviser.';
COMMENT ON COLUMN hub.stand_aanmelding.leeft IS
'More was heard of it than that it arrived.';

-- How far each dossier is: one row per dossier, the newest state among its aanmeldingen that are
-- not withdrawn.
CREATE VIEW hub.dossier_voortgang AS
SELECT DISTINCT ON (stand_aanmelding.dossier_id)
    stand_aanmelding.dossier_id,
    stand_aanmelding.partner,
    stand_aanmelding.aanmelding_id,
    stand_aanmelding.voortgang_id,
    stand_aanmelding.status
FROM hub.stand_aanmelding
WHERE NOT stand_aanmelding.ingetrokken
ORDER BY
    stand_aanmelding.dossier_id,
    least(stand_aanmelding.tijdstip, stand_aanmelding.gewijzigd_op) DESC,
    stand_aanmelding.gewijzigd_op DESC,
    stand_aanmelding.partner ASC,
    stand_aanmelding.voortgang_id DESC;

-- A dossier is done when what the hub itself had to tell is told; what a partner tells later may
-- still be on its way.
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
        ) FILTER (
            WHERE bericht.soort NOT IN ('voortgang', 'voortgang_document')
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
        -- Where a partner was heard before the hub told anything, what it told is the first status.
        coalesce(
            bool_and(
                bericht.stand IN ('bevestigd', 'overgeslagen')
            ) FILTER (
                WHERE bericht.kenmerk IN ('gestart', 'aangemeld')
            ),
            bool_and(bericht.stand IN ('bevestigd', 'overgeslagen'))
        ) AS afgehandeld
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

-- pull: lands events of the references that the ledger sent
GRANT SELECT (bestemming, sleutel, soort, dossier_id, eerst_verzonden_op)
ON hub.bericht TO hub_pull;
GRANT SELECT (partner, voortgang_id, inhoud_hash), INSERT ON bron.partner_voortgang TO hub_pull;
GRANT SELECT (partner, document_id, aanmelding_id, grootte, sha256), INSERT
ON bron.partner_document TO hub_pull;

-- push: decides what follows, fetches documents within the budget of their host
GRANT SELECT, UPDATE (besloten_op) ON bron.partner_voortgang TO hub_push;
GRANT SELECT, UPDATE (stand, reden, pogingen, opnieuw_na, gehaald_op)
ON bron.partner_document TO hub_push;
GRANT SELECT ON hub.stand_aanmelding, hub.dossier_voortgang TO hub_push, hub_lezer;
GRANT INSERT, UPDATE ON hub.quarantaine TO hub_push;
GRANT SELECT, INSERT, UPDATE ON hub.bronbudget TO hub_push;
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.bronbudget_houder, hub.bronbudget_minuut TO hub_push;

-- lezer: neither the adviser nor title and address of a document
GRANT SELECT (
    partner, voortgang_id, aanmelding_id, dossier_id, status, tijdstip, gewijzigd_op, advies_soort,
    opgehaald_op, besloten_op
) ON bron.partner_voortgang TO hub_lezer;
GRANT SELECT (
    partner, document_id, voortgang_id, aanmelding_id, dossier_id, mediatype, grootte, sha256,
    stand, reden, pogingen, opnieuw_na, opgehaald_op, gehaald_op
) ON bron.partner_document TO hub_lezer;

-- sleutel: seals anew
GRANT SELECT (partner, voortgang_id, persoonsgegevens, sleutel_id),
UPDATE (persoonsgegevens, sleutel_id) ON bron.partner_voortgang TO hub_sleutel;
GRANT SELECT (partner, document_id, persoonsgegevens, sleutel_id),
UPDATE (persoonsgegevens, sleutel_id) ON bron.partner_document TO hub_sleutel;

-- opruiming: removes what its dossier left behind; documents go with their event
GRANT SELECT (partner, voortgang_id, dossier_id), DELETE ON bron.partner_voortgang TO hub_opruiming;
GRANT SELECT (gebeurtenis, gebeurd_op), DELETE ON bron.eenheid_wijziging TO hub_opruiming;
CREATE INDEX eenheid_wijziging_gebeurd ON bron.eenheid_wijziging (gebeurd_op);
