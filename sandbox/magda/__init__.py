"""MAGDA: GeefEpc and the three DOSIS services, strict, with exceptions at all three levels."""
