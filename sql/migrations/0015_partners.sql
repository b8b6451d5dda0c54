-- IGO is a destination. The other rows of the table of partners (hub/config/partners.yml) come with
-- ops/kanaal.sql: what a destination can do follows from its channel.
INSERT INTO hub.kanaal
(bestemming, kan_ontdubbelen, kan_bevraagd_worden, bevestigt_later, max_gelijktijdig)
VALUES
('igo', TRUE, TRUE, FALSE, 8);
