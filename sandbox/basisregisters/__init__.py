"""Basisregisters Vlaanderen: adresmatch, lists and details (v2), and change feeds (v3)."""
