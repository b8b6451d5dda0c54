-- Aanmeldingen of which nothing is heard.

-- name: compare
-- One difference per aanmelding that its partner confirmed longer ago than the term of its kind,
-- and of which nothing came, or only that it arrived. One that is being withdrawn is left alone.
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
SELECT
    'aanmelding_stil' AS soort,
    bericht.bestemming || ' aanmelding ' || substr(bericht.sleutel, 12) AS onderwerp,
    format(
        'Dossier %s: %s bevestigde aanmelding %s op %s, en liet sindsdien %s weten. De termijn is '
        '%s dagen. De hub blijft luisteren.',
        coalesce(crm_dossier.dossiernummer, 'zonder nummer'),
        termijn.naam,
        substr(bericht.sleutel, 12),
        to_char(bericht.beeindigd_op AT TIME ZONE 'Europe/Brussels', 'DD/MM/YYYY'),
        CASE
            WHEN stand_aanmelding.aanmelding_id IS NULL THEN 'niets'
            ELSE 'enkel dat ze is aangekomen'
        END,
        termijn.dagen
    ) AS tekst,
    'Vraag ' || termijn.naam || ' hoever deze aanmelding staat, en laat de consulent de bewoner '
    || 'inlichten. Het incident sluit vanzelf zodra de partner iets laat weten, of als de '
    || 'aanmelding wordt ingetrokken.' AS voorstel
FROM hub.bericht
INNER JOIN
    unnest(
        cast(:partners AS text[]), cast(:soorten AS text[]), cast(:namen AS text[]),
        cast(:dagen AS integer[])
    ) AS termijn (partner, soort, naam, dagen)
    ON bericht.bestemming = termijn.partner AND bericht.kenmerk = termijn.soort
INNER JOIN bron.crm_dossier ON bericht.dossier_id = crm_dossier.dossier_id
LEFT JOIN hub.stand_aanmelding
    ON
        bericht.bestemming = stand_aanmelding.partner
        AND bericht.sleutel = 'aanmelding:' || stand_aanmelding.aanmelding_id::text
WHERE
    bericht.soort = 'aanmelding'
    AND bericht.stand = 'bevestigd'
    AND bericht.beeindigd_op < now() - make_interval(days => termijn.dagen)
    AND crm_dossier.verwijderd_op IS NULL
    AND crm_dossier.status IS DISTINCT FROM 'afgesloten'
    AND NOT coalesce(stand_aanmelding.leeft, FALSE)
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht AS intrekking
        WHERE
            intrekking.bestemming = bericht.bestemming
            AND intrekking.sleutel = replace(bericht.sleutel, 'aanmelding:', 'intrekking:')
    );
