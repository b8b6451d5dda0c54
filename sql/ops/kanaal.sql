-- The destinations that follow from the table of partners.

-- name: declare
-- What a destination can do follows from its channel; what an operator set (its pace, whether it is
-- stopped) stays. A partner that left the table keeps its row: its messages still name it.
INSERT INTO hub.kanaal AS bekend
(
    bestemming, kan_ontdubbelen, kan_bevraagd_worden, bevestigt_later, max_gelijktijdig,
    verwerking_seconden
)
VALUES
(:bestemming, TRUE, TRUE, :bevestigt_later, :max_gelijktijdig, :verwerking_seconden)
ON CONFLICT (bestemming) DO UPDATE SET
    bevestigt_later = excluded.bevestigt_later,
    max_gelijktijdig = excluded.max_gelijktijdig,
    verwerking_seconden = excluded.verwerking_seconden
WHERE bekend.bevestigt_later <> excluded.bevestigt_later;

-- name: declare_notificaties
-- What the city found out, in hub/config/melding.yml.
UPDATE hub.kanaal SET kan_ontdubbelen = :ontdubbelt
WHERE kanaal.bestemming = 'notificaties' AND kanaal.kan_ontdubbelen <> :ontdubbelt;
