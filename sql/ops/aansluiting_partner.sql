-- The ledger against what a partner of the aanmelding contract holds. The list is fetched within
-- this transaction: what the ledger settled before it began (now()) must be in it.

-- name: create
CREATE TEMPORARY TABLE bij_partner (
    referentie text NOT NULL,
    idempotency_key text NOT NULL,
    ingetrokken boolean NOT NULL
) ON COMMIT DROP;

-- name: copy
COPY bij_partner (referentie, idempotency_key, ingetrokken) FROM STDIN;

-- name: compare
INSERT INTO verschil (soort, onderwerp, tekst, voorstel)
WITH aanmelding AS (
    SELECT
        bericht.bericht_id,
        bericht.sleutel,
        substr(bericht.sleutel, length('aanmelding:') + 1) AS referentie,
        bericht.stand,
        bericht.beeindigd_op
    FROM hub.bericht
    WHERE bericht.bestemming = :partner AND bericht.soort = 'aanmelding'
),

intrekking AS (
    SELECT
        substr(bericht.sleutel, length('intrekking:') + 1) AS referentie,
        bericht.stand,
        bericht.ontvangst,
        bericht.beeindigd_op
    FROM hub.bericht
    WHERE bericht.bestemming = :partner AND bericht.soort = 'intrekking'
)

SELECT
    'aanmelding_ontbreekt' AS soort,
    :partner || ' aanmelding ' || aanmelding.referentie AS onderwerp,
    'De hub heeft de bevestiging van deze aanmelding, en ' || :partner || ' heeft ze niet.'
        AS tekst,
    'Vraag ' || :partner || ' waar ze gebleven is. Is ze er verloren, maak dan in het CRM een '
    || 'nieuwe aanmelding in hetzelfde dossier: die vertrekt vanzelf.' AS voorstel
FROM aanmelding
LEFT JOIN bij_partner ON aanmelding.referentie = bij_partner.referentie
LEFT JOIN intrekking ON aanmelding.referentie = intrekking.referentie
WHERE
    aanmelding.stand = 'bevestigd'
    AND aanmelding.beeindigd_op < now()
    AND bij_partner.referentie IS NULL
    AND intrekking.referentie IS NULL
UNION ALL
SELECT
    'aanmelding_elders_ingetrokken' AS soort,
    :partner || ' aanmelding ' || aanmelding.referentie AS onderwerp,
    :partner || ' noemt deze aanmelding ingetrokken, en de hub trok ze niet in.' AS tekst,
    'Vraag ' || :partner || ' wie ze introk. Wil de bewoner het advies nog, maak dan in het CRM '
    || 'een nieuwe aanmelding in hetzelfde dossier.' AS voorstel
FROM aanmelding
INNER JOIN bij_partner ON aanmelding.referentie = bij_partner.referentie
LEFT JOIN intrekking ON aanmelding.referentie = intrekking.referentie
WHERE
    aanmelding.stand = 'bevestigd'
    AND bij_partner.ingetrokken
    AND intrekking.referentie IS NULL
UNION ALL
SELECT
    'aanmelding_onbekend' AS soort,
    :partner || ' aanmelding ' || bij_partner.referentie AS onderwerp,
    :partner || ' heeft een aanmelding die de hub nooit opschreef.' AS tekst,
    'Vraag ' || :partner || ' van wie ze komt. Hoort ze er niet, laat ' || :partner
    || ' ze dan verwijderen.' AS voorstel
FROM bij_partner
LEFT JOIN aanmelding ON bij_partner.referentie = aanmelding.referentie
WHERE aanmelding.referentie IS NULL
UNION ALL
SELECT
    'aanmelding_niet_verwijderd' AS soort,
    :partner || ' aanmelding ' || intrekking.referentie AS onderwerp,
    'De toestemming is ingetrokken en ' || :partner || ' antwoordde dat de aanmelding verwijderd '
    || 'is, maar heeft ze nog.' AS tekst,
    'Vraag ' || :partner || ' om ze te verwijderen, of om de wettelijke plicht te noemen waarom '
    || 'ze bewaard moet worden.' AS voorstel
FROM intrekking
INNER JOIN bij_partner ON intrekking.referentie = bij_partner.referentie
WHERE
    intrekking.stand = 'bevestigd'
    AND intrekking.ontvangst LIKE 'verwijderd%'
    AND intrekking.beeindigd_op < now()
UNION ALL
SELECT
    'aanmelding_toch_aangekomen' AS soort,
    :partner || ' aanmelding ' || aanmelding.referentie AS onderwerp,
    'Bericht ' || aanmelding.bericht_id::text || ' staat op ' || aanmelding.stand || ', maar '
    || :partner || ' heeft de aanmelding.' AS tekst,
    'Stuur het bericht opnieuw (bericht opnieuw): ' || :partner
    || ' herkent het, en de hub bevestigt het.' AS voorstel
FROM aanmelding
INNER JOIN bij_partner
    ON
        aanmelding.referentie = bij_partner.referentie
        AND aanmelding.sleutel = bij_partner.idempotency_key
WHERE aanmelding.stand IN ('opgegeven', 'in_twijfel')
UNION ALL
SELECT
    'aanmelding_onterecht' AS soort,
    :partner || ' aanmelding ' || aanmelding.referentie AS onderwerp,
    'Bericht ' || aanmelding.bericht_id::text || ' is ' || aanmelding.stand || ' en vertrok dus '
    || 'niet, maar ' || :partner || ' heeft de aanmelding.' AS tekst,
    'Vraag ' || :partner || ' om ze te verwijderen, en zoek uit hoe ze daar kwam.' AS voorstel
FROM aanmelding
INNER JOIN bij_partner ON aanmelding.referentie = bij_partner.referentie
LEFT JOIN intrekking ON aanmelding.referentie = intrekking.referentie
WHERE
    aanmelding.stand IN ('ingetrokken', 'overgeslagen')
    AND intrekking.referentie IS NULL;
