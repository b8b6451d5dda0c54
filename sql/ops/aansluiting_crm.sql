-- The ledger against the CRM's own rows: the origin of each prefilled value, the aanmeldingen and
-- the tasks. What a person typed or changed in a dossier's field is no difference. The rows are
-- fetched within this transaction: what the ledger settled before it began (now()) must be there.

-- name: create_gegeven
CREATE TEMPORARY TABLE gegeven_in_crm (
    sleutel text NOT NULL,
    waarde text,
    suggestie text,
    beslissing text
) ON COMMIT DROP;

-- name: copy_gegeven
COPY gegeven_in_crm (sleutel, waarde, suggestie, beslissing) FROM STDIN;

-- name: create_aanmelding
CREATE TEMPORARY TABLE aanmelding_in_crm (
    aanmelding_id text NOT NULL,
    status text
) ON COMMIT DROP;

-- name: copy_aanmelding
COPY aanmelding_in_crm (aanmelding_id, status) FROM STDIN;

-- name: create_stap
CREATE TEMPORARY TABLE stap_in_crm (sleutel text NOT NULL) ON COMMIT DROP;

-- name: copy_stap
COPY stap_in_crm (sleutel) FROM STDIN;

-- name: create_busy
-- Dossiers of which something is on its way to the CRM, or arrived since: not compared tonight.
CREATE TEMPORARY TABLE dossier_in_beweging ON COMMIT DROP AS
SELECT DISTINCT bericht.dossier_id
FROM hub.bericht
WHERE
    bericht.bestemming = 'crm'
    AND (
        bericht.stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
        OR (bericht.stand = 'bevestigd' AND bericht.beeindigd_op >= now())
    );

-- name: note_busy
INSERT INTO niet_vergeleken (onderwerp)
SELECT 'crm dossier ' || dossier_in_beweging.dossier_id::text AS onderwerp
FROM dossier_in_beweging;

-- name: compare_gegevens
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH laatste AS (
    SELECT DISTINCT ON (voorinvulling.dossier_id, voorinvulling.veld)
        voorinvulling.dossier_id,
        voorinvulling.veld,
        CASE
            WHEN voorinvulling.soort IN ('geschreven', 'gelijk')
                THEN nullif(voorinvulling.waarde, '')
        END AS waarde,
        CASE WHEN voorinvulling.soort = 'suggestie' THEN voorinvulling.waarde END AS suggestie
    FROM hub.voorinvulling
    INNER JOIN hub.bericht ON voorinvulling.bericht_id = bericht.bericht_id
    WHERE bericht.stand = 'bevestigd'
    ORDER BY voorinvulling.dossier_id, voorinvulling.veld, bericht.volgorde DESC
),

verschillend AS (
    SELECT
        laatste.dossier_id,
        laatste.veld,
        CASE
            WHEN gegeven_in_crm.sleutel IS NULL THEN 'crm_gegeven_ontbreekt'
            ELSE 'crm_gegeven_verschilt'
        END AS soort
    FROM laatste
    LEFT JOIN gegeven_in_crm
        ON gegeven_in_crm.sleutel = laatste.dossier_id::text || ':' || laatste.veld
    WHERE
        gegeven_in_crm.sleutel IS NULL
        OR (
            gegeven_in_crm.beslissing IS NULL
            AND (gegeven_in_crm.waarde, gegeven_in_crm.suggestie)
            IS DISTINCT FROM (laatste.waarde, laatste.suggestie)
        )
)

SELECT
    verschillend.soort,
    'crm dossier ' || verschillend.dossier_id::text AS onderwerp,
    'Dossier ' || coalesce(crm_dossier.dossiernummer, 'zonder nummer')
    || CASE
        WHEN verschillend.soort = 'crm_gegeven_ontbreekt'
            THEN ': de herkomst die de hub schreef, staat niet meer in het CRM bij '
        ELSE ': in het CRM staat een andere herkomst dan de hub schreef bij '
    END || string_agg(verschillend.veld, ', ' ORDER BY verschillend.veld) || '.' AS tekst,
    'Zoek uit wie of wat de tabel gegeven wijzigde. Laat de hub de herkomst daarna opnieuw '
    || 'schrijven (draaiboek check_aansluiting, Write the origin again).' AS voorstel
FROM verschillend
INNER JOIN bron.crm_dossier ON verschillend.dossier_id = crm_dossier.dossier_id
WHERE
    crm_dossier.verwijderd_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM dossier_in_beweging
        WHERE dossier_in_beweging.dossier_id = verschillend.dossier_id
    )
GROUP BY verschillend.soort, verschillend.dossier_id, crm_dossier.dossiernummer;

-- name: compare_unknown_gegevens
-- Only the hub writes this table: a row of which the ledger knows nothing came another way. Not of
-- a dossier that is gone: the ledger forgets what it wrote there.
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH onbekend AS (
    SELECT split_part(gegeven_in_crm.sleutel, ':', 1) AS dossier_id
    FROM gegeven_in_crm
    WHERE
        NOT EXISTS (
            SELECT 1 FROM hub.voorinvulling
            WHERE
                gegeven_in_crm.sleutel
                = voorinvulling.dossier_id::text || ':' || voorinvulling.veld
        )
)

SELECT
    'crm_gegeven_onbekend' AS soort,
    'crm dossier '
    || coalesce(crm_dossier.dossier_id::text, 'dat de hub niet kent') AS onderwerp,
    count(*)::text || ' rij(en) in de tabel gegeven van het CRM zijn niet van de hub.' AS tekst,
    'Zoek uit wie of wat ze schreef, en schrap ze in het CRM.' AS voorstel
FROM onbekend
LEFT JOIN bron.crm_dossier ON onbekend.dossier_id = crm_dossier.dossier_id::text
WHERE crm_dossier.verwijderd_op IS NULL
GROUP BY crm_dossier.dossier_id;

-- name: compare_aanmeldingen
-- What was told last; a later status that a person or the partner's progress gave is no difference.
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH gemeld AS (
    SELECT DISTINCT ON (split_part(bericht.sleutel, ':', 2))
        split_part(bericht.sleutel, ':', 2) AS aanmelding_id,
        split_part(bericht.sleutel, ':', 1) AS status,
        bericht.dossier_id
    FROM hub.bericht
    WHERE
        bericht.bestemming = 'crm'
        AND bericht.soort IN ('aanmelding_verzonden', 'aanmelding_ingetrokken')
        AND bericht.stand = 'bevestigd'
    ORDER BY split_part(bericht.sleutel, ':', 2), bericht.volgorde DESC
)

SELECT
    CASE
        WHEN aanmelding_in_crm.aanmelding_id IS NULL THEN 'crm_aanmelding_ontbreekt'
        ELSE 'crm_aanmelding_verschilt'
    END AS soort,
    'crm aanmelding ' || gemeld.aanmelding_id AS onderwerp,
    'Dossier ' || coalesce(crm_dossier.dossiernummer, 'zonder nummer') || CASE
        WHEN aanmelding_in_crm.aanmelding_id IS NULL
            THEN
                ': de hub meldde dat de aanmelding ' || gemeld.status
                || ' is, en het CRM heeft ze niet meer.'
        ELSE
            ': de hub meldde dat de aanmelding ' || gemeld.status || ' is, en in het CRM staat '
            || 'een eerdere status.'
    END AS tekst,
    CASE
        WHEN aanmelding_in_crm.aanmelding_id IS NULL
            THEN
                'Vraag de consulent of ze bewust geschrapt is. Zo nee, zet ze terug. Zo ja, '
                || 'beëindig dan de toestemming: dan verdwijnt ze ook bij de partner.'
        ELSE 'Zet de status in het CRM op ' || gemeld.status || '.'
    END AS voorstel
FROM gemeld
INNER JOIN bron.crm_dossier ON gemeld.dossier_id = crm_dossier.dossier_id
LEFT JOIN aanmelding_in_crm ON gemeld.aanmelding_id = aanmelding_in_crm.aanmelding_id
WHERE
    crm_dossier.verwijderd_op IS NULL
    AND (
        aanmelding_in_crm.aanmelding_id IS NULL
        OR (
            gemeld.status = 'verzonden'
            AND coalesce(aanmelding_in_crm.status, 'aangevraagd') = 'aangevraagd'
        )
        OR (
            gemeld.status = 'ingetrokken'
            AND aanmelding_in_crm.status IS DISTINCT FROM 'ingetrokken'
        )
    )
    AND NOT EXISTS (
        SELECT 1 FROM dossier_in_beweging
        WHERE dossier_in_beweging.dossier_id = gemeld.dossier_id
    );

-- name: note_busy_aanmeldingen
INSERT INTO niet_vergeleken (onderwerp)
SELECT 'crm aanmelding ' || split_part(bericht.sleutel, ':', 2) AS onderwerp
FROM hub.bericht
INNER JOIN dossier_in_beweging ON bericht.dossier_id = dossier_in_beweging.dossier_id
WHERE
    bericht.bestemming = 'crm'
    AND bericht.soort IN ('aanmelding_verzonden', 'aanmelding_ingetrokken');

-- name: compare_stappen
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
SELECT
    'crm_stap_ontbreekt' AS soort,
    'crm stap ' || bericht.bericht_id::text AS onderwerp,
    'Dossier ' || coalesce(crm_dossier.dossiernummer, 'zonder nummer') || ': de taak '
    || coalesce(bericht.kenmerk, 'zonder naam') || ' die de hub in het CRM zette, is er niet meer.'
        AS tekst,
    'Vraag de consulent of de taak geschrapt is in plaats van afgewerkt. Is ze nog nodig, maak ze '
    || 'dan opnieuw in het CRM, met dezelfde sleutel.' AS voorstel
FROM hub.bericht
INNER JOIN bron.crm_dossier ON bericht.dossier_id = crm_dossier.dossier_id
LEFT JOIN stap_in_crm ON bericht.sleutel = stap_in_crm.sleutel
WHERE
    bericht.bestemming = 'crm'
    AND bericht.soort IN ('stap', 'voortgang')
    AND bericht.stand = 'bevestigd'
    AND bericht.beeindigd_op < now()
    AND crm_dossier.verwijderd_op IS NULL
    AND stap_in_crm.sleutel IS NULL;
