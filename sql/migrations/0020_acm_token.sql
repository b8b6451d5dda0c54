-- Tokens of a sign-on service, shared by all workers that sign on as one client.
CREATE TABLE hub.token (
    naam text PRIMARY KEY,
    waarde bytea,
    sleutel_id text,
    vers_tot timestamptz,
    geldig_tot timestamptz,
    vernieuwing_tot timestamptz,
    CHECK (num_nulls(waarde, sleutel_id, vers_tot, geldig_tot) IN (0, 4))
);
COMMENT ON COLUMN hub.token.naam IS
'Audience, client and scopes: identifiers, no secret.';
COMMENT ON COLUMN hub.token.waarde IS
'The token, sealed under sleutel_id. One that does not open is fetched anew.';
COMMENT ON COLUMN hub.token.vers_tot IS
'From then on somebody renews it; the others use it until geldig_tot.';
COMMENT ON COLUMN hub.token.vernieuwing_tot IS
'A worker is renewing it, and counts as dead after this.';

GRANT SELECT, INSERT, UPDATE ON hub.token TO hub_push, hub_aansluiting;
GRANT SELECT (naam, vers_tot, geldig_tot, vernieuwing_tot) ON hub.token TO hub_lezer;

-- The owner's code lists as they were read last; what is not in them is not sent.
CREATE TABLE hub.codelijst (
    codetype text NOT NULL,
    taal text NOT NULL,
    code text NOT NULL,
    tekst text NOT NULL,
    opgehaald_op timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (codetype, taal, code)
);
COMMENT ON COLUMN hub.codelijst.codetype IS
'The name of the list at the owner (hub/config/codelijst.yml).';

GRANT SELECT, INSERT, UPDATE, DELETE ON hub.codelijst TO hub_push;
GRANT SELECT ON hub.codelijst TO hub_lezer;
