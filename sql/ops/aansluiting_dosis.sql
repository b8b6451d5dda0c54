-- The ledger against what residents see in Mijn Burgerprofiel. The histories are fetched within
-- this transaction: what the ledger settled before it began (now()) must be in them.

-- name: channel
SELECT max_gelijktijdig
FROM hub.kanaal
WHERE bestemming = 'dosis';

-- name: count_residents
SELECT count(DISTINCT burgerdossier.profiel_id) AS aantal
FROM hub.bericht
INNER JOIN hub.burgerdossier ON bericht.dossier_id = burgerdossier.burgerdossier_id
WHERE
    bericht.bestemming = 'dosis'
    AND bericht.eerst_verzonden_op IS NOT NULL
    AND burgerdossier.verwijderd_op IS NULL;

-- name: residents
-- A page of the residents of whom a status left.
SELECT
    crm_profiel.profiel_id,
    crm_profiel.insz_status,
    crm_profiel.persoonsgegevens,
    crm_profiel.sleutel_id
FROM bron.crm_profiel
WHERE
    crm_profiel.profiel_id > :na
    AND EXISTS (
        SELECT 1 FROM hub.burgerdossier
        INNER JOIN hub.bericht ON burgerdossier.burgerdossier_id = bericht.dossier_id
        WHERE
            burgerdossier.profiel_id = crm_profiel.profiel_id
            AND burgerdossier.verwijderd_op IS NULL
            AND bericht.bestemming = 'dosis'
            AND bericht.eerst_verzonden_op IS NOT NULL
    )
ORDER BY crm_profiel.profiel_id
LIMIT :aantal;

-- name: create_seen
-- Residents whose history was read in full.
CREATE TEMPORARY TABLE bekeken_profiel (profiel_id uuid PRIMARY KEY) ON COMMIT DROP;

-- name: copy_seen
COPY bekeken_profiel (profiel_id) FROM STDIN;

-- name: create_shown
CREATE TEMPORARY TABLE getoonde_status (
    profiel_id uuid NOT NULL,
    dossiernummer text NOT NULL,
    volgnummer integer NOT NULL,
    fase text,
    code text,
    gewijzigd_op timestamptz
) ON COMMIT DROP;

-- name: copy_shown
COPY getoonde_status (
    profiel_id, dossiernummer, volgnummer, fase, code, gewijzigd_op
) FROM STDIN;

-- name: create_statuses
CREATE TEMPORARY TABLE gekende_status (
    status text PRIMARY KEY,
    fase text NOT NULL,
    code text NOT NULL
) ON COMMIT DROP;

-- name: copy_statuses
COPY gekende_status (status, fase, code) FROM STDIN;

-- name: create_compared
-- Dossiers and applications to compare: their resident was seen, and nothing of them is on its way
-- or came since.
CREATE TEMPORARY TABLE te_vergelijken ON COMMIT DROP AS
SELECT
    burgerdossier.burgerdossier_id AS dossier_id,
    burgerdossier.nummer AS dossiernummer,
    burgerdossier.profiel_id
FROM hub.burgerdossier
INNER JOIN bekeken_profiel ON burgerdossier.profiel_id = bekeken_profiel.profiel_id
WHERE
    burgerdossier.verwijderd_op IS NULL
    AND burgerdossier.nummer IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.dossier_id = burgerdossier.burgerdossier_id
            AND bericht.eerst_verzonden_op IS NOT NULL
            AND (
                bericht.stand IN ('klaar', 'onderweg', 'aangenomen')
                OR bericht.beeindigd_op >= now()
            )
    );

-- name: create_told
-- Statuses of these dossiers that left the hub and may stand at DOSIS.
CREATE TEMPORARY TABLE gemelde_status ON COMMIT DROP AS
SELECT
    te_vergelijken.dossier_id,
    te_vergelijken.dossiernummer,
    te_vergelijken.profiel_id,
    bericht.bericht_id,
    bericht.stand,
    bericht.volgorde,
    gekende_status.fase,
    gekende_status.code
FROM te_vergelijken
INNER JOIN hub.bericht
    ON te_vergelijken.dossier_id = bericht.dossier_id AND bericht.bestemming = 'dosis'
INNER JOIN gekende_status ON bericht.kenmerk = gekende_status.status
WHERE
    bericht.stand IN ('bevestigd', 'in_twijfel', 'opgegeven')
    AND bericht.eerst_verzonden_op IS NOT NULL;

-- name: compare
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH laatst_gemeld AS (
    SELECT DISTINCT ON (gemelde_status.dossier_id)
        gemelde_status.dossier_id,
        gemelde_status.dossiernummer,
        gemelde_status.profiel_id,
        gemelde_status.volgorde,
        gemelde_status.fase,
        gemelde_status.code
    FROM gemelde_status
    WHERE gemelde_status.stand = 'bevestigd'
    ORDER BY gemelde_status.dossier_id, gemelde_status.volgorde DESC
),

laatst_getoond AS (
    SELECT DISTINCT ON (getoonde_status.profiel_id, getoonde_status.dossiernummer)
        getoonde_status.profiel_id,
        getoonde_status.dossiernummer,
        getoonde_status.fase,
        getoonde_status.code
    FROM getoonde_status
    ORDER BY
        getoonde_status.profiel_id,
        getoonde_status.dossiernummer,
        getoonde_status.gewijzigd_op DESC NULLS LAST,
        getoonde_status.volgnummer DESC
),

gemeld AS (
    SELECT
        gemelde_status.profiel_id,
        gemelde_status.dossiernummer,
        gemelde_status.fase,
        gemelde_status.code,
        count(*) AS aantal,
        count(*) FILTER (WHERE gemelde_status.stand = 'bevestigd') AS bevestigd
    FROM gemelde_status
    GROUP BY
        gemelde_status.profiel_id,
        gemelde_status.dossiernummer,
        gemelde_status.fase,
        gemelde_status.code
),

getoond AS (
    SELECT
        getoonde_status.profiel_id,
        getoonde_status.dossiernummer,
        getoonde_status.fase,
        getoonde_status.code,
        count(*) AS aantal
    FROM getoonde_status
    GROUP BY
        getoonde_status.profiel_id,
        getoonde_status.dossiernummer,
        getoonde_status.fase,
        getoonde_status.code
),

toch_aangekomen AS (
    SELECT
        gemelde_status.dossier_id,
        gemelde_status.dossiernummer,
        gemelde_status.bericht_id,
        gemelde_status.stand,
        gemelde_status.volgorde,
        gemelde_status.fase,
        gemelde_status.code
    FROM gemelde_status
    INNER JOIN gemeld
        ON
            (gemelde_status.profiel_id, gemelde_status.dossiernummer)
            = (gemeld.profiel_id, gemeld.dossiernummer)
            AND (gemelde_status.fase, gemelde_status.code) = (gemeld.fase, gemeld.code)
    INNER JOIN getoond
        ON
            (gemelde_status.profiel_id, gemelde_status.dossiernummer)
            = (getoond.profiel_id, getoond.dossiernummer)
            AND (gemelde_status.fase, gemelde_status.code) = (getoond.fase, getoond.code)
    WHERE
        gemelde_status.stand <> 'bevestigd'
        AND getoond.aantal > gemeld.bevestigd
),

teveel AS (
    SELECT
        getoond.dossiernummer,
        sum(getoond.aantal - coalesce(gemeld.aantal, 0)) AS aantal
    FROM getoond
    INNER JOIN te_vergelijken
        ON
            (getoond.profiel_id, getoond.dossiernummer)
            = (te_vergelijken.profiel_id, te_vergelijken.dossiernummer)
    LEFT JOIN gemeld
        ON
            (getoond.profiel_id, getoond.dossiernummer) = (gemeld.profiel_id, gemeld.dossiernummer)
            AND (getoond.fase, getoond.code) IS NOT DISTINCT FROM (gemeld.fase, gemeld.code)
    WHERE getoond.aantal > coalesce(gemeld.aantal, 0)
    GROUP BY getoond.dossiernummer
),

vreemd AS (
    SELECT
        getoond.profiel_id,
        count(DISTINCT getoond.dossiernummer) AS aantal
    FROM getoond
    WHERE
        NOT EXISTS (
            SELECT 1 FROM hub.burgerdossier
            WHERE
                burgerdossier.profiel_id = getoond.profiel_id
                AND burgerdossier.nummer = getoond.dossiernummer
        )
    GROUP BY getoond.profiel_id
),

eigen_code AS (
    SELECT DISTINCT gekende_status.code
    FROM gekende_status
)

SELECT
    'dosis_status_ontbreekt' AS soort,
    'dosis dossier ' || laatst_gemeld.dossiernummer AS onderwerp,
    'De hub heeft het ontvangstbewijs van de status ' || laatst_gemeld.code
    || ', en DOSIS toont de bewoner niets over dit dossier.' AS tekst,
    'Vraag de beheerder van DOSIS waar de status gebleven is, met het dossiernummer. Werd het INSZ '
    || 'van de bewoner verbeterd, dan staat ze nog onder het oude.' AS voorstel
FROM laatst_gemeld
LEFT JOIN laatst_getoond
    ON
        (laatst_gemeld.profiel_id, laatst_gemeld.dossiernummer)
        = (laatst_getoond.profiel_id, laatst_getoond.dossiernummer)
WHERE laatst_getoond.dossiernummer IS NULL
UNION ALL
SELECT
    'dosis_status_verschilt' AS soort,
    'dosis dossier ' || laatst_gemeld.dossiernummer AS onderwerp,
    'De laatste bevestigde status is ' || laatst_gemeld.code || ', en DOSIS toont '
    || coalesce(eigen_code.code, 'een andere') || '.' AS tekst,
    'Vraag de beheerder van DOSIS wat er met de status gebeurde, met het dossiernummer. Een '
    || 'volgende status van dit dossier zet recht wat de bewoner ziet.' AS voorstel
FROM laatst_gemeld
INNER JOIN laatst_getoond
    ON
        (laatst_gemeld.profiel_id, laatst_gemeld.dossiernummer)
        = (laatst_getoond.profiel_id, laatst_getoond.dossiernummer)
-- Only a code of our own list is told: another text could hold anything.
LEFT JOIN eigen_code ON laatst_getoond.code = eigen_code.code
WHERE
    (laatst_gemeld.fase, laatst_gemeld.code)
    IS DISTINCT FROM (laatst_getoond.fase, laatst_getoond.code)
    AND NOT EXISTS (
        SELECT 1 FROM toch_aangekomen
        WHERE
            toch_aangekomen.dossier_id = laatst_gemeld.dossier_id
            AND toch_aangekomen.volgorde > laatst_gemeld.volgorde
            AND (toch_aangekomen.fase, toch_aangekomen.code)
            = (laatst_getoond.fase, laatst_getoond.code)
    )
UNION ALL
SELECT
    'dosis_upload_onbekend' AS soort,
    'dosis dossier ' || teveel.dossiernummer AS onderwerp,
    'DOSIS toont ' || teveel.aantal::text || ' status(sen) van dit dossier meer dan de hub stuurde.'
        AS tekst,
    'Kijk na of een andere toepassing onder onze bron schrijft. Een dubbele status schaadt niet; '
    || 'een vreemde laat u bij DOSIS verwijderen.' AS voorstel
FROM teveel
UNION ALL
SELECT
    'dosis_toch_aangekomen' AS soort,
    'dosis bericht ' || toch_aangekomen.bericht_id::text AS onderwerp,
    'Bericht ' || toch_aangekomen.bericht_id::text || ' staat op ' || toch_aangekomen.stand
    || ', maar DOSIS toont de status ' || toch_aangekomen.code || ' van dossier '
    || toch_aangekomen.dossiernummer || '.' AS tekst,
    CASE
        WHEN toch_aangekomen.stand = 'in_twijfel'
            THEN 'Bevestig het bericht (bericht bevestig).'
        ELSE
            'Zet het bericht opzij als overgeslagen (draaiboek push_berichten): stuur het niet '
            || 'opnieuw.'
    END AS voorstel
FROM toch_aangekomen
UNION ALL
SELECT
    'dosis_dossier_onbekend' AS soort,
    'dosis bewoner ' || vreemd.profiel_id::text AS onderwerp,
    'DOSIS toont deze bewoner ' || vreemd.aantal::text || ' dossier(s) onder onze bron die het CRM '
    || 'niet van hem kent.' AS tekst,
    'Kijk na of het dossier in het CRM aan de juiste bewoner hangt, en of een andere toepassing '
    || 'onder onze bron schrijft. Laat DOSIS verwijderen wat er niet hoort.' AS voorstel
FROM vreemd;

-- name: note_not_compared
-- What this run could not judge keeps its incidents.
INSERT INTO niet_vergeleken (onderwerp)
SELECT 'dosis dossier ' || burgerdossier.nummer AS onderwerp
FROM hub.burgerdossier
LEFT JOIN te_vergelijken ON burgerdossier.burgerdossier_id = te_vergelijken.dossier_id
WHERE
    burgerdossier.nummer IS NOT NULL
    AND burgerdossier.verwijderd_op IS NULL
    AND te_vergelijken.dossier_id IS NULL
    AND EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.bestemming = 'dosis'
            AND bericht.dossier_id = burgerdossier.burgerdossier_id
    )
UNION ALL
SELECT 'dosis bericht ' || bericht.bericht_id::text AS onderwerp
FROM hub.bericht
LEFT JOIN te_vergelijken ON bericht.dossier_id = te_vergelijken.dossier_id
WHERE
    bericht.bestemming = 'dosis'
    AND bericht.stand IN ('in_twijfel', 'opgegeven')
    AND te_vergelijken.dossier_id IS NULL
UNION ALL
SELECT 'dosis bewoner ' || crm_profiel.profiel_id::text AS onderwerp
FROM bron.crm_profiel
LEFT JOIN bekeken_profiel ON crm_profiel.profiel_id = bekeken_profiel.profiel_id
WHERE bekeken_profiel.profiel_id IS NULL;
