-- Sealing anew under the active key, a small set at a time in the order of an index. A row that a
-- worker holds at this moment is passed over, and found by the next round.

-- name: count
SELECT
    telling.tabel,
    telling.sleutel_id,
    telling.aantal
FROM (
    SELECT
        'hub.bericht' AS tabel,
        bericht.sleutel_id,
        count(*) AS aantal
    FROM hub.bericht
    WHERE bericht.sleutel_id IS NOT NULL
    GROUP BY bericht.sleutel_id
    UNION ALL
    SELECT
        'hub.inbox' AS tabel,
        inbox.sleutel_id,
        count(*) AS aantal
    FROM hub.inbox
    WHERE inbox.sleutel_id IS NOT NULL
    GROUP BY inbox.sleutel_id
    UNION ALL
    SELECT
        'bron.crm_profiel' AS tabel,
        crm_profiel.sleutel_id,
        count(*) AS aantal
    FROM bron.crm_profiel
    GROUP BY crm_profiel.sleutel_id
    UNION ALL
    SELECT
        'bron.crm_vraag' AS tabel,
        crm_vraag.sleutel_id,
        count(*) AS aantal
    FROM bron.crm_vraag
    GROUP BY crm_vraag.sleutel_id
    UNION ALL
    SELECT
        'bron.partner_voortgang' AS tabel,
        partner_voortgang.sleutel_id,
        count(*) AS aantal
    FROM bron.partner_voortgang
    WHERE partner_voortgang.sleutel_id IS NOT NULL
    GROUP BY partner_voortgang.sleutel_id
    UNION ALL
    SELECT
        'bron.partner_document' AS tabel,
        partner_document.sleutel_id,
        count(*) AS aantal
    FROM bron.partner_document
    GROUP BY partner_document.sleutel_id
    UNION ALL
    SELECT
        'hub.quarantaine' AS tabel,
        quarantaine.sleutel_id,
        count(*) AS aantal
    FROM hub.quarantaine
    WHERE quarantaine.sleutel_id IS NOT NULL
    GROUP BY quarantaine.sleutel_id
) AS telling
ORDER BY telling.tabel, telling.sleutel_id;

-- name: take_bericht
SELECT
    bericht.volgorde AS plaats,
    bericht.bestemming,
    bericht.sleutel,
    bericht.inhoud AS verzegeld,
    bericht.sleutel_id
FROM hub.bericht
WHERE
    bericht.volgorde > cast(:na AS bigint)
    AND bericht.sleutel_id <> :actief
ORDER BY bericht.volgorde
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_bericht
UPDATE hub.bericht SET
    inhoud = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS bigint[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE bericht.volgorde = nieuw.plaats AND bericht.inhoud = nieuw.oud_verzegeld;

-- name: take_inbox
SELECT
    inbox.inbox_id AS plaats,
    inbox.bron,
    inbox.soort,
    inbox.object_id,
    inbox.versie,
    inbox.inhoud AS verzegeld,
    inbox.sleutel_id
FROM hub.inbox
WHERE
    inbox.inbox_id > cast(:na AS bigint)
    AND inbox.sleutel_id <> :actief
ORDER BY inbox.inbox_id
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_inbox
UPDATE hub.inbox SET
    inhoud = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS bigint[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE inbox.inbox_id = nieuw.plaats AND inbox.inhoud = nieuw.oud_verzegeld;

-- name: take_profiel
SELECT
    crm_profiel.profiel_id AS plaats,
    crm_profiel.persoonsgegevens AS verzegeld,
    crm_profiel.sleutel_id
FROM bron.crm_profiel
WHERE
    crm_profiel.profiel_id > cast(:na AS uuid)
    AND crm_profiel.sleutel_id <> :actief
ORDER BY crm_profiel.profiel_id
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_profiel
UPDATE bron.crm_profiel SET
    persoonsgegevens = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS uuid[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE
    crm_profiel.profiel_id = nieuw.plaats
    AND crm_profiel.persoonsgegevens = nieuw.oud_verzegeld;

-- name: take_vraag
SELECT
    crm_vraag.vraag_id AS plaats,
    crm_vraag.persoonsgegevens AS verzegeld,
    crm_vraag.sleutel_id
FROM bron.crm_vraag
WHERE
    crm_vraag.vraag_id > cast(:na AS uuid)
    AND crm_vraag.sleutel_id <> :actief
ORDER BY crm_vraag.vraag_id
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_vraag
UPDATE bron.crm_vraag SET
    persoonsgegevens = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS uuid[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE
    crm_vraag.vraag_id = nieuw.plaats
    AND crm_vraag.persoonsgegevens = nieuw.oud_verzegeld;

-- name: take_voortgang
SELECT
    partner_voortgang.partner || E'\t' || partner_voortgang.voortgang_id AS plaats,
    partner_voortgang.persoonsgegevens AS verzegeld,
    partner_voortgang.sleutel_id
FROM bron.partner_voortgang
WHERE
    (partner_voortgang.partner, partner_voortgang.voortgang_id)
    > (split_part(:na, E'\t', 1), split_part(:na, E'\t', 2))
    AND partner_voortgang.sleutel_id <> :actief
ORDER BY partner_voortgang.partner, partner_voortgang.voortgang_id
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_voortgang
UPDATE bron.partner_voortgang SET
    persoonsgegevens = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS text[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE
    partner_voortgang.partner = split_part(nieuw.plaats, E'\t', 1)
    AND partner_voortgang.voortgang_id = split_part(nieuw.plaats, E'\t', 2)
    AND partner_voortgang.persoonsgegevens = nieuw.oud_verzegeld;

-- name: take_document
SELECT
    partner_document.partner || E'\t' || partner_document.document_id AS plaats,
    partner_document.persoonsgegevens AS verzegeld,
    partner_document.sleutel_id
FROM bron.partner_document
WHERE
    (partner_document.partner, partner_document.document_id)
    > (split_part(:na, E'\t', 1), split_part(:na, E'\t', 2))
    AND partner_document.sleutel_id <> :actief
ORDER BY partner_document.partner, partner_document.document_id
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_document
UPDATE bron.partner_document SET
    persoonsgegevens = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS text[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE
    partner_document.partner = split_part(nieuw.plaats, E'\t', 1)
    AND partner_document.document_id = split_part(nieuw.plaats, E'\t', 2)
    AND partner_document.persoonsgegevens = nieuw.oud_verzegeld;

-- name: take_quarantaine
SELECT
    quarantaine.quarantaine_id AS plaats,
    quarantaine.model,
    quarantaine.object_id,
    quarantaine.persoonsgegevens AS verzegeld,
    quarantaine.sleutel_id
FROM hub.quarantaine
WHERE
    quarantaine.quarantaine_id > cast(:na AS uuid)
    AND quarantaine.sleutel_id <> :actief
ORDER BY quarantaine.quarantaine_id
LIMIT :aantal
FOR UPDATE SKIP LOCKED;

-- name: put_quarantaine
UPDATE hub.quarantaine SET
    persoonsgegevens = nieuw.verzegeld,
    sleutel_id = nieuw.sleutel_id
FROM
    unnest(
        cast(:plaatsen AS uuid[]), cast(:verzegelde AS bytea[]), cast(:sleutels AS text[]),
        cast(:oude_verzegelde AS bytea[])
    ) AS nieuw (plaats, verzegeld, sleutel_id, oud_verzegeld)
WHERE
    quarantaine.quarantaine_id = nieuw.plaats
    AND quarantaine.persoonsgegevens = nieuw.oud_verzegeld;
