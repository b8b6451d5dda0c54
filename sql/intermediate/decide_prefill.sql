-- What the decision about the fields of a dossier needs, for one batch.

-- name: remember
-- What persons decided about suggestions, as the CRM shows it: the last word per value. Who emptied
-- the suggestion while deciding, decided on what was offered last.
INSERT INTO hub.beslissing AS bekend (dossier_id, veld, waarde, beslissing, beslist_op)
SELECT DISTINCT ON (
    crm_gegeven.dossier_id, crm_gegeven.veld, coalesce(crm_gegeven.suggestie, aangeboden.waarde)
)
    crm_gegeven.dossier_id,
    crm_gegeven.veld,
    coalesce(crm_gegeven.suggestie, aangeboden.waarde) AS waarde,
    crm_gegeven.beslissing,
    crm_gegeven.gewijzigd_op
FROM hub.batch_dossier
INNER JOIN bron.crm_gegeven ON batch_dossier.dossier_id = crm_gegeven.dossier_id
LEFT JOIN LATERAL (
    SELECT voorinvulling.waarde
    FROM hub.voorinvulling
    INNER JOIN hub.bericht ON voorinvulling.bericht_id = bericht.bericht_id
    WHERE
        voorinvulling.dossier_id = crm_gegeven.dossier_id
        AND voorinvulling.veld = crm_gegeven.veld
        AND voorinvulling.soort = 'suggestie'
        AND bericht.stand = 'bevestigd'
    ORDER BY bericht.volgorde DESC
    LIMIT 1
) AS aangeboden ON TRUE
WHERE
    batch_dossier.batch_id = :batch_id
    AND crm_gegeven.beslissing IN ('aanvaard', 'verworpen')
    AND crm_gegeven.verwijderd_op IS NULL
    AND crm_gegeven.veld IS NOT NULL
    AND coalesce(crm_gegeven.suggestie, aangeboden.waarde) IS NOT NULL
ORDER BY
    crm_gegeven.dossier_id,
    crm_gegeven.veld,
    coalesce(crm_gegeven.suggestie, aangeboden.waarde),
    crm_gegeven.gewijzigd_op DESC
ON CONFLICT (dossier_id, veld, waarde) DO UPDATE SET
    beslissing = excluded.beslissing,
    beslist_op = excluded.beslist_op
WHERE bekend.beslissing <> excluded.beslissing;

-- name: landed
-- Suggestions and decisions as the CRM last showed them; without etag the row was removed there.
SELECT DISTINCT ON (crm_gegeven.dossier_id, crm_gegeven.veld)
    crm_gegeven.dossier_id,
    crm_gegeven.veld,
    CASE WHEN crm_gegeven.verwijderd_op IS NULL THEN crm_gegeven.etag END AS etag,
    CASE
        WHEN crm_gegeven.beslissing = 'aanvaard' AND crm_gegeven.verwijderd_op IS NULL
            THEN crm_gegeven.suggestie
    END AS aanvaard
FROM hub.batch_dossier
INNER JOIN bron.crm_gegeven ON batch_dossier.dossier_id = crm_gegeven.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND crm_gegeven.veld IS NOT NULL
ORDER BY
    crm_gegeven.dossier_id,
    crm_gegeven.veld,
    crm_gegeven.verwijderd_op DESC NULLS FIRST,
    crm_gegeven.gewijzigd_op DESC;

-- name: refused
SELECT
    beslissing.dossier_id,
    beslissing.veld,
    beslissing.waarde
FROM hub.batch_dossier
INNER JOIN hub.beslissing ON batch_dossier.dossier_id = beslissing.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND beslissing.beslissing = 'verworpen';

-- name: dossiers
-- Dossiers that may be filled in and of which no earlier filling is still under way: that one
-- rings again when it has arrived.
SELECT
    crm_dossier.dossier_id,
    crm_dossier.etag,
    crm_dossier.voorinvulling,
    crm_dossier.profiel_id,
    dossier_woning.woning_id,
    dossier_woning.uitkomst,
    dossier_woning.pad,
    dossier_woning.kandidaten,
    dossier_woning.adres_hash,
    dossier_woning.keuze,
    dossier_woning.keuze_stap_id,
    epc.uitkomst AS epc_uitkomst,
    crm_profiel.insz_status
FROM hub.batch_dossier
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
INNER JOIN bron.crm_profiel ON crm_dossier.profiel_id = crm_profiel.profiel_id
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
LEFT JOIN hub.bronstand AS epc ON dossier_woning.woning_id = epc.woning_id AND epc.bron = 'epc'
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM hub.bericht
        WHERE
            bericht.dossier_id = batch_dossier.dossier_id
            AND bericht.bestemming = 'crm'
            AND bericht.soort = 'voorinvulling'
            AND bericht.stand IN ('klaar', 'onderweg', 'in_twijfel')
    )
    AND NOT EXISTS (
        -- The landed row is still the one the hub wrote on: the next pull brings what came of it.
        SELECT 1 FROM hub.voorinvulling
        INNER JOIN hub.bericht ON voorinvulling.bericht_id = bericht.bericht_id
        WHERE
            voorinvulling.dossier_id = crm_dossier.dossier_id
            AND voorinvulling.op_etag = crm_dossier.etag
            AND bericht.stand = 'bevestigd'
    )
ORDER BY crm_dossier.dossier_id;

-- name: to_come_back
-- Dossiers in which a person accepted a suggestion while an earlier filling is under way: that
-- one may leave the dossier's row as it is, and then nothing rings.
SELECT DISTINCT crm_gegeven.dossier_id
FROM hub.batch_dossier
INNER JOIN bron.crm_gegeven ON batch_dossier.dossier_id = crm_gegeven.dossier_id
INNER JOIN hub.bericht ON batch_dossier.dossier_id = bericht.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND crm_gegeven.beslissing = 'aanvaard'
    AND crm_gegeven.verwijderd_op IS NULL
    AND bericht.bestemming = 'crm'
    AND bericht.soort = 'voorinvulling'
    AND bericht.stand IN ('klaar', 'onderweg', 'in_twijfel');

-- name: gegevens
SELECT
    gegeven.woning_id,
    gegeven.veld,
    gegeven.waarde,
    gegeven.bron,
    gegeven.bron_object,
    gegeven.bron_versie,
    gegeven.opgehaald_op,
    gegeven.geldig_tot,
    gegeven.afgeleid
FROM hub.gegeven
WHERE
    gegeven.vervangen_op IS NULL
    AND gegeven.woning_id IN (
        SELECT dossier_woning.woning_id
        FROM hub.batch_dossier
        INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
        WHERE batch_dossier.batch_id = :batch_id AND batch_dossier.uitkomst IS NULL
    );

-- name: earlier
-- Per field the last decision that reached the CRM, and the value the hub last wrote there (none
-- when it took it back since).
SELECT DISTINCT ON (voorinvulling.dossier_id, voorinvulling.veld)
    voorinvulling.dossier_id,
    voorinvulling.veld,
    voorinvulling.soort,
    voorinvulling.waarde,
    voorinvulling.herkomst_hash,
    (
        SELECT CASE WHEN geschreven.soort = 'geschreven' THEN geschreven.waarde END
        FROM hub.voorinvulling AS geschreven
        INNER JOIN hub.bericht AS drager ON geschreven.bericht_id = drager.bericht_id
        WHERE
            geschreven.dossier_id = voorinvulling.dossier_id
            AND geschreven.veld = voorinvulling.veld
            AND geschreven.soort IN ('geschreven', 'vervallen')
            AND drager.stand = 'bevestigd'
        ORDER BY drager.volgorde DESC
        LIMIT 1
    ) AS zelf_geschreven
FROM hub.voorinvulling
INNER JOIN hub.bericht ON voorinvulling.bericht_id = bericht.bericht_id
INNER JOIN hub.batch_dossier
    ON
        voorinvulling.dossier_id = batch_dossier.dossier_id
        AND batch_dossier.batch_id = :batch_id
WHERE bericht.stand = 'bevestigd'
ORDER BY voorinvulling.dossier_id, voorinvulling.veld, bericht.volgorde DESC;

-- name: open_tasks
-- The tasks that the hub itself closes, and that nobody finished, as the CRM last showed them.
SELECT
    crm_stap.dossier_id,
    crm_stap.stap_id,
    crm_stap.soort,
    crm_stap.sleutel,
    crm_stap.etag
FROM hub.batch_dossier
INNER JOIN bron.crm_stap ON batch_dossier.dossier_id = crm_stap.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND crm_stap.soort IN ('woning_kiezen', 'epc_nakijken', 'insz_aanvullen')
    AND crm_stap.verwijderd_op IS NULL
    AND crm_stap.sleutel IS NOT NULL
    AND coalesce(crm_stap.status, 'open') = 'open'
ORDER BY crm_stap.stap_id;

-- name: copy
COPY hub.voorinvulling (
    dossier_id, veld, soort, waarde, herkomst_hash, op_etag, bericht_id
) FROM STDIN;
