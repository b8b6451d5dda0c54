"""Addresses, buildings, units and parcels of Basisregisters Vlaanderen; what changes there."""
