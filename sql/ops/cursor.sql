-- Where a source was read up to.

-- name: get
SELECT
    link,
    volledig_sinds
FROM hub.cursor
WHERE bron = :bron AND soort = :soort;

-- name: start_full
INSERT INTO hub.cursor (bron, soort, link, volledig_sinds)
VALUES (:bron, :soort, NULL, now())
ON CONFLICT (bron, soort) DO UPDATE SET
    link = NULL,
    volledig_sinds = now(),
    bijgewerkt_op = now();

-- name: move
UPDATE hub.cursor SET
    link = :link,
    volledig_sinds = CASE WHEN :volledig_klaar THEN NULL ELSE volledig_sinds END,
    bijgewerkt_op = now()
WHERE bron = :bron AND soort = :soort AND link IS NOT DISTINCT FROM :vorige_link;
