-- Tokens of a sign-on service: read often, renewed by one worker at a time.

-- name: read
SELECT
    token.waarde,
    token.sleutel_id,
    extract(EPOCH FROM token.geldig_tot - now())::double precision AS seconden,
    extract(EPOCH FROM token.vers_tot - now())::double precision AS vers
FROM hub.token
WHERE token.naam = :naam AND token.geldig_tot > now();

-- name: claim
INSERT INTO hub.token (naam, vernieuwing_tot)
VALUES (:naam, now() + make_interval(secs => :seconden))
ON CONFLICT (naam) DO UPDATE SET
    vernieuwing_tot = excluded.vernieuwing_tot
WHERE coalesce(token.vernieuwing_tot <= now(), TRUE);

-- name: keep
INSERT INTO hub.token (naam, waarde, sleutel_id, geldig_tot, vers_tot)
VALUES (
    :naam,
    :waarde,
    :sleutel_id,
    now() + make_interval(secs => :seconden),
    now() + make_interval(secs => :vers)
)
ON CONFLICT (naam) DO UPDATE SET
    waarde = excluded.waarde,
    sleutel_id = excluded.sleutel_id,
    geldig_tot = excluded.geldig_tot,
    vers_tot = excluded.vers_tot,
    vernieuwing_tot = NULL;

-- name: release
UPDATE hub.token SET vernieuwing_tot = NULL
WHERE token.naam = :naam;
