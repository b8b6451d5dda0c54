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
