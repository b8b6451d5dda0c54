"""Addresses and building units of Basisregisters Vlaanderen (REST, version 2)."""
