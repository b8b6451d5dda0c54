-- What a source takes: one budget per host for all tasks and workers. Places and, where the source
-- counts per minute, requests are taken in blocks for a while: a dead worker's come back by itself.
CREATE TABLE hub.bronbudget (
    host text PRIMARY KEY,
    grens integer NOT NULL CHECK (grens > 0),
    hoogstens integer NOT NULL CHECK (hoogstens >= grens),
    bekend boolean NOT NULL,
    gelukt bigint NOT NULL DEFAULT 0,
    gepauzeerd_tot timestamptz,
    verlaagd_op timestamptz,
    proef_van text,
    proef_tot timestamptz,
    proef_na timestamptz,
    proef_pauze double precision NOT NULL DEFAULT 0 CHECK (proef_pauze >= 0)
);
COMMENT ON COLUMN hub.bronbudget.grens IS
'How many requests may be under way now, all workers together: given, or learned so far.';
COMMENT ON COLUMN hub.bronbudget.hoogstens IS
'Never more than this: the limit of the source where it is known, else our own bound.';
COMMENT ON COLUMN hub.bronbudget.gelukt IS
'Requests answered since the source last found them too many.';
COMMENT ON COLUMN hub.bronbudget.proef_van IS
'The worker that may try one request more than the limit, until proef_tot.';
COMMENT ON COLUMN hub.bronbudget.proef_pauze IS
'Seconds between two tries; grows with every one that was refused.';

CREATE TABLE hub.bronbudget_houder (
    host text NOT NULL REFERENCES hub.bronbudget,
    houder text NOT NULL,
    plaatsen integer NOT NULL CHECK (plaatsen >= 0),
    gewenst integer NOT NULL CHECK (gewenst >= 0),
    geldig_tot timestamptz NOT NULL,
    PRIMARY KEY (host, houder)
);

CREATE TABLE hub.bronbudget_minuut (
    host text NOT NULL REFERENCES hub.bronbudget,
    houder text NOT NULL,
    volgnummer integer NOT NULL,
    aantal integer NOT NULL CHECK (aantal > 0),
    geldig_tot timestamptz NOT NULL,
    PRIMARY KEY (host, houder, volgnummer)
);
COMMENT ON TABLE hub.bronbudget_minuut IS
'Requests that a worker may send, or sent, until geldig_tot: they count for a minute after it.';

GRANT SELECT, INSERT, UPDATE ON hub.bronbudget TO hub_enrich, hub_pull;
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.bronbudget_houder, hub.bronbudget_minuut
TO hub_enrich, hub_pull;
GRANT SELECT ON hub.bronbudget, hub.bronbudget_houder, hub.bronbudget_minuut TO hub_lezer;
