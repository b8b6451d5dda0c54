-- The warehouse's benchmark: landed dossiers with eight steps each, made in the database itself.

-- name: add_dossiers
INSERT INTO bron.crm_dossier (
    dossier_id, dossiernummer, status, start_akkoord, start_akkoord_op, voorinvulling, pseudoniem,
    etag, inhoud_hash, gewijzigd_op
)
SELECT
    md5('dossier' || nummer)::uuid AS dossier_id,
    'B-' || nummer AS dossiernummer,
    'open' AS status,
    TRUE AS start_akkoord,
    timestamptz '2024-01-01 09:00+00' + nummer % 700 * interval '1 day' AS start_akkoord_op,
    '{}' AS voorinvulling,
    'b' || nummer AS pseudoniem,
    '1' AS etag,
    'h' AS inhoud_hash,
    timestamptz '2024-01-01 09:00+00' AS gewijzigd_op
FROM generate_series(cast(:van AS integer), cast(:tot AS integer)) AS nummer;

-- name: add_steps
INSERT INTO bron.crm_stap (
    stap_id, dossier_id, soort, status, gebeurd_op, etag, inhoud_hash, gewijzigd_op
)
SELECT
    md5('stap' || nummer || ' ' || soort.plaats)::uuid AS stap_id,
    md5('dossier' || nummer)::uuid AS dossier_id,
    soort.soort,
    'gedaan' AS status,
    timestamptz '2024-01-02 09:00+00'
    + (nummer % 700 + soort.plaats * 10) * interval '1 day' AS gebeurd_op,
    '1' AS etag,
    'h' AS inhoud_hash,
    timestamptz '2026-06-01 09:00+00' AS gewijzigd_op
FROM generate_series(cast(:van AS integer), cast(:tot AS integer)) AS nummer
CROSS JOIN
    unnest(
        ARRAY[
            'huisbezoek', 'dubo_advies_ontvangen', 'renovatieplan_opgemaakt', 'offertes',
            'opdracht_aannemer', 'uitvoering', 'oplevering', 'dossier_afgerond'
        ]
    ) WITH ORDINALITY AS soort (soort, plaats);

-- name: change
-- Of one dossier in so many the works ended a day later, and it was closed again.
UPDATE bron.crm_stap SET
    gebeurd_op = crm_stap.gebeurd_op + interval '1 day',
    inhoud_hash = 'i'
FROM generate_series(1, cast(:aantal AS integer), cast(:een_op AS integer)) AS nummer
WHERE
    crm_stap.dossier_id = md5('dossier' || nummer)::uuid
    AND crm_stap.soort IN ('oplevering', 'dossier_afgerond');

-- name: floor
-- What any load must do at least: read these dossiers and their steps, and write what they give.
CREATE TEMPORARY TABLE vloer ON COMMIT DROP AS
SELECT
    crm_stap.dossier_id,
    crm_stap.soort,
    min(crm_stap.gebeurd_op) AS moment
FROM generate_series(1, cast(:aantal AS integer), cast(:een_op AS integer)) AS nummer
INNER JOIN bron.crm_stap ON crm_stap.dossier_id = md5('dossier' || nummer)::uuid
GROUP BY crm_stap.dossier_id, crm_stap.soort;

-- name: count_changed
-- The steps of the warehouse that say what landed.
SELECT count(*) AS aantal
FROM generate_series(1, cast(:aantal AS integer), cast(:een_op AS integer)) AS nummer
INNER JOIN bron.crm_stap
    ON crm_stap.dossier_id = md5('dossier' || nummer)::uuid AND crm_stap.soort = 'oplevering'
INNER JOIN rapportage.pseudoniem
    ON crm_stap.dossier_id = pseudoniem.object_id AND pseudoniem.doel = 'dossier'
INNER JOIN rapportage.fct_stap
    ON
        pseudoniem.pseudoniem = fct_stap.dossier_pseudoniem
        AND fct_stap.stap = 'oplevering'
        AND fct_stap.datum = (crm_stap.gebeurd_op AT TIME ZONE 'Europe/Brussels')::date;

-- name: tidy
VACUUM ANALYZE;
