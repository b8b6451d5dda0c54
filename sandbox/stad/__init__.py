"""The deterministic city: pure functions of (seed, i) that every simulator reads.

The dwellings (streets, buildings, units, EPCs) depend on i alone, so that two seeds in one sandbox
share one city and an address is never there twice; the residents in them depend on (seed, i).
"""
