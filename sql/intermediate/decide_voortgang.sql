-- What follows from progress: facts only, so that deciding again gives the same.

-- name: undecided
-- Events of which the CRM was not told, in the order in which their partner recorded them, with
-- what all events of their aanmelding together say. A few at a time, each with its own aanmelding:
-- the cost grows with what is new.
WITH te_beslissen AS MATERIALIZED (
    SELECT
        partner_voortgang.partner,
        partner_voortgang.voortgang_id,
        partner_voortgang.aanmelding_id,
        partner_voortgang.dossier_id,
        partner_voortgang.status,
        partner_voortgang.tijdstip,
        partner_voortgang.gewijzigd_op,
        partner_voortgang.advies_soort,
        partner_voortgang.persoonsgegevens,
        partner_voortgang.sleutel_id
    FROM bron.partner_voortgang
    WHERE partner_voortgang.besloten_op IS NULL
    ORDER BY
        partner_voortgang.gewijzigd_op, partner_voortgang.partner, partner_voortgang.voortgang_id
    LIMIT :aantal
)

SELECT
    partner_voortgang.partner,
    partner_voortgang.voortgang_id,
    partner_voortgang.aanmelding_id,
    partner_voortgang.dossier_id,
    partner_voortgang.status,
    partner_voortgang.tijdstip,
    partner_voortgang.advies_soort,
    partner_voortgang.persoonsgegevens,
    partner_voortgang.sleutel_id,
    crm_aanmelding.soort,
    coalesce(
        crm_dossier.dossier_id IS NOT NULL AND crm_dossier.verwijderd_op IS NULL, FALSE
    ) AS dossier_bestaat,
    coalesce(
        crm_aanmelding.aanmelding_id IS NOT NULL AND crm_aanmelding.verwijderd_op IS NULL, FALSE
    ) AS aanmelding_bestaat,
    stand_aanmelding.ingetrokken,
    stand_aanmelding.status AS stand_status,
    stand_aanmelding.tijdstip AS stand_tijdstip,
    stand_aanmelding.advies_soorten,
    stand_aanmelding.voortgang_id = partner_voortgang.voortgang_id AS bepaalt,
    stand_aanmelding.adviseur_voortgang_id,
    adviseur.persoonsgegevens AS adviseur_gegevens,
    adviseur.sleutel_id AS adviseur_sleutel_id,
    coalesce(
        dossier_voortgang.partner = partner_voortgang.partner
        AND dossier_voortgang.voortgang_id = partner_voortgang.voortgang_id,
        FALSE
    ) AS bepaalt_dossier
FROM te_beslissen AS partner_voortgang
CROSS JOIN
    LATERAL (
        SELECT
            een.partner,
            een.aanmelding_id,
            een.voortgang_id,
            een.status,
            een.tijdstip,
            een.advies_soorten,
            een.adviseur_voortgang_id,
            een.ingetrokken
        FROM hub.stand_aanmelding AS een
        WHERE
            een.partner = partner_voortgang.partner
            AND een.aanmelding_id = partner_voortgang.aanmelding_id
            AND een.dossier_id = partner_voortgang.dossier_id
        ORDER BY een.voortgang_id
        LIMIT 1
    ) AS stand_aanmelding
LEFT JOIN LATERAL (
    SELECT
        een.partner,
        een.voortgang_id
    FROM hub.dossier_voortgang AS een
    WHERE een.dossier_id = partner_voortgang.dossier_id
    ORDER BY een.voortgang_id
    LIMIT 1
) AS dossier_voortgang ON TRUE
LEFT JOIN bron.partner_voortgang AS adviseur
    ON
        stand_aanmelding.partner = adviseur.partner
        AND stand_aanmelding.adviseur_voortgang_id = adviseur.voortgang_id
LEFT JOIN bron.crm_dossier ON partner_voortgang.dossier_id = crm_dossier.dossier_id
LEFT JOIN bron.crm_aanmelding ON partner_voortgang.aanmelding_id = crm_aanmelding.aanmelding_id
ORDER BY
    partner_voortgang.gewijzigd_op, partner_voortgang.partner, partner_voortgang.voortgang_id;

-- name: mark
UPDATE bron.partner_voortgang SET besloten_op = now()
FROM
    unnest(cast(:partners AS text[]), cast(:voortgang_ids AS text[]))
        AS besloten (partner, voortgang_id)
WHERE
    partner_voortgang.partner = besloten.partner
    AND partner_voortgang.voortgang_id = besloten.voortgang_id;
