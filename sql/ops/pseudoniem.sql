-- New pseudonyms under another key: all of them, in one transaction, from the keys of what landed.

-- name: known_key
-- One is enough: they are all renewed together.
SELECT pseudoniem.sleutel_id
FROM rapportage.pseudoniem
LIMIT 1; -- noqa: AM09

-- name: page
SELECT
    pseudoniem.doel,
    pseudoniem.object_id,
    pseudoniem.pseudoniem
FROM rapportage.pseudoniem
WHERE pseudoniem.pseudoniem > :na
ORDER BY pseudoniem.pseudoniem
LIMIT :aantal;

-- name: create
CREATE TEMPORARY TABLE vernieuwd (oud text PRIMARY KEY, nieuw text NOT NULL) ON COMMIT DROP;

-- name: copy
COPY vernieuwd (oud, nieuw) FROM STDIN;

-- name: analyze
ANALYZE vernieuwd;

-- name: fct_dossier
UPDATE rapportage.fct_dossier SET dossier_pseudoniem = vernieuwd.nieuw
FROM vernieuwd
WHERE fct_dossier.dossier_pseudoniem = vernieuwd.oud;

-- name: fct_dossier_woning
UPDATE rapportage.fct_dossier SET woning_pseudoniem = vernieuwd.nieuw
FROM vernieuwd
WHERE fct_dossier.woning_pseudoniem = vernieuwd.oud;

-- name: fct_stap
UPDATE rapportage.fct_stap SET dossier_pseudoniem = vernieuwd.nieuw
FROM vernieuwd
WHERE fct_stap.dossier_pseudoniem = vernieuwd.oud;

-- name: fct_aanmelding
UPDATE rapportage.fct_aanmelding SET
    aanmelding_pseudoniem = vernieuwd.nieuw,
    dossier_pseudoniem = dossier.nieuw
FROM vernieuwd
CROSS JOIN vernieuwd AS dossier
WHERE
    fct_aanmelding.aanmelding_pseudoniem = vernieuwd.oud
    AND fct_aanmelding.dossier_pseudoniem = dossier.oud;

-- name: fct_aanvraag
UPDATE rapportage.fct_aanvraag SET
    aanvraag_pseudoniem = vernieuwd.nieuw,
    dossier_pseudoniem = dossier.nieuw
FROM vernieuwd
CROSS JOIN vernieuwd AS dossier
WHERE
    fct_aanvraag.aanvraag_pseudoniem = vernieuwd.oud
    AND fct_aanvraag.dossier_pseudoniem = dossier.oud;

-- name: fct_aanbeveling
UPDATE rapportage.fct_aanbeveling SET woning_pseudoniem = vernieuwd.nieuw
FROM vernieuwd
WHERE fct_aanbeveling.woning_pseudoniem = vernieuwd.oud;

-- name: dim_woning
UPDATE rapportage.dim_woning SET woning_pseudoniem = vernieuwd.nieuw
FROM vernieuwd
WHERE dim_woning.woning_pseudoniem = vernieuwd.oud;

-- name: pseudoniem
UPDATE rapportage.pseudoniem SET
    pseudoniem = vernieuwd.nieuw,
    sleutel_id = :sleutel_id
FROM vernieuwd
WHERE pseudoniem.pseudoniem = vernieuwd.oud;
