"""MAGDA: GeefEpc and the two DOSIS services, strict, with exceptions at all three levels."""
