-- What a person must look at: one open row per kind and subject.

-- name: report
INSERT INTO hub.incident (soort, onderwerp, tekst)
VALUES (:soort, :onderwerp, :tekst)
ON CONFLICT (soort, onderwerp) WHERE opgelost_op IS NULL DO UPDATE SET
    tekst = excluded.tekst,
    laatst_gezien_op = now();

-- name: create_differences
CREATE TEMPORARY TABLE verschil (
    soort text NOT NULL,
    onderwerp text NOT NULL,
    tekst text NOT NULL,
    voorstel text NOT NULL,
    PRIMARY KEY (soort, onderwerp)
) ON COMMIT DROP;

-- name: create_not_compared
-- Subjects about which this comparison can say nothing: their incidents stay as they are.
CREATE TEMPORARY TABLE niet_vergeleken (onderwerp text NOT NULL) ON COMMIT DROP;

-- name: copy_differences
COPY verschil (soort, onderwerp, tekst, voorstel) FROM STDIN;

-- name: report_differences
INSERT INTO hub.incident (soort, onderwerp, tekst, voorstel)
SELECT
    verschil.soort,
    verschil.onderwerp,
    verschil.tekst,
    verschil.voorstel
FROM verschil
ON CONFLICT (soort, onderwerp) WHERE opgelost_op IS NULL DO UPDATE SET
    tekst = excluded.tekst,
    voorstel = excluded.voorstel,
    laatst_gezien_op = now();

-- name: solve_differences
-- An incident of these kinds whose difference is gone. The first word of its subject is the
-- receiver it is about.
UPDATE hub.incident SET opgelost_op = now()
WHERE
    incident.opgelost_op IS NULL
    AND incident.soort = any(cast(:soorten AS text[]))
    AND split_part(incident.onderwerp, ' ', 1) = any(cast(:ontvangers AS text[]))
    AND NOT EXISTS (
        SELECT 1 FROM verschil
        WHERE verschil.soort = incident.soort AND verschil.onderwerp = incident.onderwerp
    )
    AND NOT EXISTS (
        SELECT 1 FROM niet_vergeleken
        WHERE niet_vergeleken.onderwerp = incident.onderwerp
    );

-- name: count_differences
SELECT
    verschil.soort,
    count(*) AS aantal
FROM verschil
GROUP BY verschil.soort
ORDER BY verschil.soort;

-- name: close
UPDATE hub.incident SET opgelost_op = now()
WHERE soort = :soort AND onderwerp = :onderwerp AND opgelost_op IS NULL;

-- name: refresh_ledger
-- One incident per destination and state that waits for a person, with the number; in one order, so
-- that two workers cannot wait for each other.
INSERT INTO hub.incident (soort, onderwerp, tekst)
SELECT
    'bericht_' || bericht.stand AS soort,
    bericht.bestemming AS onderwerp,
    format(
        CASE bericht.stand
            WHEN 'opgegeven'
                THEN
                    'Aantal berichten voor %s dat niet bezorgd raakte: %s. De hub probeert ze niet '
                    'opnieuw. Lees de reden, herstel de oorzaak, en stuur ze opnieuw of zet ze '
                    'opzij.'
            ELSE
                'Aantal berichten voor %s waarvan niet geweten is of ze aankwamen: %s. De hub '
                'stuurt ze niet blind opnieuw. Zoek bij de ontvanger op of ze aankwamen, en '
                'bevestig ze of stuur ze opnieuw.'
        END,
        bericht.bestemming,
        count(*)
    ) AS tekst
FROM hub.bericht
WHERE bericht.stand IN ('opgegeven', 'in_twijfel')
GROUP BY bericht.bestemming, bericht.stand
ORDER BY soort, onderwerp
ON CONFLICT (soort, onderwerp) WHERE opgelost_op IS NULL DO UPDATE SET
    tekst = excluded.tekst,
    laatst_gezien_op = now();

-- name: close_ledger
UPDATE hub.incident SET opgelost_op = now()
WHERE
    incident.soort IN ('bericht_opgegeven', 'bericht_in_twijfel')
    AND incident.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = incident.onderwerp
            AND 'bericht_' || bericht.stand = incident.soort
            AND bericht.stand IN ('opgegeven', 'in_twijfel')
    );
