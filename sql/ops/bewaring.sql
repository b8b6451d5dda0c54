-- Retention: one statement per kind of hub/config/bewaring.yml, one small set at a time. Nothing
-- that is open is touched: what waits (opgegeven and in_twijfel wait for a person), is under way,
-- or a person keeps. Rows that a worker holds at this moment are passed over; rows that ended are
-- nobody else's, so these need no lock.

-- name: bericht_inhoud
WITH te_wissen AS (
    SELECT bericht.bericht_id
    FROM hub.bericht
    WHERE
        bericht.inhoud IS NOT NULL
        AND bericht.stand IN ('bevestigd', 'ingetrokken', 'overgeslagen')
        AND bericht.beeindigd_op < now() - make_interval(days => :dagen)
        AND (bericht.bewaren_tot IS NULL OR bericht.bewaren_tot < now())
    ORDER BY bericht.beeindigd_op
    LIMIT :aantal
    FOR UPDATE SKIP LOCKED
)

UPDATE hub.bericht SET
    inhoud = NULL,
    sleutel_id = NULL
FROM te_wissen
WHERE bericht.bericht_id = te_wissen.bericht_id;

-- name: document_inhoud
-- The same for messages that hold a document, sooner.
WITH te_wissen AS (
    SELECT bericht.bericht_id
    FROM hub.bericht
    WHERE
        bericht.inhoud IS NOT NULL
        AND bericht.soort IN ('voortgang_document', 'woningfiche')
        AND bericht.stand IN ('bevestigd', 'ingetrokken', 'overgeslagen')
        AND bericht.beeindigd_op < now() - make_interval(days => :dagen)
        AND (bericht.bewaren_tot IS NULL OR bericht.bewaren_tot < now())
    ORDER BY bericht.beeindigd_op
    LIMIT :aantal
    FOR UPDATE SKIP LOCKED
)

UPDATE hub.bericht SET
    inhoud = NULL,
    sleutel_id = NULL
FROM te_wissen
WHERE bericht.bericht_id = te_wissen.bericht_id;

-- name: dossier
-- A message is recognised by its key, and every key derives from a dossier, an aanmelding or an
-- application of the CRM. While it holds one of them, some decision may come by again, so all rows
-- stay. The landed row says that the CRM removed it: without that row nothing is known, and nothing
-- goes. Locked, so that a dossier that comes back at this moment keeps its messages.
WITH te_wissen AS (
    SELECT crm_dossier.dossier_id
    FROM bron.crm_dossier
    WHERE
        crm_dossier.verwijderd_op < now() - make_interval(days => :dagen)
        AND NOT EXISTS (
            SELECT 1 FROM bron.crm_aanmelding
            WHERE
                crm_aanmelding.dossier_id = crm_dossier.dossier_id
                AND crm_aanmelding.verwijderd_op IS NULL
        )
        AND NOT EXISTS (
            SELECT 1 FROM bron.crm_aanvraag
            WHERE
                crm_aanvraag.dossier_id = crm_dossier.dossier_id
                AND crm_aanvraag.verwijderd_op IS NULL
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.bericht
            WHERE
                bericht.dossier_id IN (
                    SELECT crm_dossier.dossier_id
                    UNION ALL
                    SELECT crm_aanvraag.aanvraag_id
                    FROM bron.crm_aanvraag
                    WHERE crm_aanvraag.dossier_id = crm_dossier.dossier_id
                )
                AND (
                    bericht.stand NOT IN ('bevestigd', 'ingetrokken', 'overgeslagen')
                    OR bericht.inhoud IS NOT NULL
                    OR bericht.beeindigd_op >= now() - make_interval(days => :dagen)
                    OR bericht.bewaren_tot >= now()
                )
        )
    ORDER BY crm_dossier.verwijderd_op
    LIMIT :aantal
    FOR UPDATE SKIP LOCKED
),

bericht AS (
    SELECT bericht.bericht_id
    FROM hub.bericht
    INNER JOIN te_wissen ON bericht.dossier_id = te_wissen.dossier_id
    UNION ALL
    SELECT bericht.bericht_id
    FROM hub.bericht
    INNER JOIN bron.crm_aanvraag ON bericht.dossier_id = crm_aanvraag.aanvraag_id
    INNER JOIN te_wissen ON crm_aanvraag.dossier_id = te_wissen.dossier_id
),

weg_voorinvulling AS (
    DELETE FROM hub.voorinvulling USING bericht
    WHERE voorinvulling.bericht_id = bericht.bericht_id
),

weg_poging AS (
    DELETE FROM hub.poging USING bericht
    WHERE poging.bericht_id = bericht.bericht_id
),

weg_bericht AS (
    DELETE FROM hub.bericht AS weg USING bericht
    WHERE weg.bericht_id = bericht.bericht_id
),

weg_aanmelding AS (
    DELETE FROM bron.crm_aanmelding USING te_wissen
    WHERE crm_aanmelding.dossier_id = te_wissen.dossier_id
),

weg_aanvraag AS (
    DELETE FROM bron.crm_aanvraag USING te_wissen
    WHERE crm_aanvraag.dossier_id = te_wissen.dossier_id
)

DELETE FROM bron.crm_dossier USING te_wissen
WHERE crm_dossier.dossier_id = te_wissen.dossier_id;

-- name: crm_dossier
WITH te_wissen AS (
    SELECT crm_dossier.dossier_id
    FROM bron.crm_dossier
    WHERE
        crm_dossier.verwijderd_op < now() - make_interval(days => :dagen)
        AND (
            num_nonnulls(
                crm_dossier.straat,
                crm_dossier.huisnummer,
                crm_dossier.busnummer,
                crm_dossier.consulent
            ) > 0
            OR crm_dossier.voorinvulling <> '{}'
            OR EXISTS (
                SELECT 1 FROM hub.dossier_woning
                WHERE dossier_woning.dossier_id = crm_dossier.dossier_id
            )
            OR EXISTS (
                SELECT 1 FROM hub.beslissing
                WHERE beslissing.dossier_id = crm_dossier.dossier_id
            )
            OR EXISTS (
                SELECT 1 FROM bron.crm_gegeven
                WHERE crm_gegeven.dossier_id = crm_dossier.dossier_id
            )
            OR EXISTS (
                SELECT 1 FROM bron.crm_stap
                WHERE crm_stap.dossier_id = crm_dossier.dossier_id
            )
            OR EXISTS (
                SELECT 1 FROM bron.crm_aanvraag
                WHERE
                    crm_aanvraag.dossier_id = crm_dossier.dossier_id
                    AND crm_aanvraag.regeling IS NOT NULL
            )
        )
    ORDER BY crm_dossier.verwijderd_op
    LIMIT :aantal
    FOR UPDATE SKIP LOCKED
),

weg_woning AS (
    DELETE FROM hub.dossier_woning USING te_wissen
    WHERE dossier_woning.dossier_id = te_wissen.dossier_id
),

weg_beslissing AS (
    DELETE FROM hub.beslissing USING te_wissen
    WHERE beslissing.dossier_id = te_wissen.dossier_id
),

weg_gegeven AS (
    DELETE FROM bron.crm_gegeven USING te_wissen
    WHERE crm_gegeven.dossier_id = te_wissen.dossier_id
),

weg_stap AS (
    DELETE FROM bron.crm_stap USING te_wissen
    WHERE crm_stap.dossier_id = te_wissen.dossier_id
),

leeg_aanvraag AS (
    UPDATE bron.crm_aanvraag SET regeling = NULL
    FROM te_wissen
    WHERE crm_aanvraag.dossier_id = te_wissen.dossier_id
)

UPDATE bron.crm_dossier SET
    straat = NULL,
    huisnummer = NULL,
    busnummer = NULL,
    consulent = NULL,
    voorinvulling = '{}'
FROM te_wissen
WHERE crm_dossier.dossier_id = te_wissen.dossier_id;

-- name: partner_voortgang
-- Documents go with their event.
DELETE FROM bron.partner_voortgang
WHERE (partner_voortgang.partner, partner_voortgang.voortgang_id) IN (
    SELECT
        oud.partner,
        oud.voortgang_id
    FROM bron.partner_voortgang AS oud
    INNER JOIN bron.crm_dossier ON oud.dossier_id = crm_dossier.dossier_id
    WHERE crm_dossier.verwijderd_op < now() - make_interval(days => :dagen)
    ORDER BY crm_dossier.verwijderd_op
    LIMIT :aantal
);

-- name: crm_profiel
-- The age is asked twice: a row that landed again meanwhile stays.
DELETE FROM bron.crm_profiel
WHERE
    crm_profiel.verwijderd_op < now() - make_interval(days => :dagen)
    AND crm_profiel.profiel_id IN (
        SELECT oud.profiel_id
        FROM bron.crm_profiel AS oud
        WHERE oud.verwijderd_op < now() - make_interval(days => :dagen)
        ORDER BY oud.verwijderd_op
        LIMIT :aantal
    );

-- name: crm_vraag
DELETE FROM bron.crm_vraag
WHERE
    crm_vraag.verwijderd_op < now() - make_interval(days => :dagen)
    AND crm_vraag.vraag_id IN (
        SELECT oud.vraag_id
        FROM bron.crm_vraag AS oud
        WHERE oud.verwijderd_op < now() - make_interval(days => :dagen)
        ORDER BY oud.verwijderd_op
        LIMIT :aantal
    );

-- name: crm_toestemming
DELETE FROM bron.crm_toestemming
WHERE
    crm_toestemming.verwijderd_op < now() - make_interval(days => :dagen)
    AND crm_toestemming.toestemming_id IN (
        SELECT oud.toestemming_id
        FROM bron.crm_toestemming AS oud
        WHERE oud.verwijderd_op < now() - make_interval(days => :dagen)
        ORDER BY oud.verwijderd_op
        LIMIT :aantal
    );

-- name: woning
-- Of a chain of successions the first goes first. A dwelling that a dossier takes at this moment is
-- held by it, and passed over.
WITH te_wissen AS (
    SELECT woning.woning_id
    FROM hub.woning
    WHERE
        woning.aangemaakt_op < now() - make_interval(days => :dagen)
        AND NOT EXISTS (
            SELECT 1 FROM hub.dossier_woning
            WHERE dossier_woning.woning_id = woning.woning_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.bronstand
            WHERE
                bronstand.woning_id = woning.woning_id
                AND bronstand.gevraagd_op >= now() - make_interval(days => :dagen)
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.woning_opvolging
            WHERE woning_opvolging.opvolger_woning_id = woning.woning_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.woning_opvolging
            INNER JOIN hub.dossier_woning
                ON woning_opvolging.opvolger_woning_id = dossier_woning.woning_id
            WHERE woning_opvolging.woning_id = woning.woning_id
        )
    ORDER BY woning.aangemaakt_op
    LIMIT :aantal
    FOR UPDATE SKIP LOCKED
),

weg_gegeven AS (
    DELETE FROM hub.gegeven USING te_wissen
    WHERE gegeven.woning_id = te_wissen.woning_id
),

weg_bronstand AS (
    DELETE FROM hub.bronstand USING te_wissen
    WHERE bronstand.woning_id = te_wissen.woning_id
),

weg_opvolging AS (
    DELETE FROM hub.woning_opvolging USING te_wissen
    WHERE woning_opvolging.woning_id = te_wissen.woning_id
)

DELETE FROM hub.woning USING te_wissen
WHERE woning.woning_id = te_wissen.woning_id;

-- name: gegeven
DELETE FROM hub.gegeven
WHERE gegeven.gegeven_id IN (
    SELECT oud.gegeven_id
    FROM hub.gegeven AS oud
    WHERE oud.vervangen_op < now() - make_interval(days => :dagen)
    ORDER BY oud.vervangen_op
    LIMIT :aantal
);

-- name: epc
DELETE FROM bron.epc
WHERE epc.attestnummer IN (
    SELECT oud.attestnummer
    FROM bron.epc AS oud
    WHERE
        oud.opgehaald_op < now() - make_interval(days => :dagen)
        AND NOT EXISTS (
            SELECT 1 FROM hub.woning
            WHERE woning.gebouweenheid_id = any(oud.gebouweenheid_ids)
        )
        AND NOT EXISTS (
            SELECT 1 FROM hub.woning
            WHERE woning.adres_id = oud.adres_id
        )
    ORDER BY oud.opgehaald_op
    LIMIT :aantal
);

-- name: inbox
DELETE FROM hub.inbox
WHERE inbox.inbox_id IN (
    SELECT oud.inbox_id
    FROM hub.inbox AS oud
    WHERE oud.verwerkt_op < now() - make_interval(days => :dagen)
    ORDER BY oud.verwerkt_op
    LIMIT :aantal
);

-- name: batch
DELETE FROM hub.batch
WHERE batch.batch_id IN (
    SELECT oud.batch_id
    FROM hub.batch AS oud
    WHERE
        oud.beeindigd_op < now() - make_interval(days => :dagen)
        AND NOT EXISTS (
            SELECT 1 FROM hub.inbox
            WHERE inbox.batch_id = oud.batch_id
        )
    ORDER BY oud.beeindigd_op
    LIMIT :aantal
);

-- name: quarantaine
DELETE FROM hub.quarantaine
WHERE quarantaine.quarantaine_id IN (
    SELECT oud.quarantaine_id
    FROM hub.quarantaine AS oud
    WHERE oud.opgelost_op < now() - make_interval(days => :dagen)
    ORDER BY oud.opgelost_op
    LIMIT :aantal
);

-- name: regelmeting
DELETE FROM hub.regelmeting
WHERE regelmeting.meting_id IN (
    SELECT oud.meting_id
    FROM hub.regelmeting AS oud
    WHERE oud.gemeten_op < now() - make_interval(days => :dagen)
    ORDER BY oud.gemeten_op
    LIMIT :aantal
);

-- name: incident
DELETE FROM hub.incident
WHERE incident.incident_id IN (
    SELECT oud.incident_id
    FROM hub.incident AS oud
    WHERE oud.opgelost_op < now() - make_interval(days => :dagen)
    ORDER BY oud.opgelost_op
    LIMIT :aantal
);

-- name: toegangslog
-- One row per segment that was dropped: whole months, the oldest first. The function asks the term
-- itself, and leaves a segment that somebody reads.
SELECT voorbij.maand
FROM (
    SELECT toegangslog_segment.maand
    FROM hub.toegangslog_segment
    WHERE
        toegangslog_segment.verwijderd_op IS NULL
        AND toegangslog_segment.maand + interval '1 month' + make_interval(days => :dagen) < now()
    ORDER BY toegangslog_segment.maand
    LIMIT :aantal
) AS voorbij
WHERE hub.drop_toegangslog(voorbij.maand, :dagen);

-- name: bronweigering
DELETE FROM hub.bronweigering
WHERE
    bronweigering.laatst_gezien_op < now() - make_interval(days => :dagen)
    AND (
        bronweigering.dossier_id, bronweigering.bron, bronweigering.doel, bronweigering.reden
    ) IN (
        SELECT
            oud.dossier_id,
            oud.bron,
            oud.doel,
            oud.reden
        FROM hub.bronweigering AS oud
        WHERE oud.laatst_gezien_op < now() - make_interval(days => :dagen)
        ORDER BY oud.laatst_gezien_op
        LIMIT :aantal
    );

-- name: eenheid_wijziging
DELETE FROM bron.eenheid_wijziging
WHERE eenheid_wijziging.gebeurtenis IN (
    SELECT oud.gebeurtenis
    FROM bron.eenheid_wijziging AS oud
    WHERE oud.gebeurd_op < now() - make_interval(days => :dagen)
    ORDER BY oud.gebeurd_op
    LIMIT :aantal
);

-- name: lading
DELETE FROM rapportage.lading
WHERE lading.lading_id IN (
    SELECT oud.lading_id
    FROM rapportage.lading AS oud
    WHERE oud.geladen_op < now() - make_interval(days => :dagen)
    ORDER BY oud.geladen_op
    LIMIT :aantal
);

-- name: wissing
-- Its steps go with it.
DELETE FROM hub.wissing
WHERE wissing.wissing_id IN (
    SELECT oud.wissing_id
    FROM hub.wissing AS oud
    WHERE oud.klaar_op < now() - make_interval(days => :dagen)
    ORDER BY oud.klaar_op
    LIMIT :aantal
);

-- name: gewist
DELETE FROM hub.gewist
WHERE gewist.pseudoniem IN (
    SELECT oud.pseudoniem
    FROM hub.gewist AS oud
    WHERE oud.crm_verwijderd_op < now() - make_interval(days => :dagen)
    ORDER BY oud.crm_verwijderd_op
    LIMIT :aantal
);

-- name: left
-- Two questions, so that the oldest is the first of an index.
SELECT
    (
        SELECT min(bewaarmoment.moment)
        FROM hub.bewaarmoment
        WHERE bewaarmoment.soort = :soort
    ) AS oudste,
    (
        SELECT count(*)
        FROM hub.bewaarmoment
        WHERE
            bewaarmoment.soort = :soort
            AND bewaarmoment.moment < now() - make_interval(days => :dagen)
    ) AS over_termijn;

-- name: note_left
UPDATE hub.opruiming SET
    oudste = :oudste,
    over_termijn = :over_termijn,
    bijgewerkt_op = now()
WHERE opruiming.naam = :naam AND opruiming.soort = :soort;

-- name: note
-- Told in the transaction that removed: a run that was killed told what it did.
INSERT INTO hub.opruiming (naam, soort, wijze, termijn_dagen, aantal)
VALUES (:naam, :soort, :wijze, :dagen, :aantal)
ON CONFLICT (naam, soort) DO UPDATE SET
    aantal = opruiming.aantal + excluded.aantal,
    bijgewerkt_op = now();
