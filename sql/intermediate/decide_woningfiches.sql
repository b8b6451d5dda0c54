-- The woningfiches of the dossiers of a batch.

-- name: dossiers
-- Dossiers whose dwelling is known, and whether an earlier fiche could not be made.
SELECT
    crm_dossier.dossier_id,
    crm_dossier.dossiernummer,
    dossier_woning.woning_id,
    exists(
        SELECT 1 FROM hub.incident
        WHERE
            incident.soort = 'woningfiche_mislukt'
            AND incident.onderwerp = crm_dossier.dossiernummer
            AND incident.opgelost_op IS NULL
    ) AS mislukt
FROM hub.batch_dossier
INNER JOIN bron.crm_dossier ON batch_dossier.dossier_id = crm_dossier.dossier_id
INNER JOIN hub.dossier_woning ON batch_dossier.dossier_id = dossier_woning.dossier_id
WHERE
    batch_dossier.batch_id = :batch_id
    AND batch_dossier.uitkomst IS NULL
    AND dossier_woning.woning_id IS NOT NULL
ORDER BY crm_dossier.dossier_id;

-- name: last
SELECT DISTINCT ON (woningfiche.dossier_id)
    woningfiche.dossier_id,
    woningfiche.volgnummer,
    woningfiche.inhoud_hash
FROM hub.woningfiche
WHERE woningfiche.dossier_id = any(cast(:dossier_ids AS uuid[]))
ORDER BY woningfiche.dossier_id, woningfiche.volgnummer DESC;

-- name: copy
COPY hub.woningfiche (dossier_id, volgnummer, inhoud_hash, bericht_id) FROM STDIN;

-- name: supersede
-- A newer fiche takes the place of an older one that still waits and was never sent.
UPDATE hub.bericht SET
    stand = 'overgeslagen',
    reden = 'een nieuwere woningfiche neemt de plaats in',
    beeindigd_op = now()
WHERE
    bericht.bestemming = 'crm'
    AND bericht.soort = 'woningfiche'
    AND bericht.stand = 'klaar'
    AND bericht.pogingen = 0
    AND EXISTS (
        SELECT 1 FROM hub.bericht AS nieuwer
        WHERE
            nieuwer.bestemming = 'crm'
            AND nieuwer.soort = 'woningfiche'
            AND nieuwer.dossier_id = bericht.dossier_id
            AND nieuwer.volgorde > bericht.volgorde
            AND nieuwer.stand = 'klaar'
    );

-- name: woning_of
-- The dwelling of a dossier, by the number people use.
SELECT
    crm_dossier.dossiernummer,
    dossier_woning.woning_id,
    dossier_woning.uitkomst
FROM bron.crm_dossier
LEFT JOIN hub.dossier_woning ON crm_dossier.dossier_id = dossier_woning.dossier_id
WHERE crm_dossier.dossiernummer = :dossiernummer AND crm_dossier.verwijderd_op IS NULL;
