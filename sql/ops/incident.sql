-- What a person must look at: one open row per kind and subject.

-- name: report
INSERT INTO hub.incident (soort, onderwerp, tekst)
VALUES (:soort, :onderwerp, :tekst)
ON CONFLICT (soort, onderwerp) WHERE opgelost_op IS NULL DO UPDATE SET
    tekst = excluded.tekst,
    laatst_gezien_op = now();
