-- A message moves between states only along these roads, whoever moves it: a worker, an operator's
-- statement, a mistake.
CREATE FUNCTION hub.check_overgang() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.stand, NEW.stand) IN (
        ('klaar', 'onderweg'),
        ('klaar', 'ingetrokken'),
        ('klaar', 'overgeslagen'),
        ('onderweg', 'klaar'),
        ('onderweg', 'aangenomen'),
        ('onderweg', 'bevestigd'),
        ('onderweg', 'opgegeven'),
        ('onderweg', 'in_twijfel'),
        ('onderweg', 'ingetrokken'),
        ('onderweg', 'overgeslagen'),
        ('aangenomen', 'bevestigd'),
        ('aangenomen', 'opgegeven'),
        ('aangenomen', 'in_twijfel'),
        ('aangenomen', 'overgeslagen'),
        ('in_twijfel', 'klaar'),
        ('in_twijfel', 'bevestigd'),
        ('in_twijfel', 'overgeslagen'),
        ('opgegeven', 'klaar'),
        ('opgegeven', 'overgeslagen')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION
        'Bericht % kan niet van % naar %. Er is niets gewijzigd. Zie docs/delivery_guarantees.md.',
        OLD.bericht_id, OLD.stand, NEW.stand
        USING ERRCODE = 'check_violation';
END
$$;

CREATE TRIGGER bericht_overgang
BEFORE UPDATE OF stand ON hub.bericht
FOR EACH ROW
WHEN (old.stand IS DISTINCT FROM new.stand)
EXECUTE FUNCTION hub.check_overgang();
