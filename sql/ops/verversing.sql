-- Dossiers whose sources can have something new to say ring the inbox by themselves.

-- name: ring
-- A source that did not answer, or may not be asked, is not here: the first comes back with the
-- next run anyway, the second when its dossier changes.
INSERT INTO hub.inbox (bron, soort, object_id, versie)
SELECT
    'hub' AS bron,
    'dossier' AS soort,
    verouderd.dossier_id::text AS object_id,
    'verouderd sinds ' || max(verouderd.sinds) AS versie
FROM (
    SELECT
        dossier_woning.dossier_id,
        bronstand.opnieuw_na AS sinds
    FROM hub.bronstand
    INNER JOIN hub.dossier_woning ON bronstand.woning_id = dossier_woning.woning_id
    WHERE
        bronstand.opnieuw_na <= now()
        AND bronstand.uitkomst NOT IN ('opnieuw', 'geen_recht')
    UNION ALL
    SELECT
        dossier_woning.dossier_id,
        dossier_woning.gezocht_op + make_interval(days => :geldig_dagen) AS sinds
    FROM hub.dossier_woning
    WHERE
        dossier_woning.uitkomst = 'gevonden'
        AND dossier_woning.gezocht_op < now() - make_interval(days => :geldig_dagen)
) AS verouderd
INNER JOIN bron.crm_dossier ON verouderd.dossier_id = crm_dossier.dossier_id
WHERE
    crm_dossier.start_akkoord
    AND crm_dossier.status <> 'afgesloten'
    AND crm_dossier.verwijderd_op IS NULL
GROUP BY verouderd.dossier_id
ORDER BY min(verouderd.sinds)
LIMIT :aantal
ON CONFLICT (bron, soort, object_id, versie) DO NOTHING;
