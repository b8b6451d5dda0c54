"""IGO, the partner for renovatiebegeleiding and, as energiehuis, for the energielening."""
