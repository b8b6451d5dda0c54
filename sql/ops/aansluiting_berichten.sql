-- The ledger looked at by itself: what lies too long. What waits for a person has its incident from
-- the moment it does.

-- name: compare
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH blijft_liggen AS (
    -- Behind a stopped channel everything waits: that is told once, by the channel.
    SELECT
        bericht.bestemming,
        bericht.stand,
        count(*) AS aantal
    FROM hub.bericht
    INNER JOIN hub.kanaal ON bericht.bestemming = kanaal.bestemming
    WHERE
        kanaal.gestopt_op IS NULL
        AND (
            (
                bericht.stand = 'onderweg'
                AND bericht.lease_tot < now() - make_interval(hours => :lease_uren)
            )
            OR (
                bericht.stand = 'klaar'
                AND bericht.aangemaakt_op < now() - make_interval(hours => :wacht_uren)
            )
            OR (
                bericht.stand = 'aangenomen'
                AND bericht.eerst_verzonden_op < now() - make_interval(hours => :ontvangst_uren)
            )
        )
    GROUP BY bericht.bestemming, bericht.stand
)

SELECT
    'berichten_blijven_liggen' AS soort,
    blijft_liggen.bestemming || ' ' || blijft_liggen.stand AS onderwerp,
    blijft_liggen.aantal::text || CASE blijft_liggen.stand
        WHEN 'onderweg'
            THEN
                ' bericht(en) zijn onderweg, en al meer dan ' || :lease_uren || ' uur werkt er '
                || 'niemand meer aan.'
        WHEN 'klaar' THEN ' bericht(en) wachten al meer dan ' || :wacht_uren || ' uur.'
        ELSE
            ' bericht(en) zijn aangenomen en meer dan ' || :ontvangst_uren || ' uur later nog '
            || 'niet bevestigd.'
    END AS tekst,
    CASE blijft_liggen.stand
        WHEN 'aangenomen'
            THEN 'Kijk of push_berichten loopt en of zijn taak collect slaagt.'
        ELSE
            'Kijk of push_berichten loopt, en of een ouder bericht van hetzelfde dossier op een '
            || 'mens wacht (draaiboek push_berichten, What holds back a dossier).'
    END AS voorstel
FROM blijft_liggen
UNION ALL
SELECT
    'kanaal_gestopt' AS soort,
    kanaal.bestemming AS onderwerp,
    coalesce(kanaal.stopreden, 'zonder reden') AS tekst,
    'Herstel de toegang en open het kanaal (draaiboek push_berichten, A stopped channel). Tot dan '
    || 'wachten de berichten; geen enkel gaat verloren.' AS voorstel
FROM hub.kanaal
WHERE kanaal.gestopt_op IS NOT NULL;

-- name: channels
SELECT bestemming
FROM hub.kanaal
ORDER BY bestemming;

-- name: count_open
SELECT count(*) AS aantal
FROM hub.bericht
WHERE stand IN ('klaar', 'onderweg', 'aangenomen', 'opgegeven', 'in_twijfel');
