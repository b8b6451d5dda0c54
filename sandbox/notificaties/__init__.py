"""Notificaties v2 of Mijn Burgerprofiel: bundles come in, and reach the residents they name."""
