"""Basisregisters Vlaanderen v2: adresmatch, adressen and gebouweenheden of the city."""
