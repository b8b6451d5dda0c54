-- The access log in segments of a calendar month (UTC), each a chain of its own over whole batches,
-- so that retention can drop a segment and the rest still proves itself; and the right to ask a
-- source, with what was refused. The hashes are told in docs/access_log.md.

CREATE TEMPORARY TABLE oud ON COMMIT DROP AS
SELECT
    toegangslog.volgnummer,
    toegangslog.correlatie_id,
    toegangslog.gelogd_op,
    toegangslog.dossier_id,
    toegangslog.bron,
    toegangslog.operatie,
    toegangslog.object,
    toegangslog.doel,
    toegangslog.rechtsgrond,
    toegangslog.hoedanigheid,
    toegangslog.namens,
    max(cast(date_trunc('month', toegangslog.gelogd_op AT TIME ZONE 'UTC') AS date))
        OVER (ORDER BY toegangslog.volgnummer)
    AS maand
FROM hub.toegangslog;
DROP TABLE hub.toegangslog;

CREATE TABLE hub.toegangslog (
    maand date NOT NULL,
    volgnummer bigint NOT NULL,
    correlatie_id uuid NOT NULL,
    gelogd_op timestamptz NOT NULL,
    dossier_id uuid NOT NULL,
    bron text NOT NULL,
    operatie text NOT NULL,
    object text NOT NULL,
    doel text NOT NULL,
    rechtsgrond text NOT NULL,
    hoedanigheid text NOT NULL,
    namens text NOT NULL,
    rij_hash bytea NOT NULL,
    keten_hash bytea,
    PRIMARY KEY (maand, volgnummer),
    UNIQUE (maand, correlatie_id)
) PARTITION BY LIST (maand);
CREATE INDEX toegangslog_dossier ON hub.toegangslog (dossier_id);
COMMENT ON COLUMN hub.toegangslog.maand IS 'First day of the month (UTC): the segment.';
COMMENT ON COLUMN hub.toegangslog.keten_hash IS
'On the last row of a batch only: covers the batch before it and every row of this one.';

-- The closing record of a segment; it stays when the rows of the segment are dropped.
CREATE TABLE hub.toegangslog_segment (
    maand date PRIMARY KEY,
    vorige_hash bytea NOT NULL,
    eerste bigint NOT NULL,
    laatste bigint NOT NULL,
    aantal bigint NOT NULL,
    keten_hash bytea NOT NULL,
    slot_hash bytea NOT NULL,
    gesloten_op timestamptz NOT NULL DEFAULT now(),
    verwijderd_op timestamptz
);
COMMENT ON COLUMN hub.toegangslog_segment.vorige_hash IS
'The slot_hash of the segment before it; 32 zero bytes for the first.';

-- Rights and triggers: a right can be given back by its owner, a trigger also stops the owner.
REVOKE UPDATE, DELETE, TRUNCATE ON hub.toegangslog, hub.toegangslog_segment FROM current_user;
GRANT UPDATE (verwijderd_op) ON hub.toegangslog_segment TO current_user;

CREATE FUNCTION hub.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION
        '%.% wordt alleen aangevuld: % is geweigerd. Er is niets gewijzigd. Zie docs/access_log.md.',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER toegangslog_vast BEFORE UPDATE OR DELETE ON hub.toegangslog
FOR EACH ROW EXECUTE FUNCTION hub.refuse_change();
CREATE TRIGGER toegangslog_vol BEFORE TRUNCATE ON hub.toegangslog
FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse_change();
CREATE TRIGGER segment_vast BEFORE DELETE ON hub.toegangslog_segment
FOR EACH ROW EXECUTE FUNCTION hub.refuse_change();
CREATE TRIGGER segment_vol BEFORE TRUNCATE ON hub.toegangslog_segment
FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse_change();
CREATE FUNCTION hub.keep_segment() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF
        OLD.verwijderd_op IS NULL
        AND to_jsonb(OLD) - 'verwijderd_op' = to_jsonb(NEW) - 'verwijderd_op'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION
        'Het slot van segment % ligt vast. Er is niets gewijzigd. Zie docs/access_log.md.',
        OLD.maand
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER segment_gesloten BEFORE UPDATE ON hub.toegangslog_segment
FOR EACH ROW EXECUTE FUNCTION hub.keep_segment();

CREATE FUNCTION hub.toegangslog_genesis(maand date, vorige_hash bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN sha256(
    convert_to('renovatiehub toegangslog ' || to_char(maand, 'YYYY-MM') || ' ', 'UTF8')
    || vorige_hash
);

-- A table per segment. The name is made of a date and nothing else.
CREATE FUNCTION hub.make_toegangslog_segment(maand date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tabel text := to_char(maand, '"toegangslog_"YYYY_MM');
BEGIN
    IF to_regclass('hub.' || tabel) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Attached, not made in place: attaching lets readers of the log go on.
    EXECUTE format('CREATE TABLE hub.%I (LIKE hub.toegangslog INCLUDING DEFAULTS)', tabel);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON hub.%I FROM CURRENT_USER', tabel);
    EXECUTE format(
        'CREATE TRIGGER toegangslog_vol BEFORE TRUNCATE ON hub.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse_change()', tabel
    );
    EXECUTE format(
        'ALTER TABLE hub.toegangslog ATTACH PARTITION hub.%I FOR VALUES IN (%L)', tabel, maand
    );
END
$$;

CREATE FUNCTION hub.write_toegangslog_slot(van_maand date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.toegangslog_segment
    (maand, vorige_hash, eerste, laatste, aantal, keten_hash, slot_hash)
    SELECT
        van_maand,
        coalesce(vorig.slot_hash, decode(repeat('00', 32), 'hex')),
        geteld.eerste,
        geteld.laatste,
        geteld.aantal,
        staart.keten_hash,
        sha256(
            convert_to(
                format(
                    'renovatiehub toegangslog slot %s %s %s %s ',
                    to_char(van_maand, 'YYYY-MM'), geteld.eerste, geteld.laatste, geteld.aantal
                ),
                'UTF8'
            )
            || staart.keten_hash
        )
    FROM (
        SELECT min(volgnummer) AS eerste, max(volgnummer) AS laatste, count(*) AS aantal
        FROM hub.toegangslog WHERE maand = van_maand
    ) AS geteld
    CROSS JOIN LATERAL (
        SELECT coalesce(rij.keten_hash, rij.rij_hash) AS keten_hash
        FROM hub.toegangslog AS rij
        WHERE rij.maand = van_maand AND rij.volgnummer = geteld.laatste
    ) AS staart
    LEFT JOIN LATERAL (
        SELECT segment.slot_hash FROM hub.toegangslog_segment AS segment
        ORDER BY segment.maand DESC LIMIT 1
    ) AS vorig ON TRUE;
END
$$;

-- Close the open segment when its month is over; returns that month, else nothing.
CREATE FUNCTION hub.close_toegangslog() RETURNS date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gesloten date;
    te_sluiten date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('hub.toegangslog', 0));
    SELECT max(segment.maand) INTO gesloten FROM hub.toegangslog_segment AS segment;
    SELECT max(rij.maand) INTO te_sluiten
    FROM hub.toegangslog AS rij
    WHERE
        rij.maand > coalesce(gesloten, '-infinity')
        AND rij.maand < date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
    IF te_sluiten IS NOT NULL THEN
        PERFORM hub.write_toegangslog_slot(te_sluiten);
    END IF;
    RETURN te_sluiten;
END
$$;

-- Begin a batch: from here to the end of the transaction nobody else appends. Gives the segment,
-- the number and hash that the batch follows, and its time, which never goes back.
CREATE FUNCTION hub.open_toegangslog(
    OUT maand date, OUT volgnummer bigint, OUT vorige_hash bytea, OUT gelogd_op timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    deze_maand date;
    slot hub.toegangslog_segment;
    staart hub.toegangslog;
BEGIN
    PERFORM hub.close_toegangslog();
    gelogd_op := clock_timestamp();
    deze_maand := date_trunc('month', gelogd_op AT TIME ZONE 'UTC');
    SELECT * INTO slot FROM hub.toegangslog_segment AS segment
    ORDER BY segment.maand DESC LIMIT 1;
    SELECT * INTO staart FROM hub.toegangslog AS rij
    WHERE rij.maand > coalesce(slot.maand, '-infinity')
    ORDER BY rij.maand DESC, rij.volgnummer DESC LIMIT 1;
    IF staart.maand IS NOT NULL THEN
        maand := staart.maand;
        volgnummer := staart.volgnummer;
        vorige_hash := coalesce(staart.keten_hash, staart.rij_hash);
        gelogd_op := greatest(gelogd_op, staart.gelogd_op);
    ELSE
        -- A clock that went back must not open a month that was closed.
        maand := greatest(deze_maand, cast(slot.maand + interval '1 month' AS date));
        volgnummer := coalesce(slot.laatste, 0);
        vorige_hash := hub.toegangslog_genesis(
            maand, coalesce(slot.slot_hash, decode(repeat('00', 32), 'hex'))
        );
        gelogd_op := greatest(gelogd_op, cast(maand AS timestamp) AT TIME ZONE 'UTC');
        PERFORM hub.make_toegangslog_segment(maand);
    END IF;
END
$$;

-- Drop the rows of a closed segment whose term (days, a year at least) is over, the oldest first;
-- false when somebody reads them now: the next night.
CREATE FUNCTION hub.drop_toegangslog(van_maand date, dagen integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $$
BEGIN
    IF dagen < 365 OR van_maand + interval '1 month' + make_interval(days => dagen) > now() THEN
        RAISE EXCEPTION
            'Toegangslog van %: de termijn is niet voorbij of korter dan een jaar. Er is niets '
            'verwijderd. Kijk hub/config/bewaring.yml na.', to_char(van_maand, 'YYYY-MM')
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM hub.toegangslog_segment AS segment
        WHERE segment.maand = van_maand AND segment.verwijderd_op IS NULL
    ) OR EXISTS (
        SELECT 1 FROM hub.toegangslog_segment AS segment
        WHERE segment.maand < van_maand AND segment.verwijderd_op IS NULL
    ) THEN
        RETURN FALSE;
    END IF;
    EXECUTE format('DROP TABLE hub.%I', to_char(van_maand, '"toegangslog_"YYYY_MM'));
    UPDATE hub.toegangslog_segment SET verwijderd_op = now() WHERE maand = van_maand;
    RETURN TRUE;
EXCEPTION
    WHEN lock_not_available THEN
        RETURN FALSE;
END
$$;

-- What was logged before segments goes over as it was found: one batch per month.
DO $$
DECLARE
    deze date;
    vorige date;
BEGIN
    FOR deze IN SELECT DISTINCT oud.maand FROM oud ORDER BY oud.maand LOOP
        IF vorige IS NOT NULL THEN
            PERFORM hub.write_toegangslog_slot(vorige);
        END IF;
        PERFORM hub.make_toegangslog_segment(deze);
        WITH gehasht AS (
            SELECT
                oud.*,
                sha256(convert_to(concat(
                    '[', oud.volgnummer, ',',
                    to_json(to_char(
                        oud.gelogd_op AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                    )), ',',
                    to_json(oud.correlatie_id), ',', to_json(oud.dossier_id), ',',
                    to_json(oud.bron), ',', to_json(oud.operatie), ',', to_json(oud.object), ',',
                    to_json(oud.doel), ',', to_json(oud.rechtsgrond), ',',
                    to_json(oud.hoedanigheid), ',', to_json(oud.namens), ']'
                ), 'UTF8')) AS rij_hash
            FROM oud
            WHERE oud.maand = deze
        ),

        batch AS (
            SELECT
                max(gehasht.volgnummer) AS laatste,
                sha256(
                    hub.toegangslog_genesis(deze, coalesce(
                        (SELECT slot_hash FROM hub.toegangslog_segment ORDER BY maand DESC LIMIT 1),
                        decode(repeat('00', 32), 'hex')
                    )) || string_agg(gehasht.rij_hash, ''::bytea ORDER BY gehasht.volgnummer)
                ) AS keten_hash
            FROM gehasht
        )

        INSERT INTO hub.toegangslog (
            maand, volgnummer, correlatie_id, gelogd_op, dossier_id, bron, operatie, object, doel,
            rechtsgrond, hoedanigheid, namens, rij_hash, keten_hash
        )
        SELECT
            gehasht.maand, gehasht.volgnummer, gehasht.correlatie_id, gehasht.gelogd_op,
            gehasht.dossier_id, gehasht.bron, gehasht.operatie, gehasht.object, gehasht.doel,
            gehasht.rechtsgrond, gehasht.hoedanigheid, gehasht.namens, gehasht.rij_hash,
            CASE WHEN gehasht.volgnummer = batch.laatste THEN batch.keten_hash END
        FROM gehasht
        CROSS JOIN batch;
        vorige := deze;
    END LOOP;
END
$$;

-- What was not asked because the hub has no right to; closed when it may be asked.
CREATE TABLE hub.bronweigering (
    dossier_id uuid NOT NULL,
    bron text NOT NULL,
    doel text NOT NULL,
    reden text NOT NULL CHECK (reden IN (
        'bron_niet_voor_doel', 'dossier_onbekend', 'dossier_verwijderd', 'dossier_afgesloten',
        'startakkoord_ingetrokken', 'geen_startakkoord', 'geen_aanmelding'
    )),
    sinds timestamptz NOT NULL DEFAULT now(),
    laatst_gezien_op timestamptz NOT NULL DEFAULT now(),
    opgelost_op timestamptz,
    PRIMARY KEY (dossier_id, bron, doel, reden)
);

-- An extract and an export are acts too: about a person, a dwelling, a dossier or a segment.
ALTER TABLE hub.handeling
ALTER COLUMN bestemming DROP NOT NULL,
ADD COLUMN onderwerp text,
DROP CONSTRAINT handeling_soort_check,
DROP CONSTRAINT handeling_check,
ADD CONSTRAINT handeling_soort_check CHECK (soort IN (
    'opnieuw', 'bevestig', 'opzij', 'bewaar', 'kanaal_stop', 'kanaal_open', 'kanaal_nu',
    'uittreksel', 'uitvoer'
)),
ADD CONSTRAINT handeling_check CHECK (
    CASE
        WHEN soort IN ('uittreksel', 'uitvoer')
            THEN onderwerp IS NOT NULL AND num_nonnulls(bericht_id, bestemming) = 0
        ELSE
            onderwerp IS NULL
            AND bestemming IS NOT NULL
            AND (bericht_id IS NULL) = (soort IN ('kanaal_stop', 'kanaal_open', 'kanaal_nu'))
    END
);

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA hub FROM public;
GRANT EXECUTE ON FUNCTION hub.open_toegangslog() TO hub_enrich;
GRANT EXECUTE ON FUNCTION hub.close_toegangslog(), hub.drop_toegangslog(date, integer)
TO hub_opruiming;

GRANT INSERT ON hub.toegangslog TO hub_enrich;
GRANT SELECT, INSERT, UPDATE ON hub.bronweigering TO hub_enrich;
GRANT SELECT ON hub.toegangslog, hub.toegangslog_segment, hub.bronweigering TO hub_lezer;
GRANT SELECT (maand, verwijderd_op) ON hub.toegangslog_segment TO hub_opruiming;
GRANT SELECT (dossier_id, bron, doel, reden, laatst_gezien_op), DELETE
ON hub.bronweigering TO hub_opruiming;

-- inzage: reads the log for a citizen or a dwelling and writes down that it did
GRANT USAGE ON SCHEMA bron, hub TO hub_inzage;
GRANT SELECT ON hub.toegangslog, hub.toegangslog_segment TO hub_inzage;
GRANT SELECT (dossier_id, woning_id) ON hub.dossier_woning TO hub_inzage;
GRANT SELECT (woning_id, gebouweenheid_id, adres_id) ON hub.woning TO hub_inzage;
GRANT SELECT (dossier_id, dossiernummer, profiel_id) ON bron.crm_dossier TO hub_inzage;
GRANT INSERT ON hub.handeling TO hub_inzage;
